"""Survival: for how many days mirrors of a kind can be read in a country. Pure.

After Kaplan and Meier: who was not blocked yet counts for as long as we looked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

HALF = 0.5
DAY = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A mirror in a country: so many days until it was blocked there, or until we looked last."""

    kind: str
    country: str
    days: float
    blocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """All lives of a kind in a country.

    `median` is the day by which half of them are blocked, None where fewer were. `curve` holds,
    after each day on which one was blocked, the share that could still be read.
    """

    kind: str
    country: str
    lives: int
    blocked: int
    median: float | None
    curve: tuple[tuple[float, float], ...]


def life(
    kind: str, country: str, born: datetime, blocked: datetime | None, until: datetime
) -> Life:
    """A life from its times; one that was blocked before we knew it has no days."""
    ended = blocked is not None and blocked <= until
    end = blocked if blocked is not None and ended else until
    days = max(0.0, (end - born).total_seconds() / DAY)
    return Life(kind=kind, country=country, days=days, blocked=ended)


def survivals(lives: Sequence[Life]) -> Sequence[Survival]:
    """One for each kind and country, in order."""
    found: dict[tuple[str, str], list[Life]] = {}
    for one in lives:
        found.setdefault((one.kind, one.country), []).append(one)
    return [_survival(kind, country, own) for (kind, country), own in sorted(found.items())]


def _survival(kind: str, country: str, lives: Sequence[Life]) -> Survival:
    curve = _curve(lives)
    return Survival(
        kind=kind,
        country=country,
        lives=len(lives),
        blocked=sum(one.blocked for one in lives),
        median=next((day for day, left in curve if left <= HALF), None),
        curve=curve,
    )


def _curve(lives: Sequence[Life]) -> tuple[tuple[float, float], ...]:
    ends: Mapping[float, int] = _counted(lives)
    left, curve = 1.0, []
    for day in sorted(ends):
        at_risk = sum(one.days >= day for one in lives)
        left *= 1 - ends[day] / at_risk
        curve.append((day, left))
    return tuple(curve)


def _counted(lives: Sequence[Life]) -> Mapping[float, int]:
    found: dict[float, int] = {}
    for one in lives:
        if one.blocked:
            found[one.days] = found.get(one.days, 0) + 1
    return found
