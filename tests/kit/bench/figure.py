"""A figure: the median of several runs, with the least and the most; and one beside another."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

STEADY = 0.5
"""Runs that lie further apart than this part of their median are not compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What was measured, several times."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Figure":
        """The figure of at least one value."""
        return cls(median=median(values), least=min(values), most=max(values))

    @property
    def spread(self) -> float:
        """How far apart the runs lie, as a part of the median."""
        return (self.most - self.least) / self.median if self.median else 0.0

    @property
    def steady(self) -> bool:
        """Whether the runs are alike enough to be compared."""
        return self.spread <= STEADY


def ratio(ours: Figure, theirs: Figure) -> float | None:
    """Our median as a part of theirs; None where either is not steady, or theirs is nothing."""
    if not ours.steady or not theirs.steady or not theirs.median:
        return None
    return ours.median / theirs.median
