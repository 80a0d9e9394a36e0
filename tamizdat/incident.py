"""An incident: a mirror in trouble in a country. A turn: a change of the pool, often its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from tamizdat.placement import MirrorId
from tamizdat.verdict import Board, Finding


class Course(StrEnum):
    """What is being done about an incident, or how it ended."""

    WATCHING = "watching"  # nothing to do yet
    ADDED = "added"  # a spare was added; not yet verified from that country
    VERIFIED = "verified"  # the spare was read from there
    WAITING = "waiting"  # waits for a person: no spare, or the budget is spent
    LIFTED = "lifted"  # the trouble ended by itself
    FALSE_ALARM = "false alarm"  # a person said so


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Trouble of one mirror in one country (ZZ: everywhere), from `opened` until `closed`.

    `since` is the first bad round, `sighting` the newest that shows it, `spare` what stands in.
    `turn` is the number of the turn that added it. `detail` is one of our own short sentences.
    """

    number: int
    mirror: MirrorId
    country: str
    state: Board
    finding: Finding
    rule: str
    since: datetime
    opened: datetime
    course: Course
    sighting: int = 0
    closed: datetime | None = None
    spare: MirrorId | None = None
    turn: int | None = None
    verified: datetime | None = None
    detail: str = ""

    def __post_init__(self) -> None:
        if any(at and at.tzinfo is not UTC for at in (self.since, self.opened, self.closed)):
            raise ValueError("times are UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A change of the pool: which mirrors came in and went out, and why. It can be undone.

    `mirror` is the one in trouble, `country` where (None: a person asked). `automatic` counts
    against the budget.
    """

    number: int
    at: datetime
    mirror: MirrorId
    country: str | None
    retired: tuple[MirrorId, ...]
    promoted: tuple[MirrorId, ...]
    automatic: bool
    undone: datetime | None = None


class Incidents(Protocol):
    """Incidents in the ledger."""

    async def open(self, incident: Incident) -> Incident:
        """Record a new one; its number is given here.

        LedgerError where one of the same mirror and country is open.
        """
        ...

    async def update(self, incident: Incident) -> None:
        """Record what became of it."""
        ...

    async def get(self, number: int) -> Incident | None:
        """One by its number."""
        ...

    async def unclosed(self) -> Sequence[Incident]:
        """Those that are open, oldest first."""
        ...

    async def newest(self, count: int) -> Sequence[Incident]:
        """The newest, newest first."""
        ...

    async def since(self, start: datetime) -> Sequence[Incident]:
        """Those opened at or after `start`, oldest first."""
        ...


class Turns(Protocol):
    """Turns in the ledger. Each changes the states of mirrors in the same transaction."""

    async def take(self, turn: Turn) -> Turn:
        """Record a turn and set its mirrors' states; its number is given here."""
        ...

    async def undo(self, number: int, at: datetime) -> Turn:
        """Set the states back: what was promoted is a spare again, what was retired is active.

        LedgerError where there is none, where it is undone already, or where a later turn that is
        not undone changed one of the same mirrors.
        """
        ...

    async def get(self, number: int) -> Turn | None:
        """One by its number."""
        ...

    async def newest(self, count: int) -> Sequence[Turn]:
        """The newest, newest first."""
        ...

    async def since(self, start: datetime) -> Sequence[Turn]:
        """Those taken at or after `start`, oldest first."""
        ...
