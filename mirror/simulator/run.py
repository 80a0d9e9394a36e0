"""A run: the days of a scenario, one after the other, through the newsroom's own hand-out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from mirror.distributor.growth import grown
from mirror.simulator.crowd import crowd
from mirror.simulator.scenario import Manner, Scenario
from tamizdat.grove import Node
from tamizdat.placement import MirrorId

NOTICED = 1
"""Days until we know that a mirror is blocked."""

LEARNT = 1
"""Days until readers have learnt the mirror that they are given instead."""

SLOWEST = 3
"""Days within which an eager censor blocks what it knows."""

NEVER = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How it went. `served` is, for each day, the share of readers with a mirror that works."""

    served: tuple[float, ...]
    slow: tuple[float, ...]
    """The share of readers whom a public mirror alone would have served."""

    made: int
    burnt: int
    groups: int

    def over(self, first: int, last: int) -> float:
        """Readers served from one day to another, both counted from 1."""
        days = self.served[first - 1 : last]
        return sum(days) / len(days) if days else 0.0

    @property
    def mean(self) -> float:
        """Readers served over all days."""
        return sum(self.served) / len(self.served)

    @property
    def public(self) -> float:
        """Readers that a public list alone would have served over all days."""
        return sum(self.slow) / len(self.slow)


Tell = Callable[[int, float], None]


def run(scenario: Scenario, seed: int, tell: Tell | None = None) -> Course:
    """One course of the scenario; the same seed gives the same. `tell` hears day and share."""
    random = Random(seed)  # noqa: S311 - chance in a simulation, not a secret
    lands = [_Land(scenario, number, random) for number in range(scenario.lands)]
    stock = [MirrorId(f"m{number}") for number in range(scenario.stock)]
    made = scenario.stock
    served: list[float] = []
    slow: list[float] = []
    for day in range(scenario.days + 1):
        if day:
            stock += (MirrorId(f"m{number}") for number in range(made, made + scenario.daily))
            made += scenario.daily
        for land in lands:
            stock = land.grow(stock, day)
        if day:
            reached = [land.pass_day(day) for land in lands]
            served.append(sum(one for one, _ in reached) / len(lands))
            slow.append(sum(one for _, one in reached) / len(lands))
            if tell is not None:
                tell(day, served[-1])
    return Course(
        served=tuple(served),
        slow=tuple(slow),
        made=made - len(stock),
        burnt=sum(land.burnt for land in lands),
        groups=sum(len(land.tree.nodes) for land in lands),
    )


@dataclass(slots=True)
class _Censor:
    """What a censor knows, and on which day it blocks what."""

    scenario: Scenario
    random: Random
    known: set[MirrorId] = field(default_factory=set)
    blocked: dict[MirrorId, int] = field(default_factory=dict)

    def learns(self, mirror: MirrorId, day: int) -> None:
        """An informer told of a mirror."""
        if mirror not in self.known:
            self.known.add(mirror)
            self.blocked[mirror] = min(self.blocked.get(mirror, NEVER), self.when(day))

    def when(self, day: int) -> int:
        """The day on which it blocks what it learns today."""
        match self.scenario.manner:
            case Manner.PATIENT if day < self.scenario.until:
                return self.scenario.until
            case Manner.ADAPTIVE:
                return day + self.scenario.policy.lasting
        return day + self.random.randint(1, SLOWEST)

    def strikes(self, mirror: MirrorId, day: int) -> None:
        """Chance takes a mirror, now and then."""
        if self.random.random() < self.scenario.hazard:
            self.blocked[mirror] = min(self.blocked.get(mirror, NEVER), day)

    def has(self, mirror: MirrorId, day: int) -> bool:
        """Whether a mirror is blocked on that day."""
        return self.blocked.get(mirror, NEVER) <= day


class _Land:
    """A country: its crowd, its groups, and its censor."""

    def __init__(self, scenario: Scenario, number: int, random: Random) -> None:
        self._scenario = scenario
        self._crowd, self.tree = crowd(scenario, number, random)
        self._readers = sum(self._crowd.readers[grove, ""] for grove in self._crowd.groves)
        self._censor = _Censor(scenario, random)
        self._learnt: dict[MirrorId, int] = {}
        self._public, self._public_from = MirrorId("public 0"), 0
        self.burnt = 0

    def grow(self, stock: Sequence[MirrorId], day: int) -> list[MirrorId]:
        """Let groups that lost a mirror have others; gives what is left of the stock."""
        lost = {
            one.mirror
            for one in self.tree.nodes.values()
            if one.mirror and self._censor.has(one.mirror, day - NOTICED)
        }
        self.burnt += len(lost)
        growth = grown(self.tree, lost, stock, self._scenario.policy, day)
        self.tree = growth.tree
        self._learnt.update((one, day + LEARNT if day else 0) for one in growth.taken)
        return list(stock[len(growth.taken) :])

    def pass_day(self, day: int) -> tuple[float, float]:
        """The shares of readers that are served today, and that the slow lane would serve."""
        for leaf in self._crowd.informers:
            node = self.tree.of(leaf)
            if node and node.mirror and self._learnt[node.mirror] <= day:
                self._censor.learns(node.mirror, day)
        for one in self.tree.nodes.values():
            if one.mirror:
                self._censor.strikes(one.mirror, day)
        slow = self._is_slow_lane_open(day)
        served = sum(
            self._crowd.readers[one.place]
            for one in self.tree.nodes.values()
            if self._is_served(one, day, slow=slow)
        )
        return served / max(1, self._readers), float(slow)

    def _is_served(self, node: Node, day: int, *, slow: bool) -> bool:
        if node.mirror is None:
            return slow
        works = self._learnt[node.mirror] <= day and not self._censor.has(node.mirror, day)
        return works or (slow and self._scenario.falls_back)

    def _is_slow_lane_open(self, day: int) -> bool:
        """Anybody reads the public list, so the censor does."""
        if self._censor.has(self._public, day - NOTICED):
            self._public = MirrorId(f"public {day}")
            self._public_from = day + LEARNT
        if self._public_from <= day:
            self._censor.learns(self._public, day)
        return self._public_from <= day and not self._censor.has(self._public, day)
