"""Four eyes and clocks on a real newsroom: what goes out, and what does not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.incoming import Incoming
from service.running.timekeeper import AGAIN
from service.stories.correcting import Change, correct_in
from service.stories.drafting import release_drafts
from service.stories.importing import bring_in
from service.stories.withdrawing import withdraw
from service.sweeping import sweep
from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.errors import BlobMissingError, ConfigError
from tamizdat.moves import Approve, Ask, Hold, Move, Release, SendBack, SetClock, StopClock
from tamizdat.progress import Why
from tamizdat.state import StoryState
from tamizdat.story import Story
from tests.kit.eyes import HOUR, MIRA, OTO, PIA, START, Eyes, again, eyes
from tests.kit.newsdesk import written
from tests.kit.seeker import hits, needles, tree

TEXT = written("<p>The ferry sailed at noon.</p>", "The ferry")
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Eyes]:
    async with eyes(tmp_path / "room") as made:
        yield made


async def out(house: Eyes) -> list[ArticleId]:
    return [record.id for record in await house.room.ledgers.articles.texts()]


async def test_a_second_person_sends_it_out_and_nobody_else_can(house: Eyes) -> None:
    article = await house.asked(TEXT)

    with pytest.raises(ConfigError, match="needs 1 approval, has 0"):
        await house.desk.release(article, person=MIRA)
    with pytest.raises(ConfigError, match="last changed by you"):
        await house.approve(article, MIRA)
    with pytest.raises(ConfigError, match="you may not approve"):
        await house.approve(article, 9)
    with pytest.raises(ConfigError, match="needs 1 approval"):
        await release_drafts(house.room, [article])
    assert await out(house) == []
    story = await house.approve(article)
    await house.publish()

    assert story.card.state is StoryState.OUT
    assert all("sailed at noon" in page for page in house.pages(story.path))
    assert house.told[0].id == article


async def test_a_byline_that_was_switched_makes_no_author_a_second_person(house: Eyes) -> None:
    article = await house.asked(replace(TEXT, authors=("M. Holm",)))

    await house.desk.switch("M. Holm", "A. Grey", OTO)
    await house.desk.switch("M. Holm", "A. Grey", MIRA)
    await house.desk.move(article, Ask(person=MIRA))
    with pytest.raises(ConfigError, match="last changed by you"):
        await house.approve(article, MIRA)

    assert await out(house) == []
    assert (await house.approve(article)).authors == ("A. Grey",)


async def test_an_edit_after_approval_asks_anew(house: Eyes) -> None:
    article = await house.asked(TEXT, due=START + HOUR)
    await house.approve(article)

    story = await house.desk.save(article, replace(TEXT, title="The ferries"), OTO)
    house.clock.on(hours=2)
    await house.turn()

    assert story.card.state is StoryState.WRITING
    assert story.card.progress.approvals == ()
    assert await out(house) == []


async def test_an_approval_of_what_was_read_before_an_edit_is_refused(house: Eyes) -> None:
    article = await house.asked(TEXT)
    read = await house.desk.compared(article)
    assert read
    await house.desk.save(article, replace(TEXT, summary="Short"), MIRA)
    await house.desk.move(article, Ask(person=MIRA))

    with pytest.raises(ConfigError, match="changed since you read it"):
        await house.desk.move(article, Approve(person=OTO, content=read.content))

    assert await out(house) == []


async def test_an_approver_sees_what_changed_since_it_was_asked_for(house: Eyes) -> None:
    article = await house.asked(TEXT)
    await house.desk.move(article, SendBack(person=OTO))
    edited = written("<p>The ferry sailed at one.</p><p>It was late.</p>", "The ferry")
    await house.desk.save(article, edited, PIA)
    await house.desk.move(article, Ask(person=PIA))
    await sweep(house.room)

    compared = await house.desk.compared(article)

    assert compared
    assert compared.before
    assert compared.since == "asked"
    assert compared.before.paragraphs == ("The ferry sailed at noon.",)
    assert compared.now.paragraphs == ("The ferry sailed at one.", "It was late.")


async def test_a_correction_is_compared_with_what_is_out_and_needs_approval_too(
    house: Eyes,
) -> None:
    article = await house.asked(TEXT)
    await house.approve(article)
    change = replace(TEXT, title="The ferries", correction="There were two")

    draft = await house.desk.save(article, change, MIRA)
    await house.desk.move(article, Ask(person=MIRA))
    compared = await house.desk.compared(article)
    made = await house.approve(article, PIA)

    assert draft.card.state is StoryState.CORRECTING
    assert compared
    assert compared.before
    assert (compared.since, compared.before.title) == ("out", "The ferry")
    assert compared.now.correction == "There were two"
    assert (made.card.revision, made.correction) == (2, "There were two")


async def test_the_line_for_readers_is_part_of_what_is_approved(house: Eyes) -> None:
    article = await house.asked(TEXT)
    await house.approve(article)
    await house.desk.save(article, replace(TEXT, title="Ferries"), MIRA)
    await house.desk.move(article, Ask(person=MIRA))

    with pytest.raises(ConfigError, match="needs 1 approval"):
        await house.desk.release(article, "Another line", person=MIRA)

    assert (await house.progress(article)).state is StoryState.CORRECTING


async def test_a_correction_at_the_console_waits_as_a_draft(house: Eyes) -> None:
    article = await house.asked(TEXT)
    await house.approve(article)
    change = Change(file=None, title=None, replace=("noon=one",), reason="The time was wrong")

    await correct_in(house.room, article, change)

    assert (await house.progress(article)).state is StoryState.CORRECTING
    record = (await house.room.ledgers.articles.find([article]))[article]
    assert record.revision == 1


async def test_an_import_does_not_go_past_approvals(house: Eyes) -> None:
    source = [Incoming(kind="test", key="1", title="The ferry", html="<p>It sailed.</p>")]

    with pytest.raises(ConfigError, match="without --release"):
        await bring_in(house.room, source, release=True)
    await bring_in(house.room, source, release=False)
    (card,) = await house.desk.cards()

    with pytest.raises(ConfigError, match="needs 1 approval"):
        await release_drafts(house.room, None)
    await house.desk.move(card.id, Ask(person=MIRA))
    await house.approve(card.id)
    assert await out(house) == [card.id]


async def test_a_clock_goes_out_at_its_time_and_not_before(house: Eyes) -> None:
    article = await house.asked(TEXT, due=START + HOUR)
    story = await house.approve(article)

    house.clock.on(minutes=59)
    await house.turn()
    early = await out(house)
    house.clock.on(minutes=1)
    await house.turn()

    assert story.card.state is StoryState.CLOCK
    assert early == []
    assert await out(house) == [article]
    assert house.moved == [None]


async def test_a_stopped_clock_publishes_nothing(house: Eyes) -> None:
    article = await house.asked(TEXT, due=START + HOUR)
    await house.approve(article)

    story = await house.desk.move(article, StopClock(person=MIRA))
    house.clock.on(hours=2)
    await house.turn()

    assert (story.card.state, story.card.progress.due) == (StoryState.WRITING, None)
    assert await out(house) == []


async def test_a_clock_that_struck_while_nothing_ran_goes_out_within_grace(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "room"
    async with eyes(folder) as house:
        article = await house.asked(TEXT, due=START + HOUR)
        await house.approve(article)

    async with again(folder, START + HOUR + 9 * MINUTE) as later:
        await later.turn()

        assert await out(later) == [article]


async def test_a_clock_that_struck_long_ago_asks_and_a_person_decides(tmp_path: Path) -> None:
    folder = tmp_path / "room"
    async with eyes(folder) as house:
        article = await house.asked(TEXT, due=START + HOUR)
        await house.approve(article)

    async with again(folder, START + HOUR + 11 * MINUTE) as later:
        await later.turn()
        held = await later.progress(article)
        waiting = await out(later)
        await later.desk.move(article, Release(person=MIRA))

        assert (held.state, held.why) == (StoryState.HELD, Why.LATE)
        assert waiting == []
        assert await out(later) == [article]


async def test_a_leap_of_the_machines_clock_holds_what_is_on_a_clock(house: Eyes) -> None:
    article = await house.asked(TEXT, due=START + HOUR)
    await house.approve(article)

    house.clock.on(hours=3)
    await house.turn(leap=3 * HOUR)
    await house.turn()

    assert (await house.progress(article)).why is Why.JUMP
    assert await out(house) == []


async def test_a_leap_is_not_forgotten_where_the_ledger_was_too_busy_to_hold(house: Eyes) -> None:
    article = await house.asked(TEXT, due=START + HOUR)
    await house.approve(article)
    house.keeper.stories = Fragile(house, failures=2)

    house.clock.on(hours=3)
    await house.turn(leap=3 * HOUR)
    still = (await house.progress(article)).why
    await house.turn(steady=AGAIN)

    assert still is None
    assert (await house.progress(article)).why is Why.JUMP
    assert await out(house) == []


async def test_a_time_that_comes_before_its_approvals_asks(house: Eyes) -> None:
    article = await house.asked(TEXT, due=START + HOUR)

    house.clock.on(hours=1)
    await house.turn()

    assert (await house.progress(article)).why is Why.UNAPPROVED
    assert await out(house) == []


async def test_what_cannot_be_released_at_its_time_is_held(house: Eyes) -> None:
    article = await house.asked(TEXT, due=START + HOUR)
    await house.approve(article)
    gone = Fragile(house, failures=1)
    house.keeper.stories = gone

    house.clock.on(hours=1)
    await house.turn()

    assert gone.failures == 0
    assert (await house.progress(article)).why is Why.FAILED


async def test_a_removed_person_approves_nothing_any_more(house: Eyes) -> None:
    article = await house.asked(TEXT, due=START + HOUR)
    await house.approve(article)
    await house.room.ledgers.people.remove(OTO, START)

    house.clock.on(hours=1)
    await house.turn()

    assert (await house.progress(article)).why is Why.UNAPPROVED


async def test_a_withdrawal_cancels_what_is_pending(house: Eyes) -> None:
    article = await house.asked(TEXT)
    await house.approve(article)
    await house.desk.save(article, replace(TEXT, title="Ferries"), MIRA)
    await house.desk.move(article, SetClock(person=MIRA, due=START + HOUR), Ask(person=MIRA))
    await house.approve(article, PIA)

    assert await house.desk.withdraw(article, MIRA) is None
    house.clock.on(hours=1)
    await house.turn()

    assert await out(house) == []
    assert await house.room.ledgers.progresses.get(article) is None
    with pytest.raises(ConfigError, match="was withdrawn"):
        await house.desk.move(article, Ask(person=MIRA))


async def test_a_withdrawal_of_a_draft_leaves_nothing_of_it(house: Eyes) -> None:
    article = await house.asked(TEXT, due=START + HOUR)

    await withdraw(house.room, article, "console")

    assert await house.room.ledgers.progresses.get(article) is None


async def test_while_a_withdrawal_waits_nothing_of_the_story_goes_out(house: Eyes) -> None:
    article = await house.asked(TEXT)
    await house.approve(article)
    for number in range(3):
        other = await house.asked(replace(TEXT, title=f"Other {number}"))
        await house.approve(other)
        await house.desk.withdraw(other, MIRA)
    await house.desk.save(article, replace(TEXT, title="Ferries"), MIRA)
    await house.desk.move(article, SetClock(person=MIRA, due=START + HOUR), Ask(person=MIRA))
    await house.approve(article)

    waits = await house.desk.withdraw(article, MIRA)

    assert waits
    assert (await house.progress(article)).why is Why.DOUBT


async def test_what_is_held_shows_in_the_list_with_its_reason(house: Eyes) -> None:
    article = await house.asked(TEXT)
    await house.desk.move(article, Hold(person=PIA))

    (card,) = await house.desk.cards()

    assert (card.id, card.state, card.progress.why) == (article, StoryState.HELD, Why.DOUBT)


async def test_the_ledger_holds_no_word_of_it(house: Eyes) -> None:
    article = await house.asked(TEXT, due=START + HOUR)
    await house.approve(article)

    planted = needles("The ferry", "sailed at noon")

    assert {hit.split("/")[1] for hit in hits(tree(house.room.folder), planted)} == {"blobs"}


class Fragile:
    """The newsdesk on a disk that fails `failures` times."""

    def __init__(self, house: Eyes, failures: int) -> None:
        self.desk = house.desk
        self.failures = failures
        self.policy, self.compared = house.desk.policy, house.desk.compared

    async def move(self, article: ArticleId, *moves: Move) -> Story:
        if self.failures:
            self.failures -= 1
            raise BlobMissingError(Digest("a" * 64))
        return await self.desk.move(article, *moves)
