"""Requests with one cookie share a look, but never one that began before they came."""

import asyncio
from datetime import UTC, datetime

import pytest

from desk.sessions import Visitor
from desk.turnstile import Turnstile
from tamizdat.digest import digest
from tamizdat.errors import LedgerError
from tamizdat.people import Person, Role

AT = datetime(2026, 11, 26, tzinfo=UTC)
EDITOR = Person(number=1, name=digest(b"name"), password="", role=Role.EDITOR, since=AT)
VISITOR = Visitor(person=EDITOR, token=digest(b"token"), seen=AT)


class Ledger:
    """Counts looks, and lets each wait until it may go on."""

    def __init__(self) -> None:
        self.looks = 0
        self.answers: list[Visitor | None] = []
        self.began = asyncio.Event()
        self.may = asyncio.Event()
        self.fails = False

    async def look(self) -> Visitor | None:
        """What the ledger said when the look began."""
        self.looks += 1
        self.began.set()
        said = self.answers[-1] if self.answers else None
        failing = self.fails
        await asyncio.wait_for(self.may.wait(), 10)
        if failing:
            raise LedgerError("the ledger is busy")
        return said


async def test_those_who_came_during_a_look_share_the_next() -> None:
    ledger, turnstile = Ledger(), Turnstile()
    async with asyncio.TaskGroup() as group:
        group.create_task(turnstile.pass_by("cookie", ledger.look))
        await asyncio.wait_for(ledger.began.wait(), 10)
        for _ in range(9):
            group.create_task(turnstile.pass_by("cookie", ledger.look))
        await asyncio.sleep(0)
        ledger.may.set()

    assert ledger.looks == 2


async def test_who_was_removed_is_not_let_in_by_a_look_from_before() -> None:
    ledger, turnstile = Ledger(), Turnstile()
    ledger.answers = [VISITOR]
    async with asyncio.TaskGroup() as group:
        before = group.create_task(turnstile.pass_by("cookie", ledger.look))
        await asyncio.wait_for(ledger.began.wait(), 10)
        ledger.answers = [None]
        after = group.create_task(turnstile.pass_by("cookie", ledger.look))
        await asyncio.sleep(0)
        ledger.may.set()

    assert before.result() == VISITOR
    assert after.result() is None


async def test_a_look_that_fails_is_nobody_elses() -> None:
    ledger, turnstile = Ledger(), Turnstile()
    ledger.fails = True
    first = asyncio.create_task(turnstile.pass_by("cookie", ledger.look))
    await asyncio.wait_for(ledger.began.wait(), 10)
    ledger.fails = False
    second = asyncio.create_task(turnstile.pass_by("cookie", ledger.look))
    await asyncio.sleep(0)
    ledger.may.set()

    with pytest.raises(LedgerError):
        await first
    assert await second is None
    assert ledger.looks >= 2


async def test_other_cookies_are_looked_for_apart() -> None:
    ledger, turnstile = Ledger(), Turnstile()
    ledger.may.set()

    for cookie in ("one", "two"):
        await turnstile.pass_by(cookie, ledger.look)

    assert ledger.looks == 2
