"""Budgets: what providers were made to do this month, kept in the ledger, and what follows."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mirror.edge import Edge
from mirror.governor import Budget, Pace, Spend, month, pace, share
from mirror.opening import to_bucket
from mirror.settings import MirrorSettings
from service.alarms.calling import call
from service.config import Config
from service.newsroom import Newsroom
from tamizdat.errors import BackendError
from tamizdat.ledgers import Facts
from tamizdat.moment import spelled
from tamizdat.placement import MirrorId, MirrorState, Placement, Refusal

SELDOM = timedelta(hours=1)
"""So often a mirror gets a new edition where its provider's pace is slow."""

_PAUSED = (
    "provider {} is paused: {} of the month's budget is spent "
    "(raise it in [[provider]], or wait for the next month)"
)
_SLOWED = (
    "provider {} is slowed: its budget would end before the month, "
    "so editions go there once an hour"
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A provider this month."""

    provider: str
    spend: Spend
    budget: Budget
    share: float
    pace: Pace


async def standings(config: Config, facts: Facts, now: datetime) -> Sequence[Standing]:
    """Every provider of the config, with what all its mirrors spent and readers took there."""
    found = []
    for one in config.provider:
        mirrors = [mirror.id for mirror in config.mirror if mirror.provider == one.id]
        spend = Spend()
        for mirror in mirrors:
            ours = await _kept(facts, f"spent {mirror}", now)
            readers = await _kept(facts, f"taken {mirror}", now)
            spend = spend + ours + readers
        found.append(
            Standing(
                provider=one.id,
                spend=spend,
                budget=one.budget,
                share=share(spend, one.budget),
                pace=pace(spend, one.budget, now),
            )
        )
    return found


async def weigh(room: Newsroom) -> Mapping[str, Pace]:
    """Note each provider's pace, by which mirrors are held back until it is weighed again."""
    facts, now = room.ledgers.facts, room.clock.now()
    found = await standings(room.config, facts, now)
    for one in found:
        await facts.set(f"pace {one.provider}", f"{now:%Y-%m} {one.pace} {one.share:.0%}")
    return {one.provider: one.pace for one in found}


async def held_back(room: Newsroom) -> Mapping[MirrorId, str]:
    """Mirrors that get only withdrawals for now, and why in a sentence.

    Asked before each pass of each mirror: it costs one fact for each provider.
    """
    facts, now = room.ledgers.facts, room.clock.now()
    found: dict[MirrorId, str] = {}
    for provider in room.config.provider:
        told = (await facts.get(f"pace {provider.id}") or "").split()
        if not told or told[0] != f"{now:%Y-%m}" or told[1] == Pace.GO:
            continue
        mirrors = [MirrorId(one.id) for one in room.config.mirror if one.provider == provider.id]
        if told[1] == Pace.PAUSE:
            found |= dict.fromkeys(mirrors, _PAUSED.format(provider.id, told[2]))
        else:
            fresh = [one for one in mirrors if await _is_fresh(facts, one, now)]
            found |= dict.fromkeys(fresh, _SLOWED.format(provider.id))
    return found


async def note_spent(room: Newsroom, outcomes: Sequence[Placement | Refusal]) -> None:
    """Count what passes cost, where a budget is asked for."""
    counted = {one.id for one in room.config.mirror if one.provider is not None}
    for one in outcomes:
        if isinstance(one, Placement) and one.mirror in counted:
            await _add(room, one)


async def govern(room: Newsroom) -> None:
    """Ask what readers took at fronts; switch off those whose provider is paused, and on again.

    Who was switched off is told by every alarm.
    """
    here, now = await room.as_it_stands(), room.clock.now()
    fronts = [
        one
        for one in room.config.mirror
        if one.distribution is not None
        and one.provider is not None
        and here.outlets[MirrorId(one.id)].mirror.state is not MirrorState.RETIRED
    ]
    for one in fronts:
        await _measure(room, one, now)
    paces = await weigh(room)
    for one in fronts:
        await _switch(room, one, on=paces[one.provider or ""] is not Pace.PAUSE)


async def _measure(room: Newsroom, one: MirrorSettings, now: datetime) -> None:
    edge = _edge(room, one)
    try:
        taken = await edge.spent(one.distribution or "", month(now), now)
    except BackendError as error:
        log.warning("what readers took is not known", extra={"mirror": one.id, "why": str(error)})
    else:
        await _keep(room.ledgers.facts, f"taken {one.id}", taken, now)
    finally:
        await edge.close()


async def _switch(room: Newsroom, one: MirrorSettings, *, on: bool) -> None:
    """Nothing is asked of the provider where it is as it should be."""
    facts, fact = room.ledgers.facts, f"off {one.id}"
    if (await facts.get(fact) != "yes") is on:
        return
    edge = _edge(room, one)
    try:
        await edge.switch(one.distribution or "", on=on)
    except BackendError as error:
        log.warning("a front is not switched", extra={"mirror": one.id, "why": str(error)})
        return
    finally:
        await edge.close()
    await facts.set(fact, "no" if on else "yes")
    state = "on again: a new month, or a raised budget" if on else "off: its budget is spent"
    await call(room, f"front {one.id} is {state}")


def _edge(room: Newsroom, one: MirrorSettings) -> Edge:
    return Edge(to_bucket(one, room.folder).credentials, one.control)


async def _add(room: Newsroom, one: Placement) -> None:
    facts, now, fact = room.ledgers.facts, room.clock.now(), f"spent {one.mirror}"
    asked = one.writes + one.readbacks
    if asked:
        await _keep(facts, fact, await _kept(facts, fact, now) + Spend(requests=asked), now)
    if one.writes:
        await facts.set(f"passed {one.mirror}", spelled(now))


async def _is_fresh(facts: Facts, mirror: str, now: datetime) -> bool:
    passed = await facts.get(f"passed {mirror}")
    return passed is not None and timedelta() <= now - datetime.fromisoformat(passed) < SELDOM


async def _kept(facts: Facts, name: str, now: datetime) -> Spend:
    """A count of this month; nothing where it is an older one."""
    told = (await facts.get(name) or "").split()
    if not told or told[0] != f"{now:%Y-%m}":
        return Spend()
    return Spend(requests=int(told[1]), length=int(told[2]))


async def _keep(facts: Facts, name: str, spend: Spend, now: datetime) -> None:
    await facts.set(name, f"{now:%Y-%m} {spend.requests} {spend.length}")
