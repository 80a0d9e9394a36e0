"""A looker: the probe, run inside a namespace. `python -m tests.kit.lab.looker FOLDER KIND`."""

import asyncio
import json
import random
import sys
from datetime import datetime, timedelta
from pathlib import Path

from reach.order import Proof
from reach.patience import Patience
from reach.probe import HandProbe
from reach.record import encode
from service.clock import SystemClock
from service.looks.content import Known, SignedContent
from signing.trust import Trust
from tamizdat.digest import Digest
from tamizdat.edition import SealedEdition
from tamizdat.measurement import Aim, Kind, Vantage
from tamizdat.placement import Exposure, MirrorId
from tamizdat.wire import Shard, ShardRef
from tests.kit.lab.paper import made
from tests.kit.lab.places import INNOCENT_NAME, MIRROR, MIRROR_NAME, RESOLVER
from tests.kit.lab.world import obeyed
from tests.unit.signing.paper import START, Newsroom

PATIENCE = Patience(dns=1.5, late=0.2, tcp=1.5, tls=1.5, stall=1.5, exchange=30, whole=90)


class PaperClock:
    """An hour after the lab's edition came out."""

    def now(self) -> datetime:
        return START + timedelta(hours=2)


def content(room: Newsroom) -> SignedContent:
    """The check of a newsroom that keeps its editions in memory."""

    async def edition(number: int, sha256: Digest | None) -> SealedEdition | None:
        known = {one.edition.number: one.edition for one in room.published}
        ours = known.get(number)
        return None if ours is None or sha256 not in {None, ours.sealed.sha256} else ours

    async def oldest() -> int:
        return room.published[-1].edition.manifest.oldest

    async def shard(ref: ShardRef) -> Shard:
        bodies = {path: body for one in room.published for path, body in one.shards.items()}
        return Shard.parse(bodies[f"s/{ref.sha256}.json"], ref.key)

    trust = Trust.begin(room.root_id, room.roots[0], PaperClock().now())
    return SignedContent(
        trust=trust,
        known=Known(edition=edition, shard=shard, oldest=oldest),
        clock=PaperClock(),
        choose=random.Random(7),  # noqa: S311 - any page will do
    )


def proof(room: Newsroom) -> Proof:
    """The same for an outpost."""
    known = tuple((one.edition.number, one.edition.sealed.sha256) for one in room.published)
    return Proof(roots=tuple(room.roots), editions=known)


def vantage_of(kind: Kind) -> Vantage:
    """The one in the country, or the control in the free world."""
    return Vantage(
        id=kind.value,
        country="XX" if kind is Kind.LAB else "ZZ",
        network="AS64500" if kind is Kind.LAB else "AS64501",
        kind=kind,
        resolver=RESOLVER,
    )


def aim(scheme: str) -> Aim:
    """The lab's mirror."""
    return Aim(
        mirror=MirrorId("amber"),
        base=f"{scheme}://{MIRROR_NAME}/",
        exposure=Exposure.PUBLIC,
        group="open",
        addresses=(MIRROR,),
        decoy=INNOCENT_NAME,
        canaries=(f"{scheme}://{INNOCENT_NAME}/",),
    )


async def main(folder: Path, kind: Kind) -> None:
    """Measure what is ordered, until the orders end."""
    room, _ = await made()
    probe = HandProbe(
        content(room), SystemClock(), patience=PATIENCE, authorities=folder / "authority.pem"
    )
    vantage = vantage_of(kind)

    async def obey(order: dict[str, str]) -> object:
        return json.loads(encode(await probe.measure(aim(order["scheme"]), vantage)))

    await obeyed(obey)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Kind(sys.argv[2])))
