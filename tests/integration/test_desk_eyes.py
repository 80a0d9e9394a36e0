"""Four eyes and clocks at the desk, as a browser without a script sees them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tamizdat.article import ArticleId
from tamizdat.progress import Policy, Why
from tamizdat.state import StoryState
from tests.kit.desk.approving import content, version
from tests.kit.desk.board import NOW
from tests.kit.desk.room import Room, Visit, hidden_field, opened, signed_in
from tests.kit.desk.samples import STRIKE, fill_newsdesk

AT = f"/stories/{STRIKE}"
FOUR_EYES = Policy(approvals=1, allowed=frozenset(range(1, 10)))


@dataclass(frozen=True)
class Two:
    """An author and an approver at the same desk."""

    room: Room
    author: Visit
    approver: Visit

    def state(self, story: ArticleId = STRIKE) -> StoryState:
        return self.room.newsdesk.stories[story].card.state

    async def ask(self, **more: str) -> str:
        """The author asks for approval; the page that follows."""
        _, page, _ = await self.author.get(AT)
        given = {
            "title": "Judges reopen",
            "text": "Relatives were not told.",
            "form": "markdown",
            "language": "en",
            "seen": hidden_field(page, "seen"),
            **more,
        }
        status, page, _ = await self.author.post(f"{AT}/ask", given)
        return page if status == 422 else (await self.author.get(AT))[1]

    async def press(self, who: Visit, what: str, **given: str) -> str:
        """One of the two presses a button; the page that follows."""
        status, page, _ = await who.post(f"{AT}/{what}", given)
        return page if status == 422 else (await who.get(AT))[1]


@asynccontextmanager
async def two(rules: Policy = FOUR_EYES) -> AsyncIterator[Two]:
    room = Room()
    fill_newsdesk(room.newsdesk)
    room.approving.rules = rules
    async with (
        opened(room) as (_, base),
        signed_in(room, base) as author,
        signed_in(room, base) as approver,
    ):
        yield Two(room, author, approver)


async def test_the_approver_is_brought_to_what_waits_and_approves_it() -> None:
    async with two() as desk:
        asked = await desk.ask()
        status, _, headers = await desk.approver.get("/")
        _, page, _ = await desk.approver.get(headers["Location"])

        after = await desk.press(desk.approver, "approve", content=hidden_field(page, "content"))

    assert "It waits for approval." in asked
    assert "Approve and send out" not in asked
    assert (status, headers["Location"]) == (303, AT)
    assert "Approve and send out" in page
    assert "Released." in after
    assert desk.state() is StoryState.OUT


async def test_everything_else_at_the_desk_stays_within_reach() -> None:
    async with two() as desk:
        await desk.ask()

        status, page, _ = await desk.approver.get("/?all")

    assert status == 200
    assert "Waits for you" in page


async def test_who_wrote_it_cannot_approve_it_by_any_form() -> None:
    async with two() as desk:
        await desk.ask()
        story = desk.room.newsdesk.stories[STRIKE]

        after = await desk.press(desk.author, "approve", content=content(story))

    assert "was last changed by you: somebody else must approve it" in after
    assert desk.state() is StoryState.WAITING


async def test_nothing_is_released_past_the_approver() -> None:
    async with two() as desk:
        await desk.ask()

        sent = await desk.press(desk.author, "send")

    assert "Not done: needs 1 approval, has 0: ask for approval." in sent
    assert desk.state() is StoryState.WAITING


@pytest.mark.parametrize("what", ["send-back", "hold", "stop-clock"])
async def test_stopping_it_in_any_way_sends_nothing(what: str) -> None:
    async with two() as desk:
        await desk.ask(due="2026-11-24T08:00", zone="UTC")

        await desk.press(desk.approver, what)

    assert desk.state() not in {StoryState.OUT, StoryState.CLOCK}
    assert desk.room.newsdesk.released == {}


async def test_an_emptied_field_takes_the_time_away_and_sends_nothing() -> None:
    async with two() as desk:
        asked = await desk.ask(due="2026-11-24T08:00", zone="Asia/Tehran")
        before = desk.room.newsdesk.stories[STRIKE].card.progress.due

        after = await desk.press(desk.author, "clock", due="", zone="")

    assert "for Tue 24 Nov 08:00 (Asia/Tehran), Tue 24 Nov 04:30 UTC" in asked
    assert before == NOW.replace(day=24, hour=4, minute=30, second=0)
    assert "It waits for approval." in after
    assert desk.room.newsdesk.stories[STRIKE].card.progress.due is None
    assert desk.state() is StoryState.WAITING


WRONG = [
    ({"due": "2026-11-20T08:00", "zone": "UTC"}, "has passed: choose a later time"),
    ({"due": "soon", "zone": "UTC"}, "is no time: write it as"),
    ({"due": "2026-11-24T08:00", "zone": "Atlantis"}, "is no time zone"),
    ({"due": "2062-11-24T08:00", "zone": "UTC"}, "over a year away: check the year"),
]


@pytest.mark.parametrize(("given", "told"), WRONG)
async def test_a_time_that_is_none_is_refused_in_words(given: dict[str, str], told: str) -> None:
    async with two() as desk:
        await desk.ask()

        after = await desk.press(desk.author, "clock", **given)

    assert told in after
    assert desk.room.newsdesk.stories[STRIKE].card.progress.due is None


async def test_a_wrong_time_beside_a_text_loses_no_word_of_it() -> None:
    async with two() as desk:
        page = await desk.ask(due="soon")

    assert "is no time: write it as" in page
    assert "Relatives were not told." in page
    assert desk.state() is StoryState.WRITING


async def test_what_changed_is_marked_word_by_word() -> None:
    async with two() as desk:
        await desk.ask()
        now = version(desk.room.newsdesk.stories[STRIKE])
        earlier = replace(now, title="Judges close", paragraphs=("Relatives were told.",))
        desk.room.approving.before[STRIKE] = earlier

        _, page, _ = await desk.approver.get(AT)

    assert "What changed since approval was asked for before" in page
    assert "[taken out: </span>close<" in page
    assert "[put in: </span>reopen<" in page
    assert "[put in: </span>not <" in page


async def test_without_approvals_a_clock_is_set_from_the_sheet() -> None:
    async with two(Policy()) as desk:
        _, page, _ = await desk.author.get(AT)
        given = {"title": "Judges", "text": "x", "form": "markdown", "language": "en"}
        given |= {"seen": hidden_field(page, "seen"), "due": "2026-11-24T08:00"}
        await desk.author.post(f"{AT}/set-clock", given)
        _, clocked, _ = await desk.author.get(AT)

        sent = await desk.press(desk.author, "send")

    assert "Release now" in page
    assert "Sealed until Tue 24 Nov 08:00 UTC" in clocked
    assert "Second pair of eyes" not in clocked
    assert "stop the clock first" in sent
    assert desk.state() is StoryState.CLOCK


async def test_what_is_held_says_why_and_goes_out_by_a_person() -> None:
    async with two() as desk:
        await desk.ask()
        story = desk.room.newsdesk.stories[STRIKE]
        due = NOW - timedelta(hours=1)
        held = replace(story.card.progress, state=StoryState.HELD, why=Why.LATE, due=due)
        card = replace(story.card, state=StoryState.HELD, progress=held)
        desk.room.newsdesk.stories[STRIKE] = replace(story, card=card)
        _, page, _ = await desk.approver.get(AT)
        approved = await desk.press(desk.approver, "approve", content=hidden_field(page, "content"))

        sent = await desk.press(desk.author, "send")

    assert "Held: its time came while nothing ran." in page
    assert "Noted. It is held until somebody sends it out" in approved
    assert "Send it out now" in approved
    assert "Released." in sent


async def test_what_is_on_its_way_is_changed_only_after_a_warning() -> None:
    async with two() as desk:
        await desk.ask()

        _, page, _ = await desk.author.get(f"{AT}/edit")
        status, _, headers = await desk.author.get("/stories/bbbbbbbbbbbbb/edit")

    assert "Saving a change voids its approvals and stops its clock." in page
    assert (status, headers["Location"]) == (303, "/stories/bbbbbbbbbbbbb")


async def test_what_the_approver_says_stands_before_its_author() -> None:
    async with two() as desk:
        await desk.ask()

        page = await desk.press(desk.approver, "send-back", note="Who is <Mira>?")
        author = (await desk.author.get(AT))[1]

    assert "Nothing goes out by itself now" in page
    assert "Sent back by person 2" in author
    assert "“Who is &lt;Mira&gt;?”" in author
