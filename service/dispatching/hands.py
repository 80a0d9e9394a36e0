"""Hands: what a worker does of each duty, in a newsroom that it may not sign for."""

import asyncio
import logging
from dataclasses import dataclass, field, replace

from mirror.shelf import Shelf
from service.dispatching.holding import Holding
from service.dispatching.pen import NoPenError, keys_without_pen
from service.dispatching.telling import told, told_parts
from service.looks.keeping import Part, look_and_keep
from service.newsroom import Newsroom
from service.placing import Desired, kept
from service.running.passing import Again, Aim, Ended, ended_early, pass_here
from service.running.patience import patience
from store.lock import BusyError
from tamizdat.dispatching import Duties, Duty, Job, LaterError
from tamizdat.errors import TamizdatError
from tamizdat.placement import MirrorId, Refusal

BUSY = 2.0
"""Seconds until a mirror is tried again that another program holds."""

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Hands:
    """Does jobs. What is wanted is read anew for each, once nobody else may touch the mirror."""

    room: Newsroom
    holding: Holding
    _aim: Aim | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def duties(self) -> Duties:
        """All that a worker does."""
        passes = dict.fromkeys((duty for duty in Duty if duty.writes), self.go_by)
        return {**passes, Duty.PROBE: self.look, Duty.GLANCE: self.look}

    async def go_by(self, job: Job) -> str:
        """One pass of one mirror."""
        mirror = MirrorId(job.ids[0])
        if mirror not in self.room.outlets:
            detail = "a worker knows no mirror of this name: start workers again"
            return told(Refusal(mirror=mirror, detail=detail, retry=True))
        try:
            async with self.holding.hold(job.lock):
                return told(await self._pass(mirror, doubted=job.duty is Duty.AUDIT))
        except BusyError as error:
            raise LaterError(str(error), seconds=BUSY) from error

    async def look(self, job: Job) -> str:
        """One look at some mirrors; what was seen is kept before it is told."""
        seen: list[Part] = []

        async def note(part: Part) -> None:
            seen.append(part)

        try:
            await look_and_keep(
                self.room,
                only=set(map(MirrorId, job.ids)),
                inside=job.duty is Duty.PROBE,
                tell=note,
                patience=patience(self.room.config.serve.look_seconds),
            )
        except* TamizdatError as errors:
            log.warning("no look", extra={"kind": type(errors.exceptions[0]).__name__})
        return told_parts(seen)

    async def _pass(self, mirror: MirrorId, *, doubted: bool) -> Ended:
        async with self._turn:
            aim = await self._wanted()
        if aim is None:
            return Again()  # what is wanted is being made and signed: it is handed out then
        here = replace(aim, room=await aim.room.as_it_stands())
        ended: Ended = Again()
        try:
            ended = await pass_here(here, mirror, doubted=doubted)
        except* NoPenError:
            pass  # the overlay is to be made anew: the same
        except* TamizdatError as errors:
            ended = ended_early(mirror, errors)
        return ended

    async def _wanted(self) -> Aim | None:
        """What the ledger wants now; None where its parts do not belong together yet."""
        editions = self.room.ledgers.editions
        pointer, withdrawn = await editions.newest_pointer(), await editions.withdrawals()
        if pointer is None or withdrawn is None:
            return None
        last = self._aim
        if last and (last.desired.pointer, last.desired.withdrawn) == (pointer, withdrawn):
            return last
        edition = await editions.newest()
        names = pointer.pointer.manifest.sha256, pointer.pointer.withdrawn.sha256
        if edition is None or names != (edition.sealed.sha256, withdrawn.sha256):
            return None
        if pointer.pointer.root_version != self.room.keys.root.version:
            await self._learn_roots()
        desired = Desired(
            edition=edition,
            kept=await kept(self.room, edition, last.desired if last else None),
            pointer=pointer,
            withdrawn=withdrawn,
        )
        same = last is not None and last.desired.edition == edition
        shelf = last.shelf if last and same else Shelf(self.room.blobs)
        self._aim = Aim(room=self.room, desired=desired, shelf=shelf)
        return self._aim

    async def _learn_roots(self) -> None:
        """The keys changed since this worker began."""
        folder = self.room.folder / self.room.config.signing.keys
        self.room = replace(self.room, keys=await asyncio.to_thread(keys_without_pen, folder))
