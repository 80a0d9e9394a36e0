"""A watch: the rounds of the last hours by mirror and country, and what they come to now. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from operator import attrgetter

from reach.statistics import Ballot, standing
from reach.suspicion import verdict
from tamizdat.board import CONTROL
from tamizdat.placement import MirrorId
from tamizdat.sighting import Round
from tamizdat.verdict import Board, Ruling, Verdict

WINDOW = timedelta(hours=12)
"""What is older is forgotten: a lone network needs six hours to prove a block, and six its end."""

INTERVALS = 2
"""A pair without a round for so many intervals has no data, whatever it was."""

RULINGS = 1000
"""Different rulings that are shared among rounds."""

CLOSE = 60
"""So many of a vantage's newest looks at a mirror stay as they came."""

MOST = 1000
"""No more looks of one vantage at one mirror are remembered, the newest."""

SILENCE_RULE = "silence.two_intervals"

Cell = tuple[MirrorId, str]
"""A mirror and a country."""

_ORDER = attrgetter("at", "number")


@dataclass(kw_only=True)
class Watch:
    """What was seen, and a verdict for each pair, made anew only where a round came in.

    What the vantages in `controls` see stands under the country CONTROL, and is no vote in any
    other. `every` is the number of seconds between two rounds.
    """

    controls: Collection[str]
    every: float
    _looks: dict[Cell, tuple[Round, ...]] = field(default_factory=dict)
    _said: dict[Cell, Verdict] = field(default_factory=dict)
    _rulings: dict[Ruling, Ruling] = field(default_factory=dict)

    @property
    def looks(self) -> Mapping[Cell, Sequence[Round]]:
        """The rounds that are remembered, oldest first."""
        return self._looks

    def add(self, rounds: Iterable[Round]) -> None:
        """Take rounds in; one that is known by its number is not taken twice."""
        fresh: dict[Cell, list[Round]] = {}
        for one in rounds:
            country = CONTROL if one.vantage in self.controls else one.country
            mine = replace(one, country=country, ruling=self._shared(one.ruling))
            fresh.setdefault((one.mirror, country), []).append(mine)
        for cell, new in fresh.items():
            known = self._looks.get(cell, ())
            numbers = {one.number for one in known if one.number}
            both = [*known, *(one for one in new if one.number not in numbers)]
            self._looks[cell] = _thinned(sorted(both, key=_ORDER))
            self._said.pop(cell, None)

    def verdicts(self, now: datetime) -> Mapping[Cell, Verdict]:
        """How each pair stands at `now`, by mirror and country."""
        patience = timedelta(seconds=INTERVALS * self.every)
        self._forget(now - WINDOW, now + patience)
        for cell in sorted(self._looks.keys() - self._said.keys()):
            self._said[cell] = _verdict(self._looks[cell])
        return {
            cell: self._said[cell] if now - looks[-1].at <= patience else _silent(looks[-1])
            for cell, looks in sorted(self._looks.items())
        }

    def _shared(self, ruling: Ruling) -> Ruling:
        """The same ruling, once in memory: most looks of a day end alike."""
        if len(self._rulings) >= RULINGS:
            self._rulings.clear()
        return self._rulings.setdefault(ruling, ruling)

    def _forget(self, first: datetime, last: datetime) -> None:
        """Drop what is old, and what a clock that was wrong put far ahead."""
        for cell, looks in list(self._looks.items()):
            kept = tuple(one for one in looks if first <= one.at <= last)
            if kept[-1:] != looks[-1:]:
                self._said.pop(cell, None)
            if kept:
                self._looks[cell] = kept
            else:
                del self._looks[cell]


def assess(
    rounds: Iterable[Round], now: datetime, every: float, controls: Collection[str] = ()
) -> Mapping[Cell, Verdict]:
    """How each mirror stands in each country, by all rounds at once (see Watch)."""
    watch = Watch(controls=controls, every=every)
    watch.add(rounds)
    return watch.verdicts(now)


def _verdict(looks: Sequence[Round]) -> Verdict:
    ballots = [
        Ballot(
            at=one.at,
            vantage=one.vantage,
            network=one.network,
            vote=one.ruling.meaning.vote,
            artefact=one.ruling.meaning.artefact,
            times=one.times,
        )
        for one in looks
    ]
    return verdict(looks, standing(ballots))


def _thinned(looks: Sequence[Round]) -> tuple[Round, ...]:
    """The looks of a cell, in order; older ones in a row that found the same stand for each other.

    Where looks are seconds apart, a day of them is thousands, and nearly all say one thing.
    """
    by_vantage: dict[str, list[Round]] = {}
    for one in looks:
        by_vantage.setdefault(one.vantage, []).append(one)
    if all(len(own) <= CLOSE for own in by_vantage.values()):
        return tuple(looks)
    kept = [one for own in by_vantage.values() for one in _merged(own)]
    return tuple(sorted(kept, key=_ORDER))


def _merged(own: Sequence[Round]) -> Sequence[Round]:
    """One vantage's looks. The first of a row stays: it tells since when."""
    found: list[Round] = []
    for one in own[:-CLOSE]:
        if len(found) > 1 and _is_alike(found[-2], one) and _is_alike(found[-1], one):
            found[-1] = replace(one, times=found[-1].times + one.times)
        else:
            found.append(one)
    return [*found, *own[-CLOSE:]][-MOST:]


def _is_alike(one: Round, other: Round) -> bool:
    """Whether two looks count for the same: of one network and hour, with one finding."""
    hours = (_hour(one.at), _hour(other.at))
    found = (one.ruling.finding, other.ruling.finding)
    return one.network == other.network and hours[0] == hours[1] and found[0] is found[1]


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _silent(newest: Round) -> Verdict:
    return Verdict(
        mirror=newest.mirror,
        country=newest.country,
        state=Board.NO_DATA,
        since=newest.at,
        evidence=(),
        rule=SILENCE_RULE,
        rules_version=newest.ruling.rules_version,
    )
