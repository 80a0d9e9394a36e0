"""Holding: who may work on a mirror, where several programs do."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from tamizdat.placement import MirrorId


class Holding(Protocol):
    """What this program holds; of two that ask for the same, one is told BusyError at once."""

    def hold(self, name: str) -> AbstractAsyncContextManager[None]:
        """Nobody else holds `name` until the block ends."""
        ...

    async def watch(self) -> None:
        """Cut off whoever lost its hold, until cancelled."""
        ...


class Free:
    """Holds for one who need not ask: nobody else is there, or the hold was got before."""

    @asynccontextmanager
    async def hold(self, _name: str) -> AsyncIterator[None]:
        """Nothing to do."""
        yield

    async def watch(self) -> None:
        """Nothing to do."""


def place_of(mirror: MirrorId) -> str:
    """What is held by whoever writes to a mirror."""
    return f"mirror/{mirror}"


FREE: Holding = Free()
