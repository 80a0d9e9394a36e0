"""Living: for how long mirrors were read in each country, from what the ledger noted."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from mirror.situation import EVERYWHERE
from mirror.survival import Life, Survival, life, survivals
from service.looks.retired import retirements
from service.newsroom import Ledgers
from tamizdat.incident import Course
from tamizdat.moment import spelled
from tamizdat.placement import Mirror, MirrorId
from tamizdat.verdict import MEANINGS, Vote

FACT = "first looked at"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


async def survival(
    ledgers: Ledgers, mirrors: Sequence[Mirror], now: datetime
) -> Sequence[Survival]:
    """How long mirrors of each kind live, in each country that we looked from."""
    kinds = {one.id: one.backend for one in mirrors}
    known = await ledgers.sightings.newest()
    looked = {(one.mirror, one.country) for one in known if one.country != EVERYWHERE}
    born, blocked = await births(ledgers, now), await _blocked(ledgers)
    retired = await retirements(ledgers)
    lives: list[Life] = [
        life(
            kinds[mirror],
            country,
            born.get(mirror, now),
            blocked.get((mirror, country)),
            retired.get(mirror, now),
        )
        for mirror, country in sorted(looked | blocked.keys())
        if mirror in kinds
    ]
    return survivals(lives)


async def births(ledgers: Ledgers, now: datetime) -> Mapping[MirrorId, datetime]:
    """When each mirror was first looked at. Looks are forgotten after months, this is not."""
    noted: dict[str, str] = json.loads(await ledgers.facts.get(FACT) or "{}")
    for one in await ledgers.sightings.since(_BEGINNING):
        if spelled(one.at) < noted.get(one.mirror, spelled(now)):
            noted[one.mirror] = spelled(one.at)
    return {MirrorId(name): datetime.fromisoformat(at) for name, at in noted.items()}


async def note_births(ledgers: Ledgers, now: datetime) -> None:
    """Keep them, before the looks that tell them are forgotten."""
    found = await births(ledgers, now)
    told = {name: spelled(at) for name, at in found.items()}
    await ledgers.facts.set(FACT, json.dumps(told, sort_keys=True))


async def _blocked(ledgers: Ledgers) -> Mapping[tuple[MirrorId, str], datetime]:
    """When each mirror was first blocked in each country."""
    found: dict[tuple[MirrorId, str], datetime] = {}
    for one in await ledgers.incidents.since(_BEGINNING):
        is_block = MEANINGS[one.finding].vote is Vote.BLOCKED and one.country != EVERYWHERE
        if is_block and one.course is not Course.FALSE_ALARM:
            cell = one.mirror, one.country
            found[cell] = min(one.since, found.get(cell, one.since))
    return found
