"""The newsdesk on a real newsroom: from first words to three mirrors, and off them again."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from feeds.incoming import Incoming
from service.founding import MIRRORS
from service.stories.importing import Fate, bring_in
from tamizdat.article import ArticleId
from tamizdat.errors import ConfigError, LedgerError, SourceError
from tamizdat.state import StoryState
from tests.kit.newsdesk import Office, office, written
from tests.kit.seeker import hits, needles, tree

MIRA, OTO = 1, 2
NOBODY = ArticleId("aaaaaaaaaaaaa")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path / "room") as made:
        yield made


async def test_a_story_goes_from_first_words_to_three_mirrors(house: Office) -> None:
    first = await house.desk.save(None, written("<p>It sailed at noon.</p>"))
    assert (first.card.state, first.path, house.wakes) == (StoryState.WRITING, None, [])

    out = await house.desk.release(first.card.id)
    await house.publish()
    arrival = await house.desk.arrival(out.card.id)

    assert (out.card.state, out.card.revision) == (StoryState.OUT, 1)
    assert all("It sailed at noon." in page for page in house.pages(out.path))
    assert len(house.wakes) == 1
    assert arrival == house.told[-1]
    assert [leg.done for leg in arrival.legs] == [1, 1, 3]
    assert [name for name, seconds in arrival.places if seconds is not None] == list(MIRRORS)


async def test_nothing_of_a_draft_leaves_the_blobs(house: Office) -> None:
    await house.out(written("<p>Out.</p>"))
    text = written("<p>The grey heron.</p>", "A headline", summary="In short", section="Courts")

    await house.desk.save(None, replace(text, authors=("Wilhelmina Quast",)))
    await house.publish()
    planted = needles("The grey heron", "A headline", "In short", "Courts", "Wilhelmina Quast")

    assert {hit.split("/")[1] for hit in hits(tree(house.room.folder), planted)} == {"blobs"}


async def test_what_a_browser_pastes_is_cleaned_and_named(house: Office) -> None:
    pasted = (
        "<style>p{}</style><div class='x' style='color:red' onclick='go()'><p>Told.</p></div>"
        "<script>one()</script><script>two()</script><iframe src='https://f.example/a'></iframe>"
        "<img src='https://t.example/p.gif' width=1 height=1>"
        "<img src='https://far.example/a.jpg' alt='A quay'><a href='javascript:x()'>go</a>"
        "<a href='https://n.example/?utm_source=x&a=1'>on</a>"
    )

    story = await house.desk.save(None, written(pasted))

    assert story.removed == (
        "style",
        "script (2 times)",
        "iframe: https://f.example/a",
        "tracker: https://t.example/p.gif",
        "picture: https://far.example/a.jpg",
        "link: javascript:x()",
    )
    assert "[A quay]" in story.html
    assert "https://n.example/?a=1" in story.html
    for gone in ("utm_", "style", "onclick", "far.example", "t.example", "script"):
        assert gone not in story.html
    again = await house.desk.story(story.card.id)
    assert again == story


async def test_markdown_is_read_as_such(house: Office) -> None:
    text = replace(written("It *sailed*.\n\n- one\n- two\n"), form="markdown")

    story = await house.desk.save(None, text)

    assert "<em>sailed</em>" in story.html
    assert "<li>one</li>" in story.html


async def test_persian_letters_joiners_and_direction_survive(house: Office) -> None:
    text = "<p>می‌روند به <bdi>Tamizdat 4</bdi></p><p dir=ltr>It sailed.</p>"

    out = await house.out(written(text, "کتاب‌ها", language="fa"))
    again = await house.desk.save(out.card.id, written(out.html, out.card.title, language="fa"))
    await house.publish()

    assert "می‌روند" in out.html
    assert 'dir="ltr"' in out.html
    assert (again.html, again.card) == (out.html, out.card)
    assert out.path
    assert out.path.startswith("fa/")
    assert all("کتاب‌ها" in page and "می‌روند" in page for page in house.pages(out.path))


async def test_a_correction_keeps_id_address_language_and_section(house: Office) -> None:
    first = await house.out(written("<p>In 1998.</p>", section="Courts"))
    change = written("<p>In 1989.</p>", language="fa", section="Other")

    draft = await house.desk.save(first.card.id, change)
    await house.publish()
    before = house.pages(first.path)
    made = await house.desk.release(first.card.id, "  The year\nwas wrong ")
    await house.publish()

    assert (draft.card.state, draft.card.revision) == (StoryState.CORRECTING, 2)
    assert all("In 1998." in page for page in before)
    assert (made.path, made.card.language, made.section) == (first.path, "en", "Courts")
    assert (made.card.revision, made.correction) == (2, "The year was wrong")
    for page in house.pages(first.path):
        assert "In 1989." in page
        assert "The year was wrong" in page


async def test_saving_and_releasing_what_is_out_changes_nothing(house: Office) -> None:
    text = written("<h1>The ferry</h1><h3>Why</h3><p>a<br>b</p>", summary="In short")
    out = await house.out(replace(text, authors=("A. Writer",)))
    same = replace(text, text=out.html, authors=out.authors, summary=out.summary)

    again = await house.desk.save(out.card.id, same)

    assert again == out
    assert not await house.is_drafted(out.card.id)
    with pytest.raises(ConfigError, match="nothing would change"):
        await house.desk.release(out.card.id)
    assert await house.desk.story(out.card.id) == out


async def test_a_draft_that_says_the_same_again_is_not_written_again(house: Office) -> None:
    draft = await house.desk.save(None, written("<p>One.</p>"))
    kept = await house.room.ledgers.drafts.get(draft.card.id)

    again = await house.desk.save(draft.card.id, written("<p>One.</p>"))

    assert again == draft
    assert await house.room.ledgers.drafts.get(draft.card.id) == kept


async def test_a_summary_taken_from_the_text_follows_the_text(house: Office) -> None:
    draft = await house.desk.save(None, written("<p>It <b>sail</b>ed.</p>"))
    follows = await house.desk.save(
        draft.card.id, written("<p>It sank.</p>", summary=draft.summary)
    )
    told = await house.desk.save(draft.card.id, written("<p>It rose.</p>", summary="In short"))
    stays = await house.desk.save(draft.card.id, written("<p>It fell.</p>", summary="In short"))

    assert [one.summary for one in (draft, follows, told, stays)] == [
        "It sailed.",
        "It sank.",
        "In short",
        "In short",
    ]


@dataclass(frozen=True)
class Stopped:
    """A clock that stands."""

    at: datetime

    def now(self) -> datetime:
        return self.at


async def test_a_story_is_dated_when_it_goes_out(house: Office) -> None:
    begun = house.room.clock.now()
    later = Office(replace(house.room, clock=Stopped(begun + timedelta(days=40))))
    last = Office(replace(house.room, clock=Stopped(begun + timedelta(days=41))))
    draft = await house.desk.save(None, written("<p>x</p>"))

    out = await later.desk.release(draft.card.id)
    await last.desk.save(draft.card.id, written("<p>y</p>"))
    made = await last.desk.release(draft.card.id)

    (record,) = (await house.room.ledgers.articles.find([draft.card.id])).values()
    assert record.published == out.card.at == begun + timedelta(days=40)
    assert (made.path, made.card.at) == (out.path, begun + timedelta(days=41))


async def test_a_draft_may_still_change_its_language_and_section(house: Office) -> None:
    draft = await house.desk.save(None, written("<p>x</p>", section="Courts"))

    turned = await house.desk.save(draft.card.id, written("<p>x</p>", language="FA"))
    moved = await house.desk.save(draft.card.id, written("<p>x</p>", language="", section="Sea"))

    assert (turned.card.language, turned.section) == ("fa", "Courts")
    assert (moved.card.language, moved.section) == ("fa", "Sea")


async def test_a_draft_is_dropped_and_what_is_out_stays(house: Office) -> None:
    out = await house.out(written("<p>Out.</p>"))
    await house.publish()
    await house.desk.save(out.card.id, written("<p>The grey heron.</p>"))

    await house.desk.discard(out.card.id)
    await house.desk.discard(out.card.id)
    await house.publish()

    assert await house.desk.story(out.card.id) == out
    assert hits(tree(house.room.folder), needles("The grey heron")) == []


async def test_the_first_draft_of_all_leaves_nothing_where_it_is_dropped(house: Office) -> None:
    draft = await house.desk.save(None, written("<p>The grey heron.</p>"))

    await house.desk.discard(draft.card.id)
    with pytest.raises(LedgerError, match="neither articles nor an edition"):
        await house.publish()

    assert await house.desk.story(draft.card.id) is None
    assert hits(tree(house.room.folder), needles("The grey heron")) == []


async def test_a_withdrawn_story_is_gone_everywhere(house: Office) -> None:
    out = await house.out(written("<p>The grey heron.</p>", "A headline"))
    await house.publish()
    await house.desk.save(out.card.id, written("<p>The grey heron, again.</p>"))
    woken = len(house.wakes)

    waits = await house.desk.withdraw(out.card.id, MIRA)
    again = await house.desk.withdraw(out.card.id, MIRA)
    await house.publish()
    story = await house.desk.story(out.card.id)
    arrival = await house.desk.arrival(out.card.id)

    assert (waits, again, len(house.wakes)) == (None, None, woken + 2)
    assert hits(tree(house.room.folder), needles("The grey heron", "A headline")) == []
    assert story
    assert (story.card.state, story.card.title, story.html) == (StoryState.WITHDRAWN, "", "")
    assert await house.desk.cards() == []
    assert arrival
    assert [leg.name for leg in arrival.legs] == [
        "taken back",
        "built and signed",
        "gone from mirrors",
    ]
    assert [leg.done for leg in arrival.legs] == [1, 1, 3]


async def test_a_withdrawn_story_cannot_be_written_again(house: Office) -> None:
    out = await house.out(written("<p>x</p>"))
    await house.desk.withdraw(out.card.id, MIRA)

    with pytest.raises(ConfigError, match="was withdrawn"):
        await house.desk.save(out.card.id, written("<p>y</p>"))
    with pytest.raises(ConfigError, match="was withdrawn"):
        await house.desk.release(out.card.id)


async def test_a_fourth_withdrawal_within_the_hour_waits_for_a_second_person(
    house: Office,
) -> None:
    stories = [await house.out(written(f"<p>Text {n}.</p>")) for n in range(4)]
    ids = [story.card.id for story in stories]

    alone = [await house.desk.withdraw(one, MIRA) for one in ids]
    waiting = await house.desk.story(ids[3])
    second = await house.desk.withdraw(ids[3], OTO)

    assert alone[:3] == [None, None, None]
    assert alone[3]
    assert "second person" in alone[3]
    assert "--person" not in alone[3]
    assert waiting == stories[3]
    assert second is None


async def test_a_draft_is_taken_back_without_a_trace(house: Office) -> None:
    draft = await house.desk.save(None, written("<p>x</p>"))

    assert await house.desk.withdraw(draft.card.id, MIRA) is None

    assert await house.desk.story(draft.card.id) is None
    assert await house.desk.arrival(draft.card.id) is None


async def test_what_nobody_knows_is_refused_in_one_line(house: Office) -> None:
    with pytest.raises(ConfigError, match="no such story"):
        await house.desk.save(NOBODY, written("<p>x</p>"))
    with pytest.raises(ConfigError, match="no such story"):
        await house.desk.release(NOBODY)
    with pytest.raises(ConfigError, match="no such story"):
        await house.desk.withdraw(NOBODY, MIRA)
    with pytest.raises(SourceError, match="language"):
        await house.desk.save(None, written("<p>x</p>", language="englisch"))
    with pytest.raises(SourceError, match="neither title nor text"):
        await house.desk.save(None, written("<p></p>", ""))
    with pytest.raises(SourceError, match="million characters"):
        await house.desk.save(None, written("x" * (32 * 1024**2 + 1)))
    assert await house.desk.story(NOBODY) is None
    assert await house.desk.cards() == []


async def test_what_an_editor_changed_is_not_undone_by_the_same_source(house: Office) -> None:
    source = Incoming(kind="wire", key="1", title="The ferry", html="<p>Wilhelmina saw it.</p>")
    found = await bring_in(house.room, iter([source]), release=False)
    (article,) = found.fates[Fate.NEW]

    await house.desk.save(article, written("<p>A clerk saw it.</p>"))
    out = await house.desk.release(article)
    again = await bring_in(house.room, iter([source]), release=True)

    assert again.fates[Fate.UNCHANGED] == [article]
    assert await house.desk.story(article) == out
    assert "A clerk" in out.html
