"""Reaching: measure a newsroom's mirrors, with its own editions as the proof of what is ours."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mirror.settings import MirrorSettings
from reach import checking
from reach.checking import Row
from reach.order import MAX_EDITIONS, Proof
from reach.patience import Patience
from reach.probe import HandProbe
from service.looks.content import LATEST, Known, SignedContent, trusted
from service.looks.witness import Witness, witness_of
from service.newsroom import Newsroom
from tamizdat.digest import Digest
from tamizdat.edition import SealedEdition
from tamizdat.measurement import Aim, Measurement, Vantage
from tamizdat.placement import Mirror, MirrorId, MirrorState
from tamizdat.ports import Fetch, Probe
from tamizdat.wire import Shard, ShardRef


def content(room: Newsroom) -> SignedContent:
    """The check that a newsroom makes of what lies on its mirrors."""
    editions = room.ledgers.editions

    async def edition(number: int, sha256: Digest | None) -> SealedEdition | None:
        ours = await editions.get(number)
        return None if ours is None or sha256 not in {None, ours.sealed.sha256} else ours

    async def shard(ref: ShardRef) -> Shard:
        body = await asyncio.to_thread(room.blobs.read, ref.sha256)
        return Shard.parse(body, ref.key)

    async def oldest() -> int:
        newest = await editions.newest()
        return newest.manifest.oldest if newest else 1

    known = Known(edition=edition, shard=shard, oldest=oldest)
    trust = trusted(room.keys.roots, room.clock.now())
    return SignedContent(trust=trust, known=known, clock=room.clock)


async def proof(room: Newsroom) -> Proof:
    """The same in words that travel, for vantages without a ledger."""
    newest = await room.ledgers.editions.newest()
    if newest is None:
        return Proof(roots=room.keys.roots, editions=())
    first = max(newest.manifest.oldest, newest.number - MAX_EDITIONS + 1)
    known = await room.ledgers.editions.between(first, newest.number)
    told = tuple((one.number, one.sealed.sha256) for one in known)
    return Proof(roots=room.keys.roots, editions=told)


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessProbe:
    """The port Probe of a newsroom: what our keys signed and we did not make is kept."""

    probe: HandProbe
    check: SignedContent
    witness: Witness

    async def measure(self, target: Aim, vantage: Vantage) -> Measurement:
        """What `vantage` sees of `target`; ExposureError where it must not learn of it."""

        async def suspect(fetch: Fetch, pointer: bytes) -> None:
            if await self.witness.is_strange(pointer):
                # the pointer at once, and then what else there is: a look may end before that
                await self.witness.judged(fetch, (LATEST,), target.mirror, vantage.id)
                await self.witness.look(fetch, target.mirror, vantage.id)

        check = replace(self.check, suspect=suspect)
        return await self.probe.checking(check).measure(target, vantage)


_: type[Probe] = WitnessProbe


def prober(
    room: Newsroom, *, patience: Patience | None = None, authorities: Path | None = None
) -> WitnessProbe:
    """The probe of a newsroom. `authorities` (PEM) replace this machine's."""
    check = content(room)
    probe = HandProbe(check, room.clock, patience=patience, authorities=authorities)
    return WitnessProbe(probe=probe, check=check, witness=witness_of(room))


def aims(mirrors: Sequence[Mirror], settings: Sequence[MirrorSettings]) -> tuple[Aim, ...]:
    """What to measure: active mirrors and spares that have an address."""
    told = {one.id: one for one in settings}
    return tuple(
        Aim(
            mirror=one.id,
            base=one.base,
            exposure=one.exposure,
            group=one.group,
            addresses=told[one.id].addresses,
            decoy=told[one.id].decoy,
            canaries=told[one.id].canaries,
        )
        for one in mirrors
        if one.base is not None and one.state is not MirrorState.RETIRED
    )


async def check(
    room: Newsroom,
    vantage: Vantage,
    controls: Mapping[MirrorId, Measurement] | None = None,
    *,
    authorities: Path | None = None,
) -> tuple[Row, ...]:
    """Measure every mirror now; see reach/checking.py for what serves as control."""
    mirrors = [outlet.mirror for outlet in room.outlets.values()]
    probe = prober(room, authorities=authorities)
    wanted = aims(mirrors, room.config.mirror)
    return await checking.check(probe, wanted, vantage, controls)
