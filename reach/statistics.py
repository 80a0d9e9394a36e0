"""Statistics: when a country's votes prove a block, and when they prove its end. Pure.

A sequential likelihood test over networks, one cell for each vantage, network and hour. What one
cell may say is capped: failures of one line in one hour are one event, not many. The numbers are
those of the notes (E), to be refitted on the lab and on replays; all of them stand here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby
from math import log

from tamizdat.verdict import Vote

OPEN_RATE = 0.08
"""How often a measurement fails where nobody blocks."""

BLOCKED_RATE = 0.8
"""How often it fails where somebody does."""

CAP = 1.2
"""The most that one vantage-network-hour says, in nats."""

ARTEFACT = 1.5
"""A hand that was seen weighs so many caps."""

ALARM = log(999)
"""Where the odds are a thousand to one."""

LEAST_VOTES = 3
"""Below so many votes there is nothing to say."""

LEAST_NETWORKS = 2
LEAST_VANTAGES = 2
"""A claim for a country takes so many networks and vantages."""

_STEP_BLOCKED = log(BLOCKED_RATE / OPEN_RATE)
_STEP_OPEN = log((1 - BLOCKED_RATE) / (1 - OPEN_RATE))


class Turn(StrEnum):
    """What the votes prove."""

    ONSET = "onset"
    LIFTING = "lifting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """One measurement's vote, or that of `times` alike. `artefact`: it bears the mark of a hand."""

    at: datetime
    vantage: str
    network: str
    vote: Vote
    artefact: bool = False
    times: int = 1

    def __post_init__(self) -> None:
        if self.at.tzinfo is not UTC:
            raise ValueError("times are UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An onset or a lifting, at the hour that proved it. `network` is None for the country."""

    turn: Turn
    at: datetime
    network: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a mirror stands in a country.

    `enough` is False below LEAST_VOTES: then nothing is claimed. `national` takes two networks and
    two vantages; else `blocked` of `tested` networks is all that can be said.
    """

    enough: bool
    national: bool
    blocked: tuple[str, ...]
    tested: tuple[str, ...]
    since: datetime | None
    changes: tuple[Change, ...]


def cell_weight(ballots: Iterable[Ballot]) -> float:
    """What the votes of one vantage, network and hour say for a block, in nats, capped."""
    counted = [ballot for ballot in ballots if ballot.vote is not Vote.NONE]
    steps = {Vote.BLOCKED: _STEP_BLOCKED, Vote.OPEN: _STEP_OPEN}
    total = sum(steps[ballot.vote] * ballot.times for ballot in counted)
    seen = any(ballot.artefact and ballot.vote is Vote.BLOCKED for ballot in counted)
    return max(-CAP, min(CAP * ARTEFACT if seen else CAP, total))


def standing(ballots: Sequence[Ballot]) -> Standing:
    """What all ballots of one mirror and country come to, hour by hour."""
    counted = [ballot for ballot in ballots if ballot.vote is not Vote.NONE]
    country = _Series()
    networks: dict[str, _Series] = {}
    changes: list[Change] = []
    for hour, cells in _hours(counted):
        weights = [(cell, cell_weight(votes)) for cell, votes in cells]
        for name in sorted({network for (_, network), _ in weights}):
            own = [(cell, weight) for cell, weight in weights if cell[1] == name]
            turn = networks.setdefault(name, _Series()).add(hour, own, wide=False)
            changes += [Change(turn=turn, at=hour, network=name)] if turn else []
        turn = country.add(hour, weights, wide=True)
        changes += [Change(turn=turn, at=hour, network=None)] if turn else []
    enough = sum(ballot.times for ballot in counted) >= LEAST_VOTES
    return Standing(
        enough=enough,
        national=enough and country.blocked,
        blocked=tuple(name for name, series in sorted(networks.items()) if series.blocked),
        tested=tuple(sorted(networks)),
        since=country.since if country.blocked else _first(networks.values()),
        changes=tuple(changes) if enough else (),
    )


_Cell = tuple[str, str]


@dataclass(kw_only=True, slots=True)
class _Series:
    """The sum of one scope. It never falls below 0, so old peace does not hide a new block."""

    blocked: bool = False
    since: datetime | None = None
    _sum: float = 0.0
    _votes: int = 0
    _speakers: set[_Cell] = field(default_factory=set)

    def add(self, hour: datetime, weights: list[tuple[_Cell, float]], *, wide: bool) -> Turn | None:
        """Take one hour in; gives the turn that it proves. `wide` takes two of everything."""
        sign = -1 if self.blocked else 1
        self._sum = max(0.0, self._sum + sign * sum(weight for _, weight in weights))
        self._votes += len(weights)
        if self._sum == 0.0:
            self._speakers.clear()
            return None
        self._speakers |= {cell for cell, weight in weights if sign * weight > 0}
        if self._sum < ALARM or (wide and not self._wide_enough()):
            return None
        self.blocked, self._sum, self.since = not self.blocked, 0.0, hour
        self._speakers.clear()
        return Turn.ONSET if self.blocked else Turn.LIFTING

    def _wide_enough(self) -> bool:
        vantages = {vantage for vantage, _ in self._speakers}
        networks = {network for _, network in self._speakers}
        return len(vantages) >= LEAST_VANTAGES and len(networks) >= LEAST_NETWORKS


def _hours(
    ballots: list[Ballot],
) -> Iterable[tuple[datetime, list[tuple[_Cell, list[Ballot]]]]]:
    """Hours in order, each with its cells."""
    ordered = sorted(ballots, key=lambda b: (_hour(b.at), b.vantage, b.network))
    for hour, votes in groupby(ordered, key=lambda b: _hour(b.at)):
        cells = groupby(votes, key=lambda b: (b.vantage, b.network))
        yield hour, [(cell, list(own)) for cell, own in cells]


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _first(series: Iterable[_Series]) -> datetime | None:
    found = [one.since for one in series if one.blocked and one.since is not None]
    return min(found, default=None)
