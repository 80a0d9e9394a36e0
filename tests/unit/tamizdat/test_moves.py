"""What may become of a story next: each rule, and each refusal with what to do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tamizdat.digest import Digest
from tamizdat.moves import (
    FARTHEST,
    Approve,
    Ask,
    Correct,
    Discard,
    Fail,
    Hold,
    Leap,
    Move,
    Outcome,
    Refused,
    Release,
    Save,
    SendBack,
    SetClock,
    StopClock,
    Strike,
    Withdraw,
    decide,
    goes_out,
    met,
)
from tamizdat.progress import Approval, Policy, Progress, Why
from tamizdat.state import StoryState
from tests.kit.walks import walked

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MIRA, OTO, PIA, VERA = 1, 2, 3, 4
OLD, NEW, OTHER = (Digest(letter * 64) for letter in "abc")
ALONE = Policy()
FOUR_EYES = Policy(approvals=1, allowed=frozenset({MIRA, OTO, PIA}))
SIX_EYES = replace(FOUR_EYES, approvals=2)

EMPTY = Progress()
WRITTEN = Progress(content=NEW, author=MIRA)
WAITING = replace(WRITTEN, state=StoryState.WAITING, asked=NEW)
PLANNED = replace(WAITING, due=NOW + HOUR)
YES = Approval(person=OTO, content=NEW, at=NOW)
CLOCKED = replace(PLANNED, state=StoryState.CLOCK, approvals=(YES,))
HELD = replace(PLANNED, state=StoryState.HELD, why=Why.LATE, approvals=(YES,))
OUT = Progress(state=StoryState.OUT, out=OLD)
GONE = Progress(state=StoryState.WITHDRAWN)
EVERYWHERE = (EMPTY, WRITTEN, WAITING, PLANNED, CLOCKED, HELD, OUT)


def after(story: Progress, move: Move, policy: Policy = FOUR_EYES, at: datetime = NOW) -> Progress:
    outcome = decide(story, move, at, policy)
    assert isinstance(outcome, Progress), outcome
    return outcome


REFUSED: list[tuple[Progress, Move, Policy, str]] = [
    (GONE, Save(person=MIRA, content=NEW), ALONE, "write a new story"),
    (EMPTY, Correct(person=MIRA, content=NEW), ALONE, "change its draft instead"),
    (EMPTY, Ask(person=MIRA, text=NEW), FOUR_EYES, "save a text first"),
    (WRITTEN, Ask(person=MIRA, text=NEW), ALONE, "send it out, or set a clock"),
    (WAITING, Ask(person=MIRA, text=NEW), FOUR_EYES, "send it back first"),
    (CLOCKED, Ask(person=MIRA, text=NEW), FOUR_EYES, "send it back first"),
    (replace(WRITTEN, due=NOW), Ask(person=MIRA, text=NEW), FOUR_EYES, "a later time, or none"),
    (WRITTEN, Ask(person=MIRA, text=NEW), replace(FOUR_EYES, approvals=3), "2 other people may"),
    (
        WRITTEN,
        Ask(person=MIRA, text=NEW),
        replace(SIX_EYES, allowed=frozenset({MIRA, OTO})),
        "needs 2 approvals, 1 other person may give them: invite an editor",
    ),
    (WRITTEN, Approve(person=OTO, content=NEW), FOUR_EYES, "ask for it first"),
    (CLOCKED, Approve(person=PIA, content=NEW), FOUR_EYES, "ask for it first"),
    (WAITING, Approve(person=OTO, content=OLD), FOUR_EYES, "read it again"),
    (WAITING, Approve(person=MIRA, content=NEW), FOUR_EYES, "somebody else must approve"),
    (WAITING, Approve(person=VERA, content=NEW), FOUR_EYES, "ask an editor"),
    (HELD, Approve(person=OTO, content=NEW), FOUR_EYES, "it waits for others"),
    (WRITTEN, SendBack(person=OTO), FOUR_EYES, "nothing to send back"),
    (OUT, Hold(person=OTO), FOUR_EYES, "nothing to hold"),
    (EMPTY, SetClock(person=MIRA, due=NOW + HOUR), ALONE, "save a text first"),
    (WRITTEN, SetClock(person=MIRA, due=NOW), ALONE, "choose a later time"),
    (WRITTEN, SetClock(person=MIRA, due=NOW + FARTHEST + HOUR), ALONE, "check the year"),
    (EMPTY, Release(person=MIRA), ALONE, "save a text first"),
    (OUT, Release(person=MIRA), ALONE, "nothing would change: change it"),
    (replace(WRITTEN, out=NEW), Release(person=MIRA), ALONE, "change it first"),
    (CLOCKED, Release(person=MIRA), FOUR_EYES, "stop the clock first"),
    (replace(WRITTEN, due=NOW + HOUR), Release(person=MIRA), ALONE, "stop the clock first"),
    (WRITTEN, Release(person=MIRA), FOUR_EYES, "needs 1 approval, has 0: ask for approval"),
    (WAITING, Release(person=MIRA), SIX_EYES, "needs 2 approvals, has 0"),
]


@pytest.mark.parametrize(("story", "move", "policy", "remedy"), REFUSED)
def test_what_may_not_be_done_is_refused_with_what_to_do(
    story: Progress, move: Move, policy: Policy, remedy: str
) -> None:
    outcome: Outcome = decide(story, move, NOW, policy)

    assert isinstance(outcome, Refused)
    assert remedy in outcome.why
    assert "\n" not in outcome.why


def test_a_newsroom_without_approvals_sends_out_at_once() -> None:
    written = after(EMPTY, Save(person=MIRA, content=NEW), ALONE)

    out = after(written, Release(person=MIRA), ALONE)

    assert (written.state, written.author) == (StoryState.WRITING, MIRA)
    assert out == Progress(state=StoryState.OUT, out=NEW)
    assert goes_out(written, out)


def test_the_last_approval_sends_it_out() -> None:
    one = after(WAITING, Approve(person=OTO, content=NEW), SIX_EYES)

    two = after(one, Approve(person=PIA, content=NEW), SIX_EYES)

    assert (one.state, one.counted(SIX_EYES.allowed)) == (StoryState.WAITING, 1)
    assert (two.state, two.out, two.approvals) == (StoryState.OUT, NEW, ())


def test_who_was_removed_meanwhile_does_not_count() -> None:
    without_oto = replace(FOUR_EYES, allowed=frozenset({MIRA, PIA}))

    struck = after(CLOCKED, Strike(), without_oto, at=NOW + HOUR)

    assert (struck.state, struck.why) == (StoryState.HELD, Why.UNAPPROVED)


@pytest.mark.parametrize("story", [WAITING, PLANNED, CLOCKED, HELD])
def test_any_edit_voids_approvals_and_stops_the_clock(story: Progress) -> None:
    edited = after(story, Save(person=OTO, content=OTHER))

    assert (edited.state, edited.approvals, edited.author) == (StoryState.WRITING, (), OTO)
    assert edited.due == story.due
    assert after(edited, Strike(), at=NOW + 2 * HOUR) == edited


@pytest.mark.parametrize("story", [WRITTEN, WAITING, CLOCKED, HELD])
def test_saving_the_same_again_changes_nothing(story: Progress) -> None:
    assert after(story, Save(person=PIA, content=NEW)) is story


def test_a_correction_is_the_same_road_and_its_first_text_is_none() -> None:
    correcting = after(OUT, Correct(person=MIRA, content=NEW))
    waiting = after(correcting, Ask(person=MIRA, text=NEW))
    out = after(waiting, Approve(person=OTO, content=NEW))

    back = after(correcting, Save(person=MIRA, content=OLD))

    assert correcting.state is StoryState.CORRECTING
    assert (waiting.state, waiting.out) == (StoryState.WAITING, OLD)
    assert goes_out(waiting, out)
    assert back == OUT
    assert not goes_out(correcting, back)


def test_an_approver_compares_with_what_was_asked_for_before() -> None:
    asked = after(WRITTEN, Ask(person=MIRA, text=OLD))
    sent_back = after(asked, SendBack(person=OTO))
    edited = after(sent_back, Save(person=MIRA, content=OTHER))

    again = after(edited, Ask(person=MIRA, text=NEW))
    unchanged = after(after(again, SendBack(person=OTO)), Ask(person=MIRA, text=NEW))

    assert (asked.asked, asked.before) == (OLD, None)
    assert (again.asked, again.before) == (NEW, OLD)
    assert (unchanged.asked, unchanged.before) == (NEW, OLD)


def test_a_clock_alone_goes_out_at_its_time_and_not_before() -> None:
    clocked = after(WRITTEN, SetClock(person=MIRA, due=NOW + HOUR), ALONE)

    early = after(clocked, Strike(), ALONE, at=NOW + HOUR - MINUTE)
    on_time = after(clocked, Strike(), ALONE, at=NOW + HOUR)

    assert clocked.state is StoryState.CLOCK
    assert early is clocked
    assert goes_out(clocked, on_time)


def test_a_time_that_is_approved_becomes_a_clock() -> None:
    planned = after(WRITTEN, SetClock(person=MIRA, due=NOW + HOUR))
    waiting = after(planned, Ask(person=MIRA, text=NEW))

    clocked = after(waiting, Approve(person=OTO, content=NEW))

    assert (planned.state, planned.due) == (StoryState.WRITING, NOW + HOUR)
    assert (clocked.state, clocked.due) == (StoryState.CLOCK, NOW + HOUR)


TIMES = [
    # moved by                 state then          approvals
    (timedelta(), StoryState.CLOCK, 1),
    (HOUR, StoryState.CLOCK, 1),
    (-MINUTE, StoryState.WAITING, 0),
]


@pytest.mark.parametrize(("moved", "state", "approvals"), TIMES)
def test_only_an_earlier_time_needs_approval_again(
    moved: timedelta, state: StoryState, approvals: int
) -> None:
    moved_to = after(CLOCKED, SetClock(person=MIRA, due=NOW + HOUR + moved))

    assert (moved_to.state, len(moved_to.approvals)) == (state, approvals)


def test_what_waits_may_get_a_time_and_goes_on_waiting() -> None:
    assert after(WAITING, SetClock(person=MIRA, due=NOW + HOUR)) == PLANNED


STOPPED = [
    (WRITTEN, StoryState.WRITING),
    (replace(WRITTEN, due=NOW + HOUR), StoryState.WRITING),
    (PLANNED, StoryState.WAITING),
    (CLOCKED, StoryState.WRITING),
    (HELD, StoryState.WRITING),
]


@pytest.mark.parametrize(("story", "state"), STOPPED)
@pytest.mark.parametrize("policy", [ALONE, FOUR_EYES])
def test_a_stopped_clock_never_publishes(
    story: Progress, state: StoryState, policy: Policy
) -> None:
    stopped = after(story, StopClock(person=MIRA), policy)

    assert (stopped.state, stopped.due, stopped.approvals) == (state, None, ())
    assert after(stopped, Strike(), policy, at=NOW + 2 * HOUR) == stopped


LATE = [
    (timedelta(), None),
    (10 * MINUTE, None),
    (10 * MINUTE + timedelta(seconds=1), Why.LATE),
    (timedelta(days=3), Why.LATE),
]


@pytest.mark.parametrize(("after_its_time", "why"), LATE)
def test_a_clock_that_struck_while_nothing_ran_publishes_within_grace_or_asks(
    after_its_time: timedelta, why: Why | None
) -> None:
    struck = after(CLOCKED, Strike(), at=NOW + HOUR + after_its_time)

    assert struck.why is why
    assert goes_out(CLOCKED, struck) is (why is None)


def test_an_approval_that_comes_after_the_time_asks_too() -> None:
    in_time = after(PLANNED, Approve(person=OTO, content=NEW), at=NOW + HOUR + MINUTE)

    late = after(PLANNED, Approve(person=OTO, content=NEW), at=NOW + 2 * HOUR)

    assert goes_out(PLANNED, in_time)
    assert (late.state, late.why) == (StoryState.HELD, Why.LATE)


def test_a_time_that_comes_before_its_approvals_asks() -> None:
    struck = after(PLANNED, Strike(), at=NOW + HOUR)

    assert (struck.state, struck.why) == (StoryState.HELD, Why.UNAPPROVED)
    assert after(WRITTEN, Strike(), at=NOW + HOUR) is WRITTEN
    assert after(HELD, Strike(), at=NOW + HOUR) is HELD


LEAPS = [
    (CLOCKED, 3 * MINUTE, StoryState.HELD),
    (PLANNED, 3 * MINUTE, StoryState.HELD),
    (CLOCKED, 2 * MINUTE, StoryState.CLOCK),
    (WAITING, HOUR, StoryState.WAITING),
    (WRITTEN, HOUR, StoryState.WRITING),
]


@pytest.mark.parametrize(("story", "by", "state"), LEAPS)
def test_a_leap_of_the_machines_clock_holds_what_goes_by_it(
    story: Progress, by: timedelta, state: StoryState
) -> None:
    assert after(story, Leap(by=by)).state is state


def test_what_is_held_goes_out_only_by_a_person() -> None:
    overdue = replace(HELD, due=NOW - HOUR)
    bare = replace(overdue, approvals=())

    approved = after(bare, Approve(person=PIA, content=NEW))

    assert approved.state is StoryState.HELD
    assert goes_out(approved, after(approved, Release(person=MIRA)))
    assert after(HELD, SetClock(person=MIRA, due=NOW + HOUR)) == replace(CLOCKED, why=None)


def test_what_is_held_may_be_asked_for_again_or_gets_a_clock_after_new_approvals() -> None:
    doubted = after(CLOCKED, Hold(person=PIA))

    assert (doubted.state, doubted.why, doubted.approvals) == (StoryState.HELD, Why.DOUBT, ())
    assert after(doubted, Ask(person=MIRA, text=NEW)).state is StoryState.WAITING
    assert after(doubted, SetClock(person=MIRA, due=NOW + 2 * HOUR)).state is StoryState.WAITING


@pytest.mark.parametrize("story", [WAITING, CLOCKED, HELD])
def test_what_is_sent_back_is_in_its_authors_hands(story: Progress) -> None:
    back = after(story, SendBack(person=OTO))

    assert (back.state, back.approvals, back.why) == (StoryState.WRITING, (), None)


def test_what_fails_at_its_time_is_not_tried_again_and_again() -> None:
    assert after(CLOCKED, Fail()).why is Why.FAILED
    assert after(WAITING, Fail()) is WAITING


@pytest.mark.parametrize("story", EVERYWHERE)
def test_a_withdrawal_works_from_every_state_and_cancels_what_is_pending(story: Progress) -> None:
    gone = after(replace(story, out=OLD), Withdraw(person=MIRA))

    assert gone == GONE
    assert after(gone, Withdraw(person=OTO)) == GONE


def test_discarding_leaves_what_is_out() -> None:
    assert after(CLOCKED, Discard(person=MIRA)) == EMPTY
    assert after(replace(CLOCKED, out=OLD), Discard(person=MIRA)) == OUT


def test_a_text_that_others_changed_is_nobodys_and_approved_by_nobody() -> None:
    changed = met(CLOCKED, OTHER, None)

    assert (changed.state, changed.content, changed.author) == (StoryState.WRITING, OTHER, None)
    assert changed.approvals == ()
    assert met(CLOCKED, NEW, None) == CLOCKED
    assert met(CLOCKED, None, OLD) == OUT
    assert met(None, NEW, OLD).state is StoryState.CORRECTING
    assert met(WRITTEN, NEW, None) == WRITTEN


def test_random_lives_reach_readers_only_by_what_people_decided() -> None:
    walks = [walked(seed) for seed in range(300)]

    assert {state for walk in walks for state in walk.seen} == set(StoryState)
    assert sum(walk.witness.released for walk in walks) > 100
