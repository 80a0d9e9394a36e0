"""A stand-in: the mirror that readers in a country have in place of one in trouble there. Pure."""

from collections.abc import Iterable, Sequence

from mirror.planner import fits, likeness
from mirror.situation import EVERYWHERE, Situation
from tamizdat.incident import Incident
from tamizdat.placement import Mirror, MirrorId, MirrorState
from tamizdat.verdict import Board

WAYS = 3
"""Where fewer mirrors of a group can be read from a country, each in trouble gets its own spare."""


def stands_in(situation: Situation, incident: Incident) -> bool:
    """Whether an incident's spare does its duty: it is active, and not in trouble there itself."""
    spare = incident.spare
    return (
        spare is not None
        and situation.is_active(spare)
        and not situation.is_bad(spare, incident.country)
    )


def idle(situation: Situation, gone: Mirror, country: str) -> MirrorId | None:
    """A spare that was added of late, could stand in, and that no open incident names.

    So a program that was killed between a turn and its incident does not take another turn.
    """
    named = {one.spare for one in situation.open}
    return next((one for one in _added(situation, gone, country) if one not in named), None)


def shared(situation: Situation, gone: Mirror, country: str) -> MirrorId | None:
    """The stand-in of another mirror, where that is enough: as long as there are `WAYS` ways in."""
    added = _added(situation, gone, country)
    return added[0] if added and _ways(situation, gone, country) >= WAYS else None


def spare_for(situation: Situation, gone: Mirror, country: str) -> MirrorId | None:
    """The spare to add; None where there is none, and `lack` says why.

    One that was read from there comes first, then one unlike the lost mirror, then the first by
    id. One that fails there is never taken.
    """

    def rank(one: Mirror) -> tuple[int, int, MirrorId]:
        return _unproven(situation, one.id, country), likeness(one, gone), one.id

    spares = _unfailing(situation, _spares(situation, gone), country)
    ready = [one for one in spares if one.id not in situation.unready]
    return min(ready, key=rank).id if ready else None


def lack(situation: Situation, gone: Mirror, country: str) -> str:
    """Why there is no spare, in a few words."""
    none, spares = f"no spare in group {gone.group}", _spares(situation, gone)
    if not spares:
        return none
    if not _unfailing(situation, spares, country):
        return f"{none} can be read from {place(country)}"
    return f"{none} holds the newest edition"


def place(country: str) -> str:
    """A country in a sentence."""
    return "anywhere" if country == EVERYWHERE else country


def _added(situation: Situation, gone: Mirror, country: str) -> Sequence[MirrorId]:
    """Spares that were added of late and stand well there, those added for this country first."""
    turns = [one for one in situation.turns if one.automatic and one.undone is None]
    here = {name for turn in turns if turn.country == country for name in turn.promoted}
    here |= {one.spare for one in situation.open if one.spare and one.country == country}
    all_ = {name for turn in turns for name in turn.promoted}
    all_ |= {one.spare for one in situation.open if one.spare}
    serving = [
        one.id
        for one in _offered(situation, gone)
        if one.id in here or (one.id in all_ and situation.is_readable(one.id, country))
    ]
    well = [name for name in serving if not situation.is_bad(name, country)]
    return sorted(well, key=lambda name: (name not in here, name))


def _ways(situation: Situation, gone: Mirror, country: str) -> int:
    """How many of the group's mirrors can be read from there, new stand-ins among them."""
    added = _added(situation, gone, country)
    offered = [one.id for one in _offered(situation, gone)]
    return sum(1 for one in offered if one in added or situation.is_readable(one, country))


def _offered(situation: Situation, gone: Mirror) -> Iterable[Mirror]:
    """The active mirrors that readers of the lost one may learn."""
    active = (one for one in situation.mirrors if one.state is MirrorState.ACTIVE)
    return (one for one in active if one.id != gone.id and fits(one, gone))


def _spares(situation: Situation, gone: Mirror) -> Sequence[Mirror]:
    """The spares that fit; without an address, nobody could be told of one."""
    spares = (one for one in situation.mirrors if one.state is MirrorState.SPARE)
    return [one for one in spares if one.base is not None and fits(one, gone)]


def _unfailing(situation: Situation, spares: Iterable[Mirror], country: str) -> Sequence[Mirror]:
    return [
        one
        for one in spares
        if not situation.is_bad(one.id, country) and not situation.is_doubtful(one.id, country)
    ]


def _unproven(situation: Situation, name: MirrorId, country: str) -> int:
    """0 for a spare that is read from there, 1 where it is slow, 2 where nobody looked."""
    if not situation.is_readable(name, country):
        return 2
    said = situation.verdicts.get((name, country))
    return 1 if said is not None and said.state is Board.SLOW else 0
