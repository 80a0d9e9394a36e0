"""Placing: move each mirror from the edition observed on it towards the one desired (a pass).

What may lie on a mirror is written to the ledger before the first byte is put there, so that a
kill at any instant leaves nothing that the next pass does not know of.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mirror.audit import Audit
from mirror.fanout import PATIENCE, patient
from mirror.push import Drifted, current, push
from mirror.shelf import Shelf
from mirror.target import LyingEdition, Target
from service.budgets import note_spent
from service.clearing import clear, forget_signatures, refuse_strangers, repair
from service.composing import NEWEST_REMOVAL
from service.dispatching.holding import place_of
from service.handing.hinting import hint_files
from service.handing.laying import Laying
from service.looks.witness import HERE_SEEN, witness_of
from service.newsroom import Newsroom, Outlet
from service.overlaying import overlay
from service.tried import Tried, Triple
from signing.claim import kind_at
from tamizdat.edition import KeptEdition, Sealed, SealedEdition, SealedPointer
from tamizdat.errors import BackendError, LedgerError
from tamizdat.placement import Lying, Mirror, Phase, Placement, Refusal

Progress = Callable[[str, int, int], None]
"""Told a mirror's id, how many files are done, and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What every mirror should hold."""

    edition: SealedEdition
    kept: tuple[KeptEdition, ...]
    pointer: SealedPointer
    withdrawn: Sealed


async def kept(
    room: Newsroom, edition: SealedEdition, before: Desired | None = None
) -> tuple[KeptEdition, ...]:
    """The earlier editions whose manifests must lie on a mirror, oldest first (formats 4.5).

    Those that `before` holds are taken from there, where `edition` follows it.
    """
    oldest, last = edition.manifest.oldest, edition.number - 1
    if before and _follows(edition, before.edition):
        row = (*before.kept, before.edition.kept)
        known = tuple(one for one in row if oldest <= one.number <= last)
        if known and known[0].number == oldest:
            return known
    return tuple(one.kept for one in await room.ledgers.editions.between(oldest, last))


def _follows(edition: SealedEdition, before: SealedEdition) -> bool:
    """Whether `edition` is `before`, or the one after it."""
    prev = edition.manifest.prev
    return before.sealed.sha256 in {edition.sealed.sha256, prev.sha256 if prev else None}


async def place(
    room: Newsroom,
    outlets: Sequence[Outlet],
    pool: Sequence[Mirror],
    desired: Desired,
    progress: Progress | None = None,
    shelf: Shelf | None = None,
) -> tuple[Placement | Refusal, ...]:
    """One outcome for each mirror, in order; no mirror waits for another.

    Calls for one desired edition may share a `shelf`, so that its bytes are read once for all.
    """
    shelf = shelf or Shelf(room.blobs)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_outcome(room, outlet, pool, desired, shelf, progress))
            for outlet in outlets
        ]
    outcomes = tuple(task.result() for task in tasks)
    await note_spent(room, outcomes)
    return outcomes


async def _outcome(
    room: Newsroom,
    outlet: Outlet,
    pool: Sequence[Mirror],
    desired: Desired,
    shelf: Shelf,
    progress: Progress | None,
) -> Placement | Refusal:
    mirror = outlet.mirror

    def report(done: int, total: int) -> None:
        if progress:
            progress(mirror.id, done, total)

    try:
        target = await _target(room, mirror, pool, desired)
        async with room.holding.hold(place_of(mirror.id)):
            laying = await Laying.of(room, outlet, target.hints)
            return await _Pass(room, outlet, target, shelf, report, laying).run()
    except LedgerError as error:  # busy: the others go on, the next pass knows what lies there
        return Refusal(mirror=mirror.id, detail=str(error), retry=True)
    except BackendError as error:
        return Refusal(mirror=mirror.id, detail=str(error), retry=error.retry)


async def _target(
    room: Newsroom, mirror: Mirror, pool: Sequence[Mirror], desired: Desired
) -> Target:
    return Target(
        edition=desired.edition,
        roots=room.keys.roots,
        kept=desired.kept,
        pointer=desired.pointer,
        withdrawn=desired.withdrawn,
        overlay=await overlay(room, mirror, pool, desired.edition),
        base=mirror.base,
        hints=await hint_files(room),
    )


