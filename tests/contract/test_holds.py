"""Holds on a real PostgreSQL: of several programs one works on a mirror, and a dead one on none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import psycopg
import pytest

from store.engine import open_ledger
from store.holds import Holds
from store.lock import BusyError
from tamizdat.errors import LedgerError

pytestmark = pytest.mark.needs_postgresql
PATIENCE = 60


@pytest.fixture
async def pair(postgresql_address: str) -> AsyncIterator[tuple[Holds, Holds]]:
    """Two programs on one ledger."""
    async with AsyncExitStack() as stack:
        found = []
        for _ in range(2):
            ledger = await open_ledger(postgresql_address)
            stack.push_async_callback(ledger.close)
            holds = Holds(ledger=ledger)
            stack.push_async_callback(holds.close)
            found.append(holds)
        yield found[0], found[1]


async def test_one_program_holds_and_the_other_is_told_at_once(pair: tuple[Holds, Holds]) -> None:
    ours, theirs = pair

    async with ours.hold("mirror/amber"), theirs.hold("mirror/birch"):
        with pytest.raises(BusyError, match="mirror/amber is being worked on"):
            async with theirs.hold("mirror/amber"):
                pass
        with pytest.raises(BusyError):
            async with ours.hold("mirror/amber"):
                pass
    async with theirs.hold("mirror/amber"), ours.hold("mirror/birch"):
        pass


async def test_what_fails_within_lets_go(pair: tuple[Holds, Holds]) -> None:
    ours, theirs = pair

    with pytest.raises(LedgerError, match="no"):
        async with ours.hold("mirror/amber"):
            raise LedgerError("no")
    async with theirs.hold("mirror/amber"):
        pass


async def test_who_is_cut_off_while_it_asks_holds_nothing(
    pair: tuple[Holds, Holds], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair
    given, ask = asyncio.Event(), ours._ask

    async def slow(statement: str, **values: int) -> object:
        found = await ask(statement, **values)
        given.set()  # the server gave it, and we were not told yet
        await asyncio.sleep(0.2)
        return found

    async def held() -> None:
        async with ours.hold("mirror/amber"):
            pass

    monkeypatch.setattr(ours, "_ask", slow)
    asking = asyncio.create_task(held())
    await given.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    async with theirs.hold("mirror/amber"):
        pass


async def test_who_lost_its_hold_is_cut_off_and_may_begin_again(
    pair: tuple[Holds, Holds], postgresql_address: str
) -> None:
    ours, theirs = pair
    watching = asyncio.ensure_future(ours.watch())

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(BusyError, match="let go of mirror/amber"):
            await lose(ours, theirs, postgresql_address)
        async with ours.hold("mirror/amber"):
            pass
    watching.cancel()


async def test_a_server_that_hangs_up_while_it_is_let_go_harms_nobody(
    pair: tuple[Holds, Holds], postgresql_address: str
) -> None:
    ours, theirs = pair

    held = []
    async with ours.hold("mirror/amber"):
        await end_others(postgresql_address)
    async with theirs.hold("mirror/amber"):
        held.append("theirs")
    async with ours.hold("mirror/birch"):
        held.append("ours")

    assert held == ["theirs", "ours"]


async def lose(ours: Holds, theirs: Holds, address: str) -> None:
    """Hold a mirror that another comes to hold, and go on for ever."""
    async with ours.hold("mirror/amber"):
        await end_others(address)
        async with theirs.hold("mirror/amber"):
            await asyncio.Event().wait()


async def end_others(address: str) -> None:
    """Have the server hang up on everybody."""
    async with await psycopg.AsyncConnection.connect(address) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
