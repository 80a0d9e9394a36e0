"""A governor: what a provider was made to do this month, and when to stop before the bill. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

GIGABYTE = 1_000_000_000
STOP = 0.9
"""The share of a budget at which we stop: counts come late, and a flood is fast."""

NOTICED = 0.25
"""Below this share no pace is too fast."""


class Pace(StrEnum):
    """What may be asked of a provider."""

    GO = "go"
    SLOW = "slow"  # at this pace the budget ends before the month: nothing that can wait
    PAUSE = "pause"  # only withdrawals, until the month ends or the budget is raised


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """What was asked for in a month: requests, and bytes."""

    requests: int = 0
    length: int = 0

    def __add__(self, other: "Spend") -> "Spend":
        return Spend(requests=self.requests + other.requests, length=self.length + other.length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a month may cost; None: no limit."""

    requests: int | None = None
    gigabytes: float | None = None


def share(spend: Spend, budget: Budget) -> float:
    """How much of a budget is spent: the fuller of its two parts."""
    parts = [0.0]
    if budget.requests is not None:
        parts.append(spend.requests / max(1, budget.requests))
    if budget.gigabytes is not None:
        parts.append(spend.length / max(1.0, budget.gigabytes * GIGABYTE))
    return max(parts)


def pace(spend: Spend, budget: Budget, now: datetime) -> Pace:
    """What may still be asked of a provider this month."""
    spent = share(spend, budget)
    if spent >= STOP:
        return Pace.PAUSE
    if spent >= NOTICED and spent > elapsed(now):
        return Pace.SLOW
    return Pace.GO


def elapsed(now: datetime) -> float:
    """How much of the month is over, the day of `now` counted as a whole one."""
    return now.day / monthrange(now.year, now.month)[1]


def month(now: datetime) -> datetime:
    """Where the month of `now` begins."""
    return datetime(now.year, now.month, 1, tzinfo=UTC)
