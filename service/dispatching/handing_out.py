"""Handing out: passes done by workers. What is local to a mirror is made and signed here, before.

A worker has no key: it puts the overlay that lies in the ledger.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from service.dispatching.opening import queue
from service.dispatching.telling import read
from service.newsroom import Newsroom
from service.overlaying import overlay
from service.pipeline import wanted
from service.running.passing import Again, Aim, Ended
from tamizdat.dispatching import Dispatcher, Duty, Job, Report
from tamizdat.errors import TamizdatError
from tamizdat.placement import MirrorId, Placement, Refusal

BEAT = 0.5
"""Seconds between two looks at how jobs ended."""

SILENCE = 120.0
"""Seconds without a word from any worker, after which people are told."""

LOST = 1800.0
"""Seconds after which a job that nobody told of is handed out again."""

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class HandedOut:
    """The passes that workers do. `stray` is told of those that nobody waits for any more."""

    dispatcher: Dispatcher
    stray: Callable[[Placement], None] = lambda _: None
    _waiting: dict[MirrorId, "_Waiting"] = field(default_factory=dict)
    _heard: float = float("-inf")

    async def __call__(self, aim: Aim, mirror: MirrorId, *, doubted: bool) -> Ended:
        """One pass; Again where what is wanted changed before a worker came to it."""
        outlets = [one for one in await wanted(aim.room) if one.mirror.id == mirror]
        if not outlets:
            return None
        edition = aim.desired.edition
        await overlay(aim.room, outlets[0].mirror, aim.room.mirrors, edition)
        duty = Duty.WITHDRAW if edition.manifest.removal else Duty.PUSH
        waiting = _Waiting(edition=edition.number, ended=asyncio.get_running_loop().create_future())
        self._waiting[mirror] = waiting
        try:
            await self.dispatcher.hand([Job(duty=Duty.AUDIT if doubted else duty, ids=(mirror,))])
            return await self._ended(mirror, waiting)
        finally:
            del self._waiting[mirror]

    async def take_back(self) -> None:
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
                self._take(report)
            begun = True
            await asyncio.sleep(BEAT)

    def _take(self, report: Report) -> None:
        if not report.job.duty.writes:
            return
        waiting = self._waiting.get(MirrorId(report.job.ids[0]))
        try:
            ended = read(report.job, report.told)
        except TamizdatError as error:
            log.warning("a worker's word is lost", extra={"why": str(error)})
            return
        if isinstance(ended, Placement) and (waiting is None or ended.edition < waiting.edition):
            self.stray(ended)
        elif waiting and not waiting.ended.done():
            waiting.ended.set_result(ended)

    async def _ended(self, mirror: MirrorId, waiting: "_Waiting") -> Ended:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while True:
            done, _ = await asyncio.wait([waiting.ended], timeout=SILENCE)
            if done:
                return waiting.ended.result()
            if loop.time() - max(self._heard, begun) >= SILENCE:
                detail = f"no worker did anything for {SILENCE:.0f} s: start `tamizdat worker`"
                return Refusal(mirror=mirror, detail=detail, retry=True)
            if loop.time() - begun >= LOST:
                return Again()


@asynccontextmanager
async def handed_out(room: Newsroom) -> AsyncIterator[HandedOut | None]:
    """The passes of workers, where the config names these; None where all is done here."""
    if room.config.dispatch.kind == "here":
        yield None
        return
    async with queue(room.folder, room.config) as dispatcher:
        yield HandedOut(dispatcher=dispatcher)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A pass that was handed out: which edition is wanted, and how it ended."""

    edition: int
    ended: "asyncio.Future[Ended]"
