"""Turning: what people do to the pool and to incidents, in a newsroom that is open."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from mirror.planner import fits, plan
from mirror.reaction import taken_back
from service.newsroom import Newsroom
from service.readiness import is_ready
from tamizdat.errors import ConfigError, LedgerError
from tamizdat.incident import Course, Incident, Turn
from tamizdat.placement import Mirror, MirrorId, MirrorState
from tamizdat.verdict import Word

LATELY = timedelta(hours=6)
"""What was seen before says nothing of a spare."""

MOST_TURNS = 500
"""Turns that are searched for one that stands."""

A_PERSON = "a person said so"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """Which mirrors were (or would be) retired and promoted, and how many spares are lacking.

    `stand_ins` were added before, for the same mirror, and stay. `turn` takes it back; it is None
    where nothing was done.
    """

    retired: tuple[MirrorId, ...]
    promoted: tuple[MirrorId, ...]
    stand_ins: tuple[MirrorId, ...]
    wanted: int
    dry_run: bool
    turn: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarm:
    """The incident as it was closed, and the turn that was taken back with it.

    `kept` tells why the spare stays; it is empty where none was added, or it went.
    """

    incident: Incident
    undone: Turn | None
    kept: str


async def planned(room: Newsroom, mirror: MirrorId, without: Collection[MirrorId] = ()) -> Rotated:
    """What a rotation would do, the spares in `without` left aside.

    ConfigError where there is no such mirror, or it is not active.
    """
    gone = _active(room, mirror)
    stand_ins = await _stand_ins(room, gone)
    if stand_ins:
        return _rotated(retired=(mirror,), stand_ins=stand_ins)
    shunned = {*without, *await _failing(room, mirror)} - {mirror}
    rotation = plan([one for one in room.mirrors if one.id not in shunned], {mirror})
    if rotation.unreplaced:
        return _rotated(wanted=len(rotation.unreplaced))
    return _rotated(retired=rotation.retire, promoted=rotation.promote)


async def rotate(room: Newsroom, mirror: MirrorId) -> Rotated:
    """Retire `mirror`, and let a spare take over that holds what readers should get.

    A spare that is not ready is passed over for the next one; without one, nothing is done.
    """
    unready: set[MirrorId] = set()
    async with room.turning:
        here = await room.as_it_stands()
        rotated = await planned(here, mirror)
        while lagging := [one for one in rotated.promoted if not await is_ready(here, one)]:
            unready.update(lagging)
            rotated = await planned(here, mirror, unready)
        turn = await _take(here, mirror, rotated) if rotated.retired else None
    return replace(rotated, dry_run=False, turn=turn.number if turn else None)


async def retire(room: Newsroom, mirror: MirrorId) -> Rotated:
    """Retire `mirror` and put none in its place. An active one can be taken back."""
    async with room.turning:
        here = await room.as_it_stands()
        rotated = replace(_rotated(retired=(mirror,)), dry_run=False)
        if _known(here, mirror).state is not MirrorState.ACTIVE:
            await here.ledgers.pool.set_state(mirror, MirrorState.RETIRED)
            return rotated
        turn = await _take(here, mirror, rotated)
    return replace(rotated, turn=turn.number)


async def take_back(room: Newsroom, number: int | None) -> Turn:
    """Undo a turn: the newest that stands where no `number` is given. LedgerError says why not.

    Incidents that its spare answered wait for a person from then on.
    """
    turns, incidents = room.ledgers.turns, room.ledgers.incidents
    async with room.turning:
        wanted = number if number is not None else await _newest(room)
        undone = await turns.undo(wanted, room.clock.now())
        for one in await incidents.unclosed():
            if one.spare in undone.promoted:
                await incidents.update(taken_back(one))
    return undone


async def false_alarm(room: Newsroom, number: int) -> FalseAlarm:
    """Close an incident that was none; its spare goes back, unless it is needed elsewhere.

    ConfigError where there is no such incident, or it is closed.
    """
    incidents = room.ledgers.incidents
    async with room.turning:
        known = await incidents.get(number)
        if known is None:
            raise ConfigError(f"there is no incident {number}")
        if known.closed is not None:
            raise ConfigError(f"incident {number} is closed already")
        now = room.clock.now()
        closed = replace(known, course=Course.FALSE_ALARM, closed=now, detail=A_PERSON)
        await incidents.update(closed)
        undone, kept = await _return_spare(room, closed)
    return FalseAlarm(incident=closed, undone=undone, kept=kept)


def unknown(room: Newsroom, mirror: MirrorId) -> ConfigError:
    """The error for a mirror that is not there."""
    return ConfigError(f"{mirror}: no such mirror (have: {', '.join(room.outlets) or 'none'})")


async def _take(room: Newsroom, mirror: MirrorId, rotated: Rotated) -> Turn:
    turn = Turn(
        number=0,
        at=room.clock.now(),
        mirror=mirror,
        country=None,
        retired=rotated.retired,
        promoted=rotated.promoted,
        automatic=False,
    )
    return await room.ledgers.turns.take(turn)


async def _return_spare(room: Newsroom, closed: Incident) -> tuple[Turn | None, str]:
    if closed.spare is None or closed.turn is None:
        return None, ""
    others = [o.number for o in await room.ledgers.incidents.unclosed() if o.spare == closed.spare]
    if others:
        return None, f"incident {others[0]} needs it"
    try:
        return await room.ledgers.turns.undo(closed.turn, room.clock.now()), ""
    except LedgerError as error:
        return None, str(error)


async def _stand_ins(room: Newsroom, gone: Mirror) -> tuple[MirrorId, ...]:
    """Spares that incidents of this mirror added, and that readers have."""
    open_ = await room.ledgers.incidents.unclosed()
    named = {one.spare for one in open_ if one.mirror == gone.id}
    return tuple(
        one.id
        for one in room.mirrors
        if one.id in named and one.state is MirrorState.ACTIVE and fits(one, gone)
    )


async def _failing(room: Newsroom, mirror: MirrorId) -> frozenset[MirrorId]:
    """What failed of late in the countries where this mirror is in trouble."""
    open_ = await room.ledgers.incidents.unclosed()
    countries = {one.country for one in open_ if one.mirror == mirror}
    since = room.clock.now() - LATELY
    return frozenset(
        one.mirror
        for one in await room.ledgers.sightings.newest()
        if one.country in countries and one.at >= since and one.ruling.word in _FAILED
    )


async def _newest(room: Newsroom) -> int:
    for one in await room.ledgers.turns.newest(MOST_TURNS):
        if one.undone is None:
            return one.number
    raise ConfigError("there is no turn to take back")


def _known(room: Newsroom, mirror: MirrorId) -> Mirror:
    outlet = room.outlets.get(mirror)
    if outlet is None:
        raise unknown(room, mirror)
    return outlet.mirror


def _active(room: Newsroom, mirror: MirrorId) -> Mirror:
    known = _known(room, mirror)
    if known.state is not MirrorState.ACTIVE:
        raise ConfigError(f"{mirror} is {known.state}: only an active mirror is rotated")
    return known


def _rotated(
    *,
    retired: tuple[MirrorId, ...] = (),
    promoted: tuple[MirrorId, ...] = (),
    stand_ins: tuple[MirrorId, ...] = (),
    wanted: int = 0,
) -> Rotated:
    return Rotated(
        retired=retired, promoted=promoted, stand_ins=stand_ins, wanted=wanted, dry_run=True
    )


_FAILED = frozenset({Word.BLOCKED, Word.ALTERED, Word.DOWN})
