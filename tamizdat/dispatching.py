"""A job: one small piece of work that any program of a newsroom may do, and who hands it out.

A job names its work and no more: ids of the config. Never a text, an address of a reader, or a
secret; what there is to do stands in the ledger, and is read when the job begins.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from tamizdat.digest import digest
from tamizdat.errors import TamizdatError

MOST_IDS = 64
"""Ids that one look names."""

MOST_TOLD = 60_000
"""Characters that a job tells of how it ended."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class Duty(StrEnum):
    """What a job does. Earlier ones go first: what must disappear before all else."""

    WITHDRAW = "withdraw"
    PUSH = "push"
    AUDIT = "audit"  # ask a mirror for all that lies there
    PROBE = "probe"
    GLANCE = "glance"  # a look from where looking costs nobody

    @property
    def rank(self) -> int:
        """The higher, the sooner."""
        return len(Duty) - list(Duty).index(self)

    @property
    def writes(self) -> bool:
        """Whether it writes to a mirror: nobody else may meanwhile."""
        return self in {Duty.WITHDRAW, Duty.PUSH, Duty.AUDIT}

    @property
    def most(self) -> int:
        """So many ids its job may name."""
        return 1 if self.writes else MOST_IDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A duty, and the ids of what it is done to. Only a look takes several."""

    duty: Duty
    ids: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.ids) <= self.duty.most:
            raise ValueError(f"a {self.duty} names 1 to {self.duty.most} ids")
        if not all(_ID.fullmatch(one) for one in self.ids):
            raise ValueError("an id is small letters, digits and hyphens, 63 at most")

    @property
    def name(self) -> str:
        """Two jobs of one name are one job while it waits."""
        several = len(self.ids) > 1
        what = digest(" ".join(self.ids).encode())[:32] if several else self.ids[0]
        return f"{self.duty}/{what}"

    @property
    def lock(self) -> str:
        """Of the jobs that share it, one is done at a time."""
        return f"mirror/{self.ids[0]}" if self.duty.writes else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a job ended, as its duty tells it."""

    job: Job
    told: str

    def __post_init__(self) -> None:
        if len(self.told) > MOST_TOLD:
            raise ValueError(f"a job tells {MOST_TOLD} characters at most")


class LaterError(TamizdatError):
    """A job cannot be done now, but in so many seconds."""

    def __init__(self, detail: str, *, seconds: float) -> None:
        super().__init__(detail)
        self.seconds = seconds


Work: TypeAlias = Callable[[Job], Awaitable[str]]
"""Does a job, and tells how it ended. Where it raises LaterError, it is done again."""

Duties: TypeAlias = Mapping[Duty, Work]


class Dispatcher(Protocol):
    """Decides where jobs are done. Each is done at least once, whoever dies meanwhile."""

    async def hand(self, jobs: Sequence[Job]) -> None:
        """Have these done. What waits already under the same name is not queued twice."""
        ...

    async def reports(self) -> Sequence[Report]:
        """How jobs ended since this was asked last, the newest of each name; never waits."""
        ...


class Crew(Protocol):
    """Does jobs: so many at once, the most urgent first, each provider at its pace."""

    async def work(self, duties: Duties) -> None:
        """Go on until cancelled. A job of a duty that is not among these is refused."""
        ...
