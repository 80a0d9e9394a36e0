"""Holds: who works on what, among several programs on one PostgreSQL ledger."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Ledger, lock_key
from store.failures import explained
from store.lock import BusyError
from tamizdat.errors import LedgerError

BEAT = 2.0
"""Seconds between looks whether the server still knows us."""

PATIENCE = 5.0
"""Seconds that the server may take to say so."""


@dataclass(kw_only=True)
class Holds:
    """What this program holds. All of it hangs on one connection, and ends with that.

    So a program that dies lets go at once, and one that hangs holds on as long as the server
    believes in it. Whoever does not `watch` learns late that it lost its hold.
    """

    ledger: Ledger
    _connection: AsyncConnection | None = None
    _held: set[str] = field(default_factory=set)
    _leashes: dict[str, asyncio.Timeout] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[None]:
        """Nobody else holds `name` until the block ends. BusyError at once where somebody does.

        The same where the hold was lost meanwhile: the block is cut off then.
        """
        if self.ledger.embedded:  # one program at a time works there: store/lock.py
            yield
            return
        if name in self._held:
            raise _busy(name)
        self._held.add(name)
        try:
            await self._take(name)
            try:
                async with self._leashed(name):
                    yield
            finally:
                await asyncio.shield(self._let_go(name))
        finally:
            self._held.discard(name)

    @asynccontextmanager
    async def _leashed(self, name: str) -> AsyncIterator[None]:
        leash = asyncio.timeout(None)
        try:
            async with leash:
                self._leashes[name] = leash
                try:
                    yield
                finally:
                    del self._leashes[name]
        except TimeoutError:
            if not leash.expired():
                raise
            raise BusyError(f"{self.ledger.where} let go of {name}: try again") from None

    async def watch(self) -> None:
        """Cut off whoever holds something once the server knows us no more; until cancelled."""
        while True:
            await asyncio.sleep(BEAT)
            if self._connection is None:
                continue
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._ask("SELECT 1")
            except (LedgerError, TimeoutError):
                await self.close()

    async def close(self) -> None:
        """Let go of all."""
        connection, self._connection = self._connection, None
        for leash in self._leashes.values():
            if leash.when() is None:
                leash.reschedule(asyncio.get_running_loop().time())
        if connection is not None:
            await connection.invalidate()
            await connection.close()

    async def _take(self, name: str) -> None:
        key = lock_key(f"hold\0{name}")
        taking = asyncio.create_task(self._ask("SELECT pg_try_advisory_lock(:key)", key=key))
        try:
            taken = await asyncio.shield(taking)
        except asyncio.CancelledError:
            await self._give_back(name, taking)
            raise
        if not taken:
            raise _busy(name)

    async def _give_back(self, name: str, taking: asyncio.Task[object]) -> None:
        """Whoever asked was cut off: what the server gives us still is nobody's."""
        try:
            async with asyncio.timeout(PATIENCE):
                if await taking:
                    await self._let_go(name)
        except (LedgerError, TimeoutError):
            await self.close()  # with the connection all is let go

    async def _let_go(self, name: str) -> None:
        if self._connection is not None:
            try:
                await self._ask("SELECT pg_advisory_unlock(:key)", key=lock_key(f"hold\0{name}"))
            except LedgerError:
                await self.close()  # with the connection all is let go

    async def _ask(self, statement: str, **values: int) -> object:
        with explained(self.ledger.where):
            async with self._turn:
                if self._connection is None:
                    engine = self.ledger.engine.execution_options(isolation_level="AUTOCOMMIT")
                    self._connection = await engine.connect()
                return (await self._connection.execute(text(statement), values)).scalar()


def _busy(name: str) -> BusyError:
    return BusyError(f"{name} is being worked on by another program: try again in a minute")
