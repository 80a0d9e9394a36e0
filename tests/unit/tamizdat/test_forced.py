"""Somebody who was forced to sign in: nothing goes out by them alone, and nothing else changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tamizdat.digest import Digest
from tamizdat.moves import Approve, Ask, Move, Refused, Release, SetClock, Strike, decide, goes_out
from tamizdat.progress import Approval, Policy, Progress, Why
from tamizdat.state import StoryState

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MIRA, OTO, PIA = 1, 2, 3
TEXT = Digest("a" * 64)

ALONE = Policy(allowed=frozenset({OTO, PIA}), frozen=frozenset({MIRA}))
FOUR_EYES = replace(ALONE, approvals=1)

WRITTEN = Progress(content=TEXT, author=MIRA)
OTHERS = replace(WRITTEN, author=OTO)
WAITING = replace(OTHERS, state=StoryState.WAITING, asked=TEXT)


def after(story: Progress, move: Move, policy: Policy, at: datetime = NOW) -> Progress:
    outcome = decide(story, move, at, policy)
    assert isinstance(outcome, Progress), outcome
    return outcome


def yes(person: int) -> Approval:
    return Approval(person=person, content=TEXT, at=NOW)


@pytest.mark.parametrize("story", [WRITTEN, OTHERS])
def test_what_they_release_waits_for_a_second_person(story: Progress) -> None:
    waits = after(story, Release(person=MIRA), ALONE)
    out = after(waits, Approve(person=PIA, content=TEXT), ALONE)

    assert waits.state is StoryState.WAITING
    assert not goes_out(story, waits)
    assert goes_out(waits, out)


def test_what_anybody_else_releases_goes_out_as_ever() -> None:
    assert goes_out(WRITTEN, after(WRITTEN, Release(person=OTO), ALONE))


def test_their_approval_is_taken_and_does_not_count() -> None:
    noted = after(WAITING, Approve(person=MIRA, content=TEXT), FOUR_EYES)
    again = decide(noted, Approve(person=MIRA, content=TEXT), NOW, FOUR_EYES)
    out = after(noted, Approve(person=PIA, content=TEXT), FOUR_EYES)

    assert noted.approvals == (yes(MIRA),)
    assert noted.state is StoryState.WAITING
    assert again == Refused(why="has your approval already: it waits for others")
    assert goes_out(noted, out)


def test_what_others_approved_they_may_send() -> None:
    held = replace(WAITING, state=StoryState.HELD, why=Why.LATE, approvals=(yes(PIA),))

    assert goes_out(held, after(held, Release(person=MIRA), FOUR_EYES))


@pytest.mark.parametrize(
    ("story", "struck"), [(WRITTEN, StoryState.WRITING), (WAITING, StoryState.HELD)]
)
def test_a_clock_of_theirs_brings_nothing_out(story: Progress, struck: StoryState) -> None:
    planned = after(story, SetClock(person=MIRA, due=NOW + HOUR), ALONE)
    late = after(planned, Strike(), ALONE, NOW + HOUR)

    assert (planned.state, planned.due) == (story.state, NOW + HOUR)
    assert late.state is struck
    assert late.out is None


def test_they_ask_where_nobody_else_is_asked_for_anything_and_it_waits() -> None:
    planned = after(WRITTEN, SetClock(person=MIRA, due=NOW + HOUR), ALONE)
    asked = after(planned, Ask(person=MIRA, text=TEXT), ALONE)

    assert (asked.state, asked.due) == (StoryState.WAITING, NOW + HOUR)
    assert isinstance(decide(WRITTEN, Ask(person=OTO, text=TEXT), NOW, ALONE), Refused)


def test_a_clock_that_ran_by_their_approval_asks() -> None:
    clocked = replace(WAITING, state=StoryState.CLOCK, due=NOW + HOUR, approvals=(yes(MIRA),))

    struck = after(clocked, Strike(), FOUR_EYES, NOW + HOUR)

    assert (struck.state, struck.why) == (StoryState.HELD, Why.UNAPPROVED)


def test_they_ask_and_are_refused_in_the_same_words_as_anybody() -> None:
    asked = after(WRITTEN, Ask(person=MIRA, text=TEXT), FOUR_EYES)
    unmet = decide(WRITTEN, Release(person=MIRA), NOW, FOUR_EYES)

    assert asked.state is StoryState.WAITING
    assert unmet == Refused(why="needs 1 approval, has 0: ask for approval")


@pytest.mark.parametrize(("policy", "seems"), [(ALONE, 1), (FOUR_EYES, 2)])
def test_to_them_the_newsroom_seems_to_ask_for_one_more(policy: Policy, seems: int) -> None:
    seen = policy.as_seen_by(MIRA)

    assert seen.approvals == seems
    assert MIRA in seen.allowed
    assert policy.as_seen_by(OTO) is policy
