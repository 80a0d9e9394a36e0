"""A story in several languages, in a newsroom on disk: who is behind, and what is kept of it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.sweeping import sweep
from tamizdat.article import ArticleId
from tamizdat.errors import ConfigError
from tamizdat.story import Story
from tests.kit.newsdesk import Office, office, written
from tests.kit.seeker import hits, needles, tree

MIRA = 1
TEXT = written("<p>It sailed at noon.</p><p>Nobody saw it.</p>", authors=("A. Heron",))  # type: ignore[arg-type]
LATER = replace(TEXT, text="<p>It sailed at one.</p><p>Nobody saw it.</p>")
FARSI = replace(TEXT, text="<p>کشتی ظهر رفت.</p>", title="کشتی", language="fa")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path / "room", ("en", "fa", "ru")) as made:
        yield made


async def both(house: Office) -> tuple[Story, Story]:
    """A story, and its translation."""
    first = await house.desk.save(None, TEXT, MIRA)
    begun = await house.desk.translate(first.card.id, "fa", MIRA)
    return first, await house.desk.save(begun.card.id, FARSI, MIRA)


async def behind(house: Office, article: ArticleId) -> list[str]:
    """The languages whose text is behind its original."""
    return [one.language for one in await house.desk.tongues(article) if one.then is not None]


async def test_a_translation_begins_with_the_original_and_says_whose_it_is(house: Office) -> None:
    first = await house.desk.save(None, TEXT, MIRA)

    begun = await house.desk.translate(first.card.id, "fa", MIRA)
    again = await house.desk.translate(first.card.id, "fa", MIRA)
    third = await house.desk.translate(begun.card.id, "ru", MIRA)

    assert (begun.card.language, begun.html) == ("fa", first.html)
    assert again.card.id == begun.card.id
    for article in (first.card.id, begun.card.id, third.card.id):
        there = await house.desk.tongues(article)
        assert there[0].article == first.card.id
        assert [one.is_original for one in there] == [True, False, False]
        assert {one.language for one in there} == {"en", "fa", "ru"}


async def test_only_a_change_of_the_original_leaves_a_translation_behind(house: Office) -> None:
    first, other = await both(house)
    before = await behind(house, first.card.id)

    await house.desk.save(first.card.id, LATER, MIRA)
    there = {one.language: one for one in await house.desk.tongues(other.card.id)}

    assert before == []
    assert there["fa"].then is not None
    assert there["fa"].now is not None
    assert there["fa"].then.paragraphs[0] == "It sailed at noon."
    assert there["fa"].now.paragraphs[0] == "It sailed at one."
    assert there["en"].then is None


async def test_a_translator_says_when_it_says_the_same_again(house: Office) -> None:
    first, other = await both(house)
    await house.desk.save(first.card.id, LATER, MIRA)
    seen = (await house.desk.tongues(other.card.id))[1].content
    await house.desk.save(other.card.id, replace(FARSI, title="کشتی رفت"), MIRA)
    half_way = await behind(house, first.card.id)

    await house.desk.agree(other.card.id, seen)

    assert half_way == ["fa"]  # typing alone does not take the reminder away
    assert await behind(house, first.card.id) == []


async def test_what_changed_once_more_is_looked_at_again(house: Office) -> None:
    first, other = await both(house)
    seen = (await house.desk.tongues(other.card.id))[1].content
    await house.desk.save(first.card.id, LATER, MIRA)

    with pytest.raises(ConfigError, match="changed once more"):
        await house.desk.agree(other.card.id, seen)


async def test_it_stays_known_over_release_correction_and_sweep(house: Office) -> None:
    first, other = await both(house)
    await house.desk.release(first.card.id)
    await house.desk.release(other.card.id)
    await house.publish()
    await house.desk.save(first.card.id, replace(LATER, correction="It was one"), MIRA)
    await sweep(house.room)

    assert await behind(house, first.card.id) == ["fa"]


async def test_a_byline_alone_leaves_nobody_behind(house: Office) -> None:
    first, _ = await both(house)

    await house.desk.save(first.card.id, replace(TEXT, authors=("B. Finch",)), MIRA)

    assert await behind(house, first.card.id) == []


async def test_a_byline_that_goes_everywhere_goes_here_too(house: Office) -> None:
    text = replace(TEXT, authors=("Wilhelmina Quast",))
    first = await house.desk.save(None, text, MIRA)
    begun = await house.desk.translate(first.card.id, "fa", MIRA)
    assert begun.authors == ("Wilhelmina Quast",)

    await house.desk.switch("Wilhelmina Quast")
    await sweep(house.room)

    planted = needles("Wilhelmina Quast")
    assert [hit for hit in hits(tree(house.room.folder), planted) if "/blobs/" in hit] == []


@pytest.mark.parametrize("which", [0, 1])
async def test_what_is_withdrawn_leaves_nothing_in_the_other(which: int, house: Office) -> None:
    stories = await both(house)
    await house.desk.save(stories[0].card.id, LATER, MIRA)
    for story in stories:
        await house.desk.release(story.card.id)
    await house.publish()

    noon = needles("sailed at noon")
    assert hits(tree(house.room.folder / "state" / "blobs"), noon)
    await house.desk.withdraw(stories[which].card.id, MIRA)
    await house.publish()
    await sweep(house.room)

    assert await house.room.ledgers.translations.all() == []
    (left,) = await house.desk.tongues(stories[1 - which].card.id)
    assert left.is_original
    assert hits(tree(house.room.folder / "state" / "blobs"), noon) == []


async def test_what_is_discarded_is_forgotten(house: Office) -> None:
    first, other = await both(house)

    await house.desk.discard(other.card.id)
    await sweep(house.room)

    assert [one.language for one in await house.desk.tongues(first.card.id)] == ["en"]
    assert await house.room.ledgers.translations.all() == []


async def test_a_language_that_the_paper_lacks_is_refused(house: Office) -> None:
    first = await house.desk.save(None, TEXT, MIRA)

    with pytest.raises(ConfigError, match="no language sv"):
        await house.desk.translate(first.card.id, "sv", MIRA)


async def test_what_translates_nothing_agrees_with_nothing(house: Office) -> None:
    first = await house.desk.save(None, TEXT, MIRA)
    seen = (await house.desk.tongues(first.card.id))[0].content

    with pytest.raises(ConfigError, match="translates nothing"):
        await house.desk.agree(first.card.id, seen)
