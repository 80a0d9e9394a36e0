"""Handing out: passes and looks done by workers, as if they were done here.

What is local to a mirror is made and signed here, before. A worker has no key: it puts the overlay
that lies in the ledger.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from reach.patience import Patience
from service.dispatching.opening import queue
from service.dispatching.returns import Returns, SilentError
from service.dispatching.telling import parts, read
from service.looks.keeping import Tell
from service.looks.reaching import aims
from service.newsroom import Newsroom
from service.overlaying import overlay
from service.running.passing import Again, Aim, Ended, outlets_of
from tamizdat.dispatching import Duty, Job, Report
from tamizdat.errors import LedgerError
from tamizdat.placement import MirrorId, Placement, Refusal

AT_ONCE = 8
"""So many passes are prepared at the same time: a thousand mirrors need no thousand connections."""

BLOCK = 16
"""Mirrors that one look is asked for: a vantage elsewhere is called once for all of them."""

SKEW = timedelta(minutes=10)
"""By so much the clock of a worker may be wrong."""

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class HandedOut:
    """What workers do. `stray` is told of passes that nobody waits for any more."""

    returns: Returns
    stray: Callable[[Placement], None] = lambda _: None
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def __post_init__(self) -> None:
        self.returns.stray = self._strayed

    async def go_by(self, aim: Aim, mirror: MirrorId, *, doubted: bool) -> Ended:
        """One pass; Again where what is wanted changed before a worker came to it."""
        edition = aim.desired.edition
        duty = Duty.WITHDRAW if edition.manifest.removal else Duty.PUSH
        job = Job(duty=Duty.AUDIT if doubted else duty, ids=(mirror,))
        with self.returns.expected(job.lock) as coming:
            async with self._turns:
                outlets = await outlets_of(aim.room, mirror)
                if not outlets:
                    return None
                await overlay(aim.room, outlets[0].mirror, aim.room.mirrors, edition)
                await self.returns.dispatcher.hand([job])
            try:
                async for report in coming:
                    ended = self._ended(report)
                    if not isinstance(ended, Placement) or ended.edition >= edition.number:
                        return ended
            except SilentError as error:
                return Refusal(mirror=mirror, detail=str(error), retry=True)
        return Again()

    async def look(
        self,
        room: Newsroom,
        *,
        only: Collection[MirrorId] | None,
        inside: bool,
        tell: Tell,
        patience: Patience,
    ) -> None:
        """One round of looks; `tell` is given one part at a time, as it comes back."""
        del patience  # a worker takes it from the config, as we do
        here = await room.as_it_stands()
        seen = [one.mirror for one in aims(here.mirrors, room.config.mirror)]
        wanted = sorted(one for one in seen if only is None or one in only)
        duty = Duty.PROBE if inside else Duty.GLANCE
        blocks = [wanted[first : first + BLOCK] for first in range(0, len(wanted), BLOCK)]
        telling = asyncio.Lock()

        async def one(job: Job) -> None:
            with self.returns.expected(job.lock) as coming:
                async for report in coming:
                    async with telling:
                        await self._tell(room, report, tell)
                    return

        jobs = [Job(duty=duty, ids=tuple(block)) for block in blocks]
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(one(job))
            await self.returns.dispatcher.hand(jobs)

    async def _tell(self, room: Newsroom, report: Report, tell: Tell) -> None:
        start = room.clock.now() - SKEW
        kept = {one.number: one for one in await room.ledgers.sightings.since(start)}
        for part in parts(report.job, report.told, kept):
            await tell(part)

    def _ended(self, report: Report) -> Ended:
        try:
            return read(report.job, report.told)
        except LedgerError as error:
            return Refusal(mirror=MirrorId(report.job.ids[0]), detail=str(error), retry=True)

    def _strayed(self, report: Report) -> None:
        ended = self._ended(report) if report.job.duty.writes else None
        if isinstance(ended, Placement):
            self.stray(ended)


@asynccontextmanager
async def handed_out(room: Newsroom) -> AsyncIterator[HandedOut | None]:
    """What workers do, where the config names these; None where all is done here."""
    if room.config.dispatch.kind == "here":
        yield None
        return
    async with queue(room.folder, room.config) as dispatcher:
        yield HandedOut(returns=Returns(dispatcher=dispatcher))
