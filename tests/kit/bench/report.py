"""A report: what one comparison found, line by line, with whether our claims hold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from tests.kit.bench.figure import Figure, ratio
from tests.kit.bench.rounds import Series

Measure = Literal["wall", "cpu", "peak"]
HOLDS, SHORT, UNSTEADY = "holds", "falls short", "not compared: the runs lie too far apart"

_UNITS = {"wall": "s", "cpu": "s of processor", "peak": "bytes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One claim beside what was measured. `at_most` None only tells the ratio."""

    text: str
    unit: str
    ours: Figure
    theirs: Figure
    at_most: float | None

    @property
    def ratio(self) -> float | None:
        """Ours as a part of theirs, None where they cannot be compared."""
        return ratio(self.ours, self.theirs)

    @property
    def verdict(self) -> str:
        """Whether the claim holds."""
        if self.ratio is None:
            return UNSTEADY
        if self.at_most is None:
            return ""
        return HOLDS if self.ratio <= self.at_most else SHORT


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A claim about a number that is counted, not timed."""

    text: str
    found: int
    at_most: int

    @property
    def verdict(self) -> str:
        """Whether the claim holds."""
        return HOLDS if self.found <= self.at_most else SHORT


@dataclass(frozen=True, kw_only=True)
class Report:
    """One comparison: what ran, how often, what it took, and what that says."""

    bench: str
    title: str
    rounds: int
    series: Sequence[Series]
    findings: Sequence[Finding] = ()
    counted: Sequence[Counted] = ()
    remarks: Sequence[str] = field(default=())


def compared(
    text: str,
    series: Sequence[Series],
    ours: str,
    theirs: str,
    measure: Measure,
    at_most: float | None,
    *,
    times: float = 1,
) -> Sequence[Finding]:
    """The finding about two series, theirs multiplied by `times`; none where a peer is absent."""
    by_name = {one.name: one for one in series}
    if ours not in by_name or theirs not in by_name:
        return ()
    mine: Figure = getattr(by_name[ours], measure)
    other: Figure = getattr(by_name[theirs], measure)
    return (finding(text, measure, mine, _multiplied(other, times), at_most),)


def finding(
    text: str, measure: Measure, ours: Figure, theirs: Figure, at_most: float | None
) -> Finding:
    """The finding about two figures of one measure."""
    return Finding(text=text, unit=_UNITS[measure], ours=ours, theirs=theirs, at_most=at_most)


def _multiplied(figure: Figure, times: float) -> Figure:
    return Figure(
        median=figure.median * times, least=figure.least * times, most=figure.most * times
    )
