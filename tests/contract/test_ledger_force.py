"""What every ledger keeps to of people who were forced to sign in."""

from dataclasses import replace

import pytest

from store.engine import Ledger
from store.people import SqlPeople
from store.progresses import SqlProgresses
from tamizdat.article import ArticleId
from tamizdat.digest import digest
from tamizdat.progress import Approval, Progress
from tamizdat.state import StoryState
from tests.contract.ledger_values import START
from tests.contract.test_ledger_people import (
    ANNA,
    BORIS,
    MINUTE,
    NEW,
    SOON,
    invited,
    joined,
    token,
)

STORY = ArticleId("a" * 12 + "2")


@pytest.fixture
def people(ledger: Ledger) -> SqlPeople:
    return SqlPeople(ledger)


async def test_what_was_approved_under_force_never_counts(
    people: SqlPeople, ledger: Ledger
) -> None:
    anna, boris = await joined(people, ANNA), await joined(people, BORIS)
    progresses, content = SqlProgresses(ledger), digest(b"a text")
    seen = [Approval(person=one.number, content=content, at=START) for one in (anna, boris)]
    clock = Progress(
        state=StoryState.CLOCK, content=content, due=SOON, author=9, approvals=tuple(seen)
    )
    await progresses.step(STORY, None, clock)
    await people.freeze(anna.number, START)

    await people.invite(invited(1, person=anna.number))
    await people.join(token(1), ANNA, NEW, START)

    after = await progresses.get(STORY)
    assert after == replace(clock, state=StoryState.WAITING, approvals=(seen[1],))


async def test_a_new_password_alone_voids_no_approval(people: SqlPeople, ledger: Ledger) -> None:
    anna = await joined(people, ANNA)
    progresses, content = SqlProgresses(ledger), digest(b"a text")
    mine = Approval(person=anna.number, content=content, at=START)
    waits = Progress(state=StoryState.WAITING, content=content, author=9, approvals=(mine,))
    await progresses.step(STORY, None, waits)

    await people.invite(invited(1, person=anna.number))
    await people.join(token(1), ANNA, NEW, START)

    assert await progresses.get(STORY) == waits


async def test_a_link_from_before_frees_nobody_who_was_forced(people: SqlPeople) -> None:
    anna = await joined(people, ANNA)
    await people.invite(invited(1, person=anna.number))
    await people.freeze(anna.number, START)
    await people.invite(invited(2, person=anna.number))
    await people.freeze(anna.number, START + MINUTE)

    assert await people.join(token(1), ANNA, NEW, START) is None
    assert await people.join(token(2), ANNA, NEW, START) is not None
