"""Rounds: every program once, then every program again, so that all meet the same weather."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.kit.bench.cost import Cost
from tests.kit.bench.figure import Figure

Counts = Mapping[str, int]
"""What a run brought forth, in numbers."""


@dataclass(frozen=True, kw_only=True)
class Runner:
    """One program in a comparison.

    `prepare` lays everything as it was before, `run` is what is measured, `outcome` looks at what
    came of it and raises AssertionError where it is not what was asked for.
    """

    name: str
    run: Callable[[], Cost]
    prepare: Callable[[], object] = lambda: None
    outcome: Callable[[Cost], Counts] = lambda _cost: {}


@dataclass(frozen=True, kw_only=True)
class Series:
    """The runs of one program. `parts` counts what one run did, so that a part can be told."""

    name: str
    wall: Figure
    cpu: Figure
    peak: Figure
    counts: Counts = field(default_factory=dict)


def race(runners: Sequence[Runner], rounds: int, tell: Callable[[str], None]) -> Sequence[Series]:
    """Run all `rounds` times, in turn; the outcome of every single run is looked at."""
    costs: dict[str, list[Cost]] = {runner.name: [] for runner in runners}
    counts: dict[str, Counts] = {}
    for turn in range(1, rounds + 1):
        for runner in runners:
            runner.prepare()
            cost = runner.run()
            counts[runner.name] = runner.outcome(cost)
            costs[runner.name].append(cost)
            tell(f"round {turn} of {rounds}: {runner.name}: {cost.cpu:.2f} s of processor")
    return [_series(name, found, counts[name]) for name, found in costs.items()]


def _series(name: str, costs: Sequence[Cost], counts: Counts) -> Series:
    return Series(
        name=name,
        wall=Figure.of([cost.wall for cost in costs]),
        cpu=Figure.of([cost.cpu for cost in costs]),
        peak=Figure.of([float(cost.peak) for cost in costs]),
        counts=counts,
    )
