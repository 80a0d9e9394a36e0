"""Witnessing: a copy verified in a newsroom is also asked what its ledger does not know."""

from pathlib import Path

from service.alarms.sounding import Siren
from service.clock import SystemClock
from service.config import load
from service.keys.published import published_roots
from service.looks.witness import HERE_SEEN, Witness
from service.wiring import glanced
from signing.sources import Source
from tamizdat.errors import BackendError, SourceError
from tamizdat.placement import Mirror
from tamizdat.theft import Theft


async def witnessed(folder: Path, copy: str, source: Source, root: str) -> tuple[Theft, ...]:
    """What our own keys signed there without us, kept and told; nothing for another newsroom's.

    It may be called while another program works in the newsroom.
    """
    config = load(folder)
    roots = published_roots(folder / config.signing.keys)
    if roots[0].sha256 != root:
        return ()

    async def fetch(path: str, limit: int) -> bytes | None:
        try:
            return (await source.fetch({path: limit})).get(path)
        except SourceError as error:
            raise BackendError(str(error), retry=True) from error

    clock = SystemClock()
    async with glanced(folder) as room:
        witness = Witness(ledgers=room.ledgers, roots=tuple(roots), clock=clock)
        there = await source.listing() or ()
        mirror = next((one.id for one in room.mirrors if _is_at(one, copy)), "")
        found = await witness.look(fetch, mirror, HERE_SEEN, there)
        siren = Siren(
            facts=room.ledgers.facts,
            thefts=room.ledgers.thefts,
            config=config,
            folder=folder,
            mirrors=room.mirrors,
        )
        await siren.sound(clock.now())
    return tuple(found)


def _is_at(mirror: Mirror, copy: str) -> bool:
    """Whether the copy that a person named is this mirror."""
    if copy.startswith(("http://", "https://")):
        return mirror.base is not None and mirror.base.rstrip("/") == copy.rstrip("/")
    return mirror.folder is not None and Path(mirror.folder).resolve() == Path(copy).resolve()