class _Pass:
    """One mirror's way to the desired edition."""

    def __init__(
        self,
        room: Newsroom,
        outlet: Outlet,
        target: Target,
        shelf: Shelf,
        report: Callable[[int, int], None],
        laying: Laying,
    ) -> None:
        self._room = room
        self._pool = room.ledgers.pool
        self._outlet = outlet
        self._mirror = outlet.mirror
        self._target = target
        self._number = target.edition.number
        self._wanted = Triple.of(target)
        self._shelf = shelf
        self._report = report
        self._laying = laying
        self._removal = 0
        self._strange: tuple[Lying, ...] = ()
        self._looked = False

    async def run(self) -> Placement | Refusal:
        self._removal = int(await self._room.ledgers.facts.get(NEWEST_REMOVAL) or 0)
        lying = await self._pool.lying(self._mirror.id)
        tried = Tried.read(await self._pool.placed(self._mirror.id))
        known = await self._known(lying)
        if self._is_done(lying, tried):
            if await current(self._outlet.reader, self._target):
                return self._seen()
            return await self._repair(known or (), tried)
        if known is None:
            return await self._repair((), tried)
        if _is_doubted(known, tried):
            return await self._heal(known, tried)
        if not known:
            await refuse_strangers(self._outlet, self._target)
        outcome = await self._push(known, tried)
        return await self._doubt(known, tried) if isinstance(outcome, Drifted) else outcome

    async def _doubt(self, known: Sequence[LyingEdition], tried: Tried) -> Placement | Refusal:
        """Files were lost there unseen: note it, so that a later pass heals what this cannot."""
        doubted = tried.with_attempt(self._wanted).doubted()
        trying = self._trying(known)
        await self._note(trying, doubted)
        return await self._heal(trying, doubted)

    async def _heal(self, known: Sequence[LyingEdition], tried: Tried) -> Placement | Refusal:
        """Put all that lacks; what is too much may be what readers still follow: it stays.

        A thief's edition does not.
        """
        drift = await repair(self._outlet, self._target, self._shelf)
        if isinstance(drift, Refusal):
            return drift
        if not await self._keep(drift):
            drift = replace(drift, surplus=())
        return await self._push(known, tried, drift)

    def _trying(self, known: Sequence[LyingEdition]) -> list[LyingEdition]:
        if any(entry.edition.number == self._number for entry in known):
            return list(known)
        return [*known, LyingEdition(edition=self._target.edition, phase=Phase.PUSHING)]

    async def _repair(self, known: Sequence[LyingEdition], tried: Tried) -> Placement | Refusal:
        """What lies there is not what we knew of: look at all of it, and mend what is wrong."""
        drift = await repair(self._outlet, self._target, self._shelf)
        if isinstance(drift, Refusal):
            return drift
        await self._keep(drift)
        return await self._push(known, tried, drift)

    def _is_done(self, lying: Sequence[Lying], tried: Tried) -> bool:
        overdue = any(_is_overdue(entry.edition, self._removal) for entry in lying)
        settled = not overdue and all(entry.phase is not Phase.PUSHING for entry in lying)
        here = Lying(edition=self._number, phase=Phase.CURRENT)
        placed = tried.placed == self._wanted and self._laying.is_done
        return settled and here in lying and placed

    async def _push(
        self, known: Sequence[LyingEdition], tried: Tried, drift: Audit | None = None
    ) -> Placement | Refusal:
        if drift is None and await self._is_stolen():
            return await self._repair(known, tried)
        doubted = _is_doubted(known, tried)
        unfinished = doubted or any(entry.phase is Phase.PUSHING for entry in known)
        tried = await forget_signatures(self._outlet, tried, self._wanted, unfinished=unfinished)
        others = [entry for entry in known if entry.edition.number != self._number]
        await self._note(self._trying(known), tried.with_attempt(self._wanted))
        await self._laying.begin()
        outcome = await push(
            self._mirror,
            self._outlet.backend,
            self._outlet.reader,
            self._target,
            lying=known,
            placed=tried.placed.digests if tried.placed and known else (),
            shelf=self._shelf,
            clock=self._room.clock,
            random=random.SystemRandom(),
            progress=self._report,
            again=frozenset((*drift.missing, *drift.altered)) if drift else frozenset(),
            hinted=self._laying.standing if known else frozenset(),
        )
        if isinstance(outcome, Refusal):
            return outcome
        await self._laying.end()
        return await self._after(outcome, others, tried, drift.surplus if drift else ())

    async def _keep(self, drift: Audit) -> bool:
        """Keep what our keys signed there without us, of all that is not as we put it."""
        self._looked = True
        drifted = [path for path in (*drift.altered, *drift.surplus) if kind_at(path)]
        witness = witness_of(self._room)
        return bool(
            await witness.judged(self._fetch, drifted, self._mirror.id, HERE_SEEN, strict=True)
        )

    async def _is_stolen(self) -> bool:
        """Whether a push would lay its files over some that our keys signed without us.

        These are kept first. A thief's pages are then there as well: all must be looked at.
        """
        if self._looked:
            return False
        self._looked = True
        witness = witness_of(self._room)
        return bool(await witness.before_push(self._fetch, self._mirror.id, self._number))

    async def _fetch(self, path: str, limit: int) -> bytes | None:
        return await patient(path, PATIENCE, self._outlet.reader.fetch(path, limit))

    async def _after(
        self,
        placement: Placement,
        others: Sequence[LyingEdition],
        tried: Tried,
        surplus: Sequence[str],
    ) -> Placement | Refusal:
        """The pointer moved: what left it a pass ago goes now, what left it just now later."""
        removal = self._removal
        overdue = [one for one in others if _is_overdue(one.edition.number, removal)]
        late = [one for one in others if one.phase is Phase.LEAVING and one not in overdue]
        leaving = [*overdue, *late]
        staying = [one for one in others if one not in leaving]
        gone = [LyingEdition(edition=one.edition, phase=Phase.LEAVING) for one in others]
        here = LyingEdition(edition=self._target.edition, phase=Phase.CURRENT)
        done = tried.placed_now(self._wanted)
        await self._note([*gone, here], done)
        refusal = await clear(
            self._outlet,
            self._target,
            leaving,
            staying,
            surplus,
            self._shelf,
            self._room.clock,
            removal=bool(overdue)
            or any(_is_overdue(one.edition, removal) for one in self._strange),
        )
        if refusal:
            return refusal
        self._strange = ()
        stay = [LyingEdition(edition=one.edition, phase=Phase.LEAVING) for one in staying]
        await self._note([*stay, here], done)
        return placement

    async def _note(self, lying: Sequence[LyingEdition], tried: Tried) -> None:
        entries = [Lying(edition=one.edition.number, phase=one.phase) for one in lying]
        entries += self._strange
        entries.sort(key=lambda entry: entry.edition)
        await self._pool.set_placed(self._mirror.id, tried.write())
        await self._pool.set_lying(self._mirror.id, entries)

    async def _known(self, lying: Sequence[Lying]) -> tuple[LyingEdition, ...] | None:
        """The editions that may lie there; None where one is not in the ledger.

        Such a strange one stays noted until a pass has cleared the mirror of what nobody names.
        """
        found, strange = [], []
        for entry in lying:
            edition = await self._room.ledgers.editions.get(entry.edition)
            if edition is None:
                strange.append(entry)
            else:
                found.append(LyingEdition(edition=edition, phase=entry.phase))
        self._strange = tuple(strange)
        return None if strange else tuple(found)

    def _seen(self) -> Placement:
        return Placement(
            mirror=self._mirror.id,
            edition=self._number,
            url=self._mirror.address,
            at=self._room.clock.now(),
            writes=0,
            readbacks=1,
        )


def _is_doubted(known: Sequence[LyingEdition], tried: Tried) -> bool:
    """Whether an edition was read back whole, but what lies there was found to lack since."""
    return tried.placed is None and any(one.phase is not Phase.PUSHING for one in known)


def _is_overdue(edition: int, removal: int) -> bool:
    """Whether what an edition has may hold what was withdrawn since (formats 5.2)."""
    return edition < removal
