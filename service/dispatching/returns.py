"""Returns: how jobs ended, brought to whoever waits for it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tamizdat.dispatching import Dispatcher, Report
from tamizdat.errors import TamizdatError

BEAT = 0.5
"""Seconds between two looks at how jobs ended."""

SILENCE = 120.0
"""Seconds without a word from any worker, after which people are told."""

LOST = 1800.0
"""Seconds after which nobody waits any longer for a job that nobody told of."""

log = logging.getLogger(__name__)


class SilentError(TamizdatError):
    """No worker told of anything for long."""


@dataclass(kw_only=True)
class Returns:
    """Who waits for which job, by its lock. `stray` is told of those that nobody waits for."""

    dispatcher: Dispatcher
    stray: Callable[[Report], None] = lambda _: None
    _waiting: dict[str, "asyncio.Queue[Report]"] = field(default_factory=dict)
    _heard: float = float("-inf")

    async def run(self) -> None:
        """Hear how jobs ended, until cancelled. What ended before is of no use any more."""
        loop = asyncio.get_running_loop()
        begun = False
        while True:
            try:
                reports = await self.dispatcher.reports()
            except TamizdatError as error:
                log.warning("no word of workers", extra={"why": str(error)})
                reports = ()
            for report in reports if begun else ():
                self._heard = loop.time()
                waiting = self._waiting.get(report.job.lock)
                if waiting is None:
                    self.stray(report)
                else:
                    waiting.put_nowait(report)
            begun = True
            await asyncio.sleep(BEAT)

    @contextmanager
    def expected(self, lock: str) -> Iterator[AsyncIterator[Report]]:
        """What comes back of jobs with this lock, from now on.

        It ends where that takes too long; SilentError where no worker tells of anything at all.
        """
        self._waiting[lock] = asyncio.Queue()
        try:
            yield self._coming(self._waiting[lock])
        finally:
            del self._waiting[lock]

    async def _coming(self, waiting: "asyncio.Queue[Report]") -> AsyncIterator[Report]:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while loop.time() - begun < LOST:
            try:
                async with asyncio.timeout(SILENCE):
                    report = await waiting.get()
            except TimeoutError:
                if loop.time() - max(self._heard, begun) >= SILENCE:
                    raise SilentError(
                        f"no worker did anything for {SILENCE:.0f} s: start `tamizdat worker`"
                    ) from None
                continue
            yield report
