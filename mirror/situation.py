"""A situation: mirrors in trouble, put as the rules of a reaction ask for them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from tamizdat.board import CONTROL
from tamizdat.incident import Course, Incident, Turn
from tamizdat.placement import Mirror, MirrorId, MirrorState
from tamizdat.sighting import Round
from tamizdat.verdict import Board, Finding, Verdict, Vote, Word

EVERYWHERE = "ZZ"
"""The country of a trouble that is the mirror's own, whoever looks."""

MUTE = timedelta(hours=6)
"""A false alarm is not raised again for so long."""

DAY = timedelta(days=1)
"""The budget is a day's."""

BAD = frozenset({Board.SUSPECTED, Board.BLOCKED, Board.ALTERED})
READABLE = frozenset({Board.REACHABLE, Board.SLOW})
SERVER_WIDE = frozenset({Finding.SERVER_DOWN, Finding.ALTERED})
"""What a control sees too."""

ROUNDS = 2
"""So many looks must agree before anything is done, or taken for over."""

Cell = tuple[MirrorId, str]
"""A mirror and a country."""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Everything that a reaction rests on. What is asked often is found once (hence no slots).

    `looks` are those of the last hours, oldest first. `incidents` are the open ones, and false
    alarms of late; `turns` those of a day or more. `unready` are spares that were found not to
    hold what readers should get; `untold` are mirrors that no reader was told of, and canaries.
    """

    now: datetime
    mirrors: tuple[Mirror, ...]
    verdicts: Mapping[Cell, Verdict]
    looks: Mapping[Cell, Sequence[Round]]
    incidents: tuple[Incident, ...]
    turns: tuple[Turn, ...]
    budget: int
    unready: frozenset[MirrorId] = frozenset()
    untold: frozenset[MirrorId] = frozenset()

    @cached_property
    def open(self) -> Sequence[Incident]:
        """The open incidents, oldest first."""
        found = [one for one in self.incidents if one.closed is None]
        return sorted(found, key=lambda one: one.number)

    @cached_property
    def troubles(self) -> Mapping[Cell, Verdict]:
        """The troubles of active mirrors, by mirror and where they are felt."""
        found: dict[Cell, Verdict] = {}
        for name, country in sorted(self.verdicts):
            said = self.verdicts[name, country]
            where = _where(said, country)
            if where is not None and self.is_active(name):
                known = found.get((name, where))
                if known is None or known.state is Board.DOWN:
                    found[name, where] = said
        return dict(sorted(found.items(), key=lambda one: one[0]))

    @property
    def spent(self) -> int:
        """How much of the day's budget is spent: what was taken back counts too."""
        return sum(1 for one in self.turns if one.automatic and self.now - one.at < DAY)

    def mirror(self, name: MirrorId | None) -> Mirror | None:
        """The mirror of this id."""
        return self._by_id.get(name)

    def is_active(self, name: MirrorId | None) -> bool:
        """Whether there is such a mirror, and readers may be told of it."""
        found = self.mirror(name)
        return found is not None and found.state is MirrorState.ACTIVE

    def is_confirmed(self, trouble: Verdict) -> bool:
        """Whether two looks of one vantage show it. Suspicions and counts rest on two anyway."""
        if trouble.finding is not Finding.ALTERED:
            return True
        return any(
            len(own) >= ROUNDS and all(one.ruling.finding is Finding.ALTERED for one in own)
            for own in (seen[-ROUNDS:] for seen in self.seen(trouble.mirror, EVERYWHERE).values())
        )

    def is_muted(self, cell: Cell, finding: Finding) -> bool:
        """Whether a person said of late that this is a false alarm."""
        return any(
            one.course is Course.FALSE_ALARM
            and (one.mirror, one.country) == cell
            and one.finding is finding
            and one.closed is not None
            and self.now - one.closed < MUTE
            for one in self.incidents
        )

    def is_bad(self, name: MirrorId, country: str) -> bool:
        """Whether a mirror stands badly there, or with everybody."""
        said = self.verdicts.get((name, country))
        return name in self._fallen or (said is not None and said.state in BAD | {Board.DOWN})

    def is_readable(self, name: MirrorId, country: str) -> bool:
        """Whether a mirror is known to be read there (EVERYWHERE: anywhere)."""
        if self.is_bad(name, country):
            return False
        return any(
            self.verdicts[cell].state in READABLE and not self.is_doubtful(*cell)
            for cell in self._cells(self.verdicts, name, country)
        )

    def is_doubtful(self, name: MirrorId, country: str) -> bool:
        """Whether the newest look that says anything failed, though one is no trouble yet."""
        told = [
            one
            for one in self.looks.get((name, country), ())
            if one.ruling.word is not Word.NOTHING
        ]
        return bool(told) and told[-1].ruling.word not in _READ

    def seen(self, name: MirrorId, country: str) -> Mapping[str, Sequence[Round]]:
        """The looks at a mirror that say anything about a trouble there, by vantage, in order."""
        found: dict[str, list[Round]] = {}
        for cell in self._cells(self.looks, name, country):
            for one in self.looks[cell]:
                if is_good(one, country) is not None:
                    found.setdefault(one.vantage, []).append(one)
        return {by: sorted(own, key=lambda one: one.at) for by, own in found.items()}

    def first_read(self, name: MirrorId, country: str, since: datetime) -> datetime | None:
        """When a reader there first got signed content, newer than `since`."""
        times = [
            one.at
            for cell in self._cells(self.looks, name, country)
            for one in self.looks[cell]
            if one.at > since and one.seconds is not None and one.ruling.word in _READ
        ]
        return min(times, default=None)

    def with_incident(self, incident: Incident) -> "Situation":
        """The situation after an incident was opened (number 0: it gets one) or changed."""
        number = incident.number or 1 + max((one.number for one in self.incidents), default=0)
        others = tuple(one for one in self.incidents if one.number != number)
        return replace(self, incidents=(*others, replace(incident, number=number)))

    def with_turn(self, turn: Turn) -> "Situation":
        """The situation after a turn promoted its mirrors."""
        promoted = frozenset(turn.promoted)
        mirrors = tuple(
            replace(one, state=MirrorState.ACTIVE) if one.id in promoted else one
            for one in self.mirrors
        )
        return replace(self, mirrors=mirrors, turns=(*self.turns, turn))

    @cached_property
    def _by_id(self) -> Mapping[MirrorId | None, Mirror]:
        return {one.id: one for one in self.mirrors}

    @cached_property
    def _fallen(self) -> frozenset[MirrorId]:
        """Mirrors that are down, or forged, for everybody."""
        bad = BAD | {Board.DOWN}
        said = self.verdicts.values()
        return frozenset(o.mirror for o in said if o.state in bad and o.finding in SERVER_WIDE)

    def _cells(self, of: Mapping[Cell, object], name: MirrorId, country: str) -> Sequence[Cell]:
        """The pairs that tell of a mirror there: one at most, or all of it EVERYWHERE."""
        if country == EVERYWHERE:
            return [cell for cell in of if cell[0] == name]
        return [(name, country)] if (name, country) in of else []


def is_good(look: Round, country: str) -> bool | None:
    """What a look says of a trouble in a country: over, still there, or nothing.

    Of a trouble EVERYWHERE it says that it is over where a control saw the mirror well, also where
    somebody blocks it.
    """
    finding, vote = look.ruling.finding, look.ruling.meaning.vote
    if finding in SERVER_WIDE:
        return False if country == EVERYWHERE else None
    if finding is Finding.SERVER_SIDE:
        return False if country == _felt(look.country) else None
    if vote is Vote.NONE:
        return None
    return vote is Vote.OPEN or look.country != country


def _where(said: Verdict, country: str) -> str | None:
    """Where a trouble is felt: in the country of the look, or everywhere; None for no trouble."""
    if said.state not in BAD | {Board.DOWN}:
        return None
    if said.finding in SERVER_WIDE:
        return EVERYWHERE
    if said.state is Board.DOWN:
        return _felt(country)
    return None if country == CONTROL else country


def _felt(country: str) -> str:
    return EVERYWHERE if country == CONTROL else country


_READ = frozenset({Word.REACHABLE, Word.SLOW})
