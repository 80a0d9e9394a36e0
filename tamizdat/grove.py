"""A grove: those who ask by one channel; its groups, which are given one mirror each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from tamizdat.digest import Digest
from tamizdat.edition import Sealed
from tamizdat.placement import MirrorId

SHARD_DEPTH = 7
"""Turns within a shard of the hint file: 128 leaves, each with a slot of its own."""

DEEPEST = 16
"""Turns of the largest grove."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Grove:
    """Those who ask by one channel, and began in one cohort (a month, as a rule).

    `depth` is how many turns lead from its root to a leaf, and never changes: 7 is one shard of the
    hint file, each turn more doubles the shards. ValueError where it is none of 7 to 16.
    """

    channel: str
    cohort: str
    depth: int = 10

    def __post_init__(self) -> None:
        if not SHARD_DEPTH <= self.depth <= DEEPEST:
            raise ValueError(f"a grove's depth is {SHARD_DEPTH} to {DEEPEST}, not {self.depth}")

    @property
    def name(self) -> str:
        """The grove, in words for a key to be derived from."""
        return f"{self.channel}\0{self.cohort}"


Place: TypeAlias = tuple[Grove, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A group: all leaves of `grove` that begin with `bits`. They are given one mirror.

    Without a mirror they have the slow lane, the public mirrors. `holders` counts hand-outs in it,
    never who they were. Since day `since` it has what it has; days are counted from any day.
    `burnt` counts mirrors that it lost soon, one after the other.
    """

    grove: Grove
    bits: str
    holders: int = 0
    mirror: MirrorId | None = None
    since: int = 0
    burnt: int = 0

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.grove, self.bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A mirror that a group of `channel` had from day `since`, and that was blocked on day `day`.

    `channel` is empty for a canary, which nobody was ever told of.
    """

    channel: str
    mirror: MirrorId
    since: int
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Regrouped:
    """All groups as they are to be, and the losses that made them so."""

    nodes: tuple[Node, ...]
    losses: tuple[Loss, ...] = ()


class Groups(Protocol):
    """Groups in the ledger: counts and mirrors, never who was told."""

    async def all(self) -> Sequence[Node]:
        """Every group, by grove and bits."""
        ...

    async def change(self, step: Callable[[Sequence[Node]], Regrouped]) -> Sequence[Node]:
        """Let `step` say what the groups are to be, in one transaction; gives them.

        `step` is pure, and is given all of them.
        """
        ...

    async def losses(self) -> Sequence[Loss]:
        """Every loss, oldest first."""
        ...

    async def canaries(self) -> Mapping[MirrorId, int]:
        """Since which day each canary is watched that was not lost."""
        ...

    async def watch(self, name: MirrorId, day: int) -> None:
        """Watch a canary from this day on, where it is not watched yet, and was never lost."""
        ...

    async def lose(self, name: MirrorId, day: int) -> None:
        """A canary was blocked on this day; nothing where it is not watched."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A hint file that may lie on a mirror; it was read back there if `whole`."""

    shard: str
    sha256: Digest
    whole: bool


class HintFiles(Protocol):
    """Hint files in the ledger, by shard, and what lies of them on mirrors."""

    async def newest(self) -> Mapping[str, Sealed]:
        """The newest of each shard."""
        ...

    async def commit(self, shard: str, made: Sealed) -> None:
        """Record a new one; only the newest of a shard is kept."""
        ...

    async def laid(self, mirror: MirrorId) -> Sequence[Laid]:
        """What may lie on a mirror, oldest first."""
        ...

    async def set_laid(self, mirror: MirrorId, laid: Sequence[Laid]) -> None:
        """Replace what we know of it."""
        ...
