"""Reaching: measure a newsroom's mirrors, with its own editions as the proof of what is ours."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from reach import checking
from reach.checking import Row
from reach.patience import Patience
from reach.probe import HandProbe
from service.content import Known, SignedContent
from service.newsroom import Newsroom
from signing.trust import Trust
from tamizdat.measurement import Aim, Measurement, Vantage
from tamizdat.placement import Mirror, MirrorId, MirrorState
from tamizdat.wire import Shard, ShardRef


def content(room: Newsroom) -> SignedContent:
    """The check that a newsroom makes of what lies on its mirrors."""

    async def shard(ref: ShardRef) -> Shard:
        body = await asyncio.to_thread(room.blobs.read, ref.sha256)
        return Shard.parse(body, ref.key)

    trust = Trust.begin(room.keys.root_id, room.keys.roots[0], room.clock.now())
    for sealed in room.keys.roots[1:]:
        trust = trust.next_root(sealed)
    known = Known(edition=room.ledgers.editions.get, shard=shard)
    return SignedContent(trust=trust, known=known, clock=room.clock)


def prober(
    room: Newsroom, *, patience: Patience | None = None, authorities: Path | None = None
) -> HandProbe:
    """The probe of a newsroom. `authorities` (PEM) replace this machine's."""
    return HandProbe(content(room), room.clock, patience=patience, authorities=authorities)


def aims(mirrors: Sequence[Mirror]) -> tuple[Aim, ...]:
    """What to measure: active mirrors and spares that have an address."""
    return tuple(
        Aim(mirror=one.id, base=one.base, exposure=one.exposure, group=one.group)
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
    return await checking.check(probe, aims(mirrors), vantage, controls)
