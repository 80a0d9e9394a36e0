"""A reaction: what is to be done about mirrors in trouble, one action after the other. Pure.

A suspicion adds a spare and retires nothing (docs/adr/0013-a-suspicion-adds-a-spare.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import TypeAlias

from mirror.situation import EVERYWHERE, ROUNDS, Cell, Situation, is_good
from mirror.stand_in import idle, lack, place, shared, spare_for, stands_in
from tamizdat.incident import Course, Incident, Turn
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState
from tamizdat.verdict import MEANINGS, Board, Verdict, Word

TAKEN_BACK = "the turn was taken back: no spare is added again by itself"

MOST_ACTIONS = 1000
"""A plan is no longer; what is left is planned the next time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncident:
    """Trouble began. The incident has no number yet."""

    incident: Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateIncident:
    """The incident, as it is to be recorded."""

    incident: Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseIncident:
    """The incident, as it is to be recorded: the trouble is over, or the mirror is not used."""

    incident: Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSpare:
    """A turn is to be taken; then the incident is `answered`."""

    incident: Incident
    spare: MirrorId


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The incident, as it is to be recorded: it waits for a person, for this reason."""

    incident: Incident
    reason: str


Action: TypeAlias = OpenIncident | UpdateIncident | CloseIncident | AddSpare | Wait


def plan(situation: Situation) -> tuple[Action, ...]:
    """All that is to be done; nothing more once it is done."""
    actions: list[Action] = []
    while len(actions) < MOST_ACTIONS and (batch := next_actions(situation)):
        for action in batch:
            actions.append(action)
            situation = applied(situation, action)
    return tuple(actions)


def next_actions(situation: Situation) -> Sequence[Action]:
    """The first things to do, which do not rest on one another; none where nothing is left."""
    for step in (_closings, _openings, _followings, _answers):
        if actions := step(situation):
            return actions
    return ()


def applied(situation: Situation, action: Action) -> Situation:
    """The situation once an action is done."""
    if not isinstance(action, AddSpare):
        return situation.with_incident(action.incident)
    number = 1 + max((one.number for one in situation.turns), default=0)
    turn = replace(turn_of(situation, action), number=number)
    after = situation.with_turn(turn)
    return after.with_incident(answered(action.incident, action.spare, turn.number))


def turn_of(situation: Situation, action: AddSpare) -> Turn:
    """The turn that adds the spare, without a number yet."""
    return Turn(
        number=0,
        at=situation.now,
        mirror=action.incident.mirror,
        country=action.incident.country,
        retired=(),
        promoted=(action.spare,),
        automatic=True,
    )


def answered(incident: Incident, spare: MirrorId, turn: int | None) -> Incident:
    """The incident with a spare that stands in for its mirror."""
    unread = replace(incident, spare=spare, turn=turn, verified=None)
    return replace(unread, course=Course.ADDED, detail=_unread(unread))


def taken_back(incident: Incident) -> Incident:
    """The incident after a person took its spare back. Its turn tells that one was there."""
    return replace(incident, spare=None, verified=None, course=Course.WAITING, detail=TAKEN_BACK)


def _closings(situation: Situation) -> Sequence[Action]:
    found = (_closed(situation, one) for one in situation.open)
    return [one for one in found if one]


def _openings(situation: Situation) -> Sequence[Action]:
    known = {_cell(one) for one in situation.open}
    return [
        OpenIncident(incident=_opened(situation, cell, trouble))
        for cell, trouble in situation.troubles.items()
        if cell not in known and not situation.is_muted(cell, trouble.finding)
    ]


def _followings(situation: Situation) -> Sequence[Action]:
    found = ((one, _followed(situation, one)) for one in situation.open)
    return [UpdateIncident(incident=now) for one, now in found if now != one]


def _answers(situation: Situation) -> Sequence[Action]:
    """Those that wait, up to the first that is answered: the next ones may share its spare."""
    found: list[Action] = []
    for one in situation.open:
        action = _answered(situation, one)
        if action:
            found.append(action)
        if action and not isinstance(action, Wait):
            break
    return found


def _cell(incident: Incident) -> Cell:
    return incident.mirror, incident.country


def _opened(situation: Situation, cell: Cell, trouble: Verdict) -> Incident:
    return Incident(
        number=0,
        mirror=cell[0],
        country=cell[1],
        state=trouble.state,
        finding=trouble.finding,
        rule=trouble.rule,
        since=trouble.since,
        opened=situation.now,
        course=Course.WATCHING,
        sighting=trouble.sighting,
    )


def _closed(situation: Situation, incident: Incident) -> CloseIncident | None:
    if not situation.is_active(incident.mirror):
        found = situation.mirror(incident.mirror)
        what = f"is {found.state} now" if found else "left the config"
        over = replace(incident, closed=situation.now, detail=f"{incident.mirror} {what}")
        return CloseIncident(incident=over)
    if _cell(incident) not in situation.troubles and _lifted(situation, incident):
        over = replace(incident, closed=situation.now, course=Course.LIFTED, detail="")
        return CloseIncident(incident=over)
    return None


def _lifted(situation: Situation, incident: Incident) -> bool:
    """Whether every vantage that saw the trouble saw it gone twice since, and somebody did."""
    country = incident.country
    said = situation.verdicts.get(_cell(incident))
    if country != EVERYWHERE and (said is None or said.state is not Board.REACHABLE):
        return False
    seen = situation.seen(incident.mirror, country).values()
    runs = [list(takewhile(lambda one: is_good(one, country), reversed(looks))) for looks in seen]
    if any(len(run) < min(ROUNDS, len(looks)) for run, looks in zip(runs, seen, strict=True)):
        return False
    return sum(one.at > incident.since for run in runs for one in run) >= ROUNDS


def _followed(situation: Situation, incident: Incident) -> Incident:
    """The incident kept up with what is seen of its mirror, and of its spare."""
    now, trouble = incident, situation.troubles.get(_cell(incident))
    if trouble is not None and trouble.state is not now.state:
        now = replace(now, state=trouble.state)
    if trouble is not None and MEANINGS[trouble.finding].word is not Word.REACHABLE:
        sighting = trouble.sighting
        now = replace(now, finding=trouble.finding, rule=trouble.rule, sighting=sighting)
    if now.spare is not None and stands_in(situation, now):
        since = _since(situation, now)
        verified = now.verified or situation.first_read(now.spare, now.country, since)
        national = trouble.national if trouble else now.course is Course.WAITING
        now = _coursed(replace(now, verified=verified), national=national)
    return now


def _answered(situation: Situation, incident: Incident) -> Action | None:
    """A stand-in for the mirror, or why there is none."""
    trouble = situation.troubles.get(_cell(incident))
    gone = situation.mirror(incident.mirror)
    if trouble is None or gone is None or not _is_answerable(situation, gone, incident, trouble):
        return None
    former = situation.mirror(incident.spare)
    if former is not None and former.state is MirrorState.SPARE:
        return UpdateIncident(incident=taken_back(incident))
    country = incident.country
    known = _known(situation, gone, country)
    if known is not None:
        turn = _turn(situation, known)
        return UpdateIncident(incident=answered(incident, known, turn))
    spare = spare_for(situation, gone, country)
    if spare is not None and situation.spent < situation.budget:
        return AddSpare(incident=incident, spare=spare)
    if spare is None:
        reason = lack(situation, gone, country)
    else:
        reason = f"the day's budget of {situation.budget} is spent"
    waiting = replace(incident, course=Course.WAITING, detail=reason)
    return Wait(incident=waiting, reason=reason) if waiting != incident else None


def _known(situation: Situation, gone: Mirror, country: str) -> MirrorId | None:
    """A stand-in that is there already. A secret mirror has its own: its readers share no other."""
    if gone.exposure is Exposure.SECRET:
        return None
    return idle(situation, gone, country) or shared(situation, gone, country)


def _is_answerable(
    situation: Situation, gone: Mirror, incident: Incident, trouble: Verdict
) -> bool:
    """Whether a spare would help, is missing, and was not taken back by a person.

    Nobody misses a mirror that nobody was told of.
    """
    missed = trouble.state is not Board.DOWN and gone.id not in situation.untold
    helps = missed and situation.is_confirmed(trouble)
    kept = incident.spare is not None or incident.turn is None
    return helps and kept and not stands_in(situation, incident)


def _coursed(incident: Incident, *, national: bool) -> Incident:
    """The incident with the words for how it goes. Retiring is proposed, and never done here."""
    if incident.verified is None:
        return replace(incident, course=Course.ADDED, detail=_unread(incident))
    if national:
        do = f"blocked in all of {incident.country}: tamizdat mirror rotate {incident.mirror}"
        return replace(incident, course=Course.WAITING, detail=do)
    seconds = (incident.verified - incident.opened).total_seconds()
    read = f"{incident.spare} was read from {place(incident.country)} {seconds:.0f} s later"
    return replace(incident, course=Course.VERIFIED, detail=read)


def _unread(incident: Incident) -> str:
    return f"{incident.spare} was added, and not read from {place(incident.country)} yet"


def _since(situation: Situation, incident: Incident) -> datetime:
    """When the spare began to stand in."""
    taken = (one.at for one in situation.turns if one.number == incident.turn)
    return max((incident.opened, *taken))


def _turn(situation: Situation, spare: MirrorId) -> int | None:
    """The newest turn that we know to have added a spare."""
    taken = {one.number for one in situation.turns if spare in one.promoted and not one.undone}
    named = {one.turn for one in situation.open if one.spare == spare and one.turn is not None}
    return max(taken | named, default=None)
