"""Tending: groups follow what became of mirrors, and hint files follow groups."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mirror.distributor.growth import Policy
from mirror.distributor.season import Channel, Season, day_of, fit, regrouped, sown, waiting
from mirror.planner import fits
from mirror.situation import DAY
from service.handing.hinting import renew
from service.handing.master import master_of
from service.handing.settings import channels_of
from service.newsroom import Newsroom
from service.readiness import is_ready
from tamizdat.grove import Node, Regrouped
from tamizdat.incident import Incident, Turn
from tamizdat.placement import Mirror, MirrorId, MirrorState, Phase
from tamizdat.verdict import Board

MOST_ROUNDS = 100
"""Spares that are added in one go; the day's budget is far smaller."""

POLICY = Policy(chances=2)
"""One loss may be anything: a small group is given a second mirror, and no third."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tended:
    """What was done: shards whose hint files were made anew, and spares that became active."""

    shards: tuple[str, ...] = ()
    turns: tuple[Turn, ...] = ()


async def tend(room: Newsroom) -> Tended:
    """Let groups that lost a mirror be halved and given others, and make hint files anew.

    Nothing where the config names no channel. Idempotent; a kill in between is made good by the
    next call. Mirrors get the files by their next pass.
    """
    channels = channels_of(room.config.channel)
    if not channels:
        return Tended()
    async with room.turning:
        here = await room.as_it_stands()
        planted = bool(await here.ledgers.groups.all())
        master = await master_of(here.folder / here.config.signing.keys, planted=planted)
        now = here.clock.now()
        await _watch(here, now)
        nodes = await _grow(here, channels, now)
        turns = []
        for _ in range(MOST_ROUNDS):
            turn = await _add_spare(here, channels, nodes, now)
            if turn is None:
                break
            turns.append(turn)
            here = here.in_states(dict.fromkeys(turn.promoted, MirrorState.ACTIVE))
            nodes = await _grow(here, channels, now)
        shards = await renew(here, nodes, master)
    if shards:
        log.info("hints made", extra={"shards": len(shards)})
    return Tended(shards=shards, turns=tuple(turns))


async def _grow(room: Newsroom, channels: Sequence[Channel], now: datetime) -> Sequence[Node]:
    season = Season(
        mirrors=room.mirrors,
        incidents=await room.ledgers.incidents.unclosed(),
        whole=await _whole(room),
        day=day_of(now),
        policy=POLICY,
    )

    def step(nodes: Sequence[Node]) -> Regrouped:
        fresh = sown(nodes, channels, season.day)
        return regrouped(fresh.nodes, channels, season)

    return await room.ledgers.groups.change(step)


async def _whole(room: Newsroom) -> frozenset[MirrorId]:
    """The mirrors for groups on which an edition was read back."""
    found = set()
    for one in room.mirrors:
        if fit(one):
            lying = await room.ledgers.pool.lying(one.id)
            found |= {one.id for edition in lying if edition.phase is not Phase.PUSHING}
    return frozenset(found)


async def _watch(room: Newsroom, now: datetime) -> None:
    """Canaries are watched, and counted as lost where they are blocked."""
    groups, day = room.ledgers.groups, day_of(now)
    canaries = [one.id for one in room.mirrors if one.canary and one.state is MirrorState.ACTIVE]
    for name in canaries:
        await groups.watch(name, day)
    for one in await room.ledgers.incidents.unclosed():
        if one.state is Board.BLOCKED and one.mirror in canaries:
            await groups.lose(one.mirror, day)


async def _add_spare(
    room: Newsroom, channels: Sequence[Channel], nodes: Sequence[Node], now: datetime
) -> Turn | None:
    """A spare for the other half of a group that was halved, within the day's budget.

    The first half has the spare that answered the incident.
    """
    lately = await room.ledgers.turns.since(now - DAY)
    if sum(one.automatic for one in lately) >= room.config.serve.spares:
        return None
    for one in await room.ledgers.incidents.unclosed():
        gone = _secret(room, one)
        channel = next((c for c in channels if gone and c.name == gone.group), None)
        if gone is None or channel is None or one.spare is None or not waiting(nodes, channel):
            continue
        spare = await _ready(room, gone)
        if spare is not None:
            return await room.ledgers.turns.take(_turn(one, spare, now))
    return None


def _secret(room: Newsroom, incident: Incident) -> Mirror | None:
    """The mirror in trouble, where groups may have had it."""
    outlet = room.outlets.get(incident.mirror)
    return outlet.mirror if outlet and fit(outlet.mirror) else None


async def _ready(room: Newsroom, gone: Mirror) -> MirrorId | None:
    for one in sorted(room.mirrors, key=lambda one: one.id):
        if one.state is MirrorState.SPARE and fits(one, gone) and await is_ready(room, one.id):
            return one.id
    return None


def _turn(incident: Incident, spare: MirrorId, now: datetime) -> Turn:
    return Turn(
        number=0,
        at=now,
        mirror=incident.mirror,
        country=incident.country,
        retired=(),
        promoted=(spare,),
        automatic=True,
    )
