"""Reacting: look by look, what is planned about mirrors in trouble is done and recorded."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from mirror.distributor.season import fit
from mirror.reaction import (
    MOST_ACTIONS,
    Action,
    AddSpare,
    OpenIncident,
    answered,
    next_actions,
    turn_of,
)
from mirror.situation import DAY, Situation
from reach.watch import Watch
from service.newsroom import Newsroom
from service.readiness import is_ready
from tamizdat.incident import Course, Incident, Turn
from tamizdat.placement import MirrorId, MirrorState
from tamizdat.sighting import Round

REMEMBERED = 500
"""Incidents that are searched for false alarms of late."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What was done. `room` is the newsroom with its pool as it stands now.

    `incidents` were opened, changed or closed, and stand as they are now. `awaited` are spares
    with the countries that have not read them yet: a look from there is worth more than others.
    """

    room: Newsroom
    turns: tuple[Turn, ...]
    incidents: tuple[Incident, ...]
    awaited: tuple[tuple[MirrorId, str], ...]

    @property
    def turned(self) -> bool:
        """Whether mirrors changed their states, so that `here.json` and `ways.html` must follow."""
        return bool(self.turns)


async def react(room: Newsroom, watch: Watch, fresh: Sequence[Round], now: datetime) -> Reaction:
    """Open, follow and close incidents, and take the turns that they call for, within the budget.

    `watch` takes the `fresh` rounds in, where it does not know them yet. A spare is only taken
    where it is found to hold what readers should get. What is done is recorded step by step, and a
    kill in between is made good by the next call. Placements are the caller's: see `follow`.
    """
    watch.add(fresh)
    async with room.turning:
        here = await room.as_it_stands()
        work = _Work(room=here, situation=await _situation(here, watch, now))
        await work.do()
    return work.reaction()


async def _situation(room: Newsroom, watch: Watch, now: datetime) -> Situation:
    ledgers = room.ledgers
    lately = await ledgers.incidents.newest(REMEMBERED)
    alarms = [one for one in lately if one.course is Course.FALSE_ALARM]
    return Situation(
        now=now,
        mirrors=tuple(room.mirrors),
        verdicts=watch.verdicts(now),
        looks=watch.looks,
        incidents=(*await ledgers.incidents.unclosed(), *alarms),
        turns=tuple(await ledgers.turns.since(now - DAY)),
        budget=room.config.serve.spares,
        untold=await _untold(room),
    )


async def _untold(room: Newsroom) -> frozenset[MirrorId]:
    """Canaries, and secret mirrors of channels that no group has."""
    channels = {one.id for one in room.config.channel}
    had = {one.mirror for one in await room.ledgers.groups.all()} if channels else set()
    return frozenset(
        one.id
        for one in room.mirrors
        if one.canary or (fit(one) and one.group in channels and one.id not in had)
    )


@dataclass(kw_only=True)
class _Work:
    """What is done, one action after the other, and what came of it."""

    room: Newsroom
    situation: Situation
    turns: list[Turn] = field(default_factory=list)
    incidents: dict[int, Incident] = field(default_factory=dict)

    async def do(self) -> None:
        """Do all there is to do."""
        for _ in range(MOST_ACTIONS):
            batch = next_actions(self.situation)
            for action in batch:
                await self._carry_out(action)
            if not batch:
                return

    async def _carry_out(self, action: Action) -> None:
        if isinstance(action, AddSpare):
            await self._add(action)
        elif isinstance(action, OpenIncident):
            self._note(await self.room.ledgers.incidents.open(action.incident))
        else:
            await self._record(action.incident)

    async def _add(self, action: AddSpare) -> None:
        """Take the turn where the spare holds what it must; else the plan goes on without it."""
        spare = action.spare
        if not await is_ready(self.room, spare):
            log.warning("spare not ready", extra={"mirror": spare})
            unready = self.situation.unready | {spare}
            self.situation = replace(self.situation, unready=unready)
            return
        turn = await self.room.ledgers.turns.take(turn_of(self.situation, action))
        log.info("spare added", extra={"mirror": turn.mirror, "country": turn.country})
        self.turns.append(turn)
        self.room = self.room.in_states(dict.fromkeys(turn.promoted, MirrorState.ACTIVE))
        self.situation = self.situation.with_turn(turn)
        await self._record(answered(action.incident, spare, turn.number))

    async def _record(self, incident: Incident) -> None:
        await self.room.ledgers.incidents.update(incident)
        self._note(incident)

    def _note(self, incident: Incident) -> None:
        self.incidents[incident.number] = incident
        self.situation = self.situation.with_incident(incident)

    def reaction(self) -> Reaction:
        """What came of it."""
        unread = [one for one in self.situation.open if one.course is Course.ADDED]
        return Reaction(
            room=self.room,
            turns=tuple(self.turns),
            incidents=tuple(self.incidents.values()),
            awaited=tuple((one.spare, one.country) for one in unread if one.spare is not None),
        )
