"""Shared: one look at the ledger for all who ask at the same time, and never an older one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Shared(Generic[_T]):
    """Gives everybody a look that began after they asked; those who wait together share one.

    Nothing is kept for whoever comes later.
    """

    def __init__(self, look: Callable[[], Awaitable[_T]]) -> None:
        self._look = look
        self._looking = asyncio.Lock()
        self._begun = 0
        self._seen: tuple[int, _T] | None = None
        self._waiting = 0

    async def get(self) -> _T:
        """What a look finds that begins now or later; its error, for the one who made it."""
        asked = self._begun
        self._waiting += 1
        try:
            async with self._looking:
                if self._seen is None or self._seen[0] <= asked:
                    self._begun += 1
                    number = self._begun
                    self._seen = (number, await self._look())
                return self._seen[1]
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._seen = None
