"""The board: how every mirror stands in every country, as operators see it. Values only.

The roof makes a `BoardView` when something changed; the desk turns it into pages and events.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tamizdat.incident import Incident
from tamizdat.placement import MirrorId
from tamizdat.sighting import Sighting
from tamizdat.theft import Theft
from tamizdat.verdict import Board

MOST_ODDS = 1000
"""Higher odds are no surer."""

CONTROL = "control"
"""Stands for the country of the column that shows what controls see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One mirror in one country. `code` is short: the step that fails, else seconds, else an age.

    `at` is the newest look (None: never looked), `sightings` the newest first, of this cell alone.
    """

    mirror: MirrorId
    country: str
    state: Board
    code: str
    since: datetime | None = None
    at: datetime | None = None
    rule: str = ""
    evidence: tuple[str, ...] = ()
    networks: tuple[tuple[str, int, int], ...] = ()
    """Each network with its bad looks and all its looks, in the time that the board looks back."""
    sightings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of the matrix: a mirror, or another way in. A cell is None where it is not offered."""

    name: str
    note: str
    state: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A country: how many of the mirrors offered there can be read, and the count over a day.

    `strip` holds that count for each half hour of the last day, oldest first; None: no data.
    """

    country: str
    ways: int
    offered: int
    strip: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A leg of a delivery: how many of how many, and the seconds it took (None: not done)."""

    name: str
    done: int
    wanted: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How the current edition gets out."""

    edition: int
    began: datetime
    legs: tuple[Leg, ...]
    refusals: tuple[tuple[str, str], ...] = ()
    """Mirror and detail of those that refused it."""
    waits: str = ""
    """The next one, where other people must sign it first, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOut:
    """A channel by which secret mirrors are handed out: counts, and where addresses leak as odds.

    Of its `groups`, so many are `served` by a mirror of their own, `active` ones in all; `spare`
    ones wait. It is `starving` where groups that many hold go without and none waits: they have the
    public mirrors. `told` is the likeliest share of informers among those it was `handed_out` to.
    `odds` that it leaks rest on mirrors `lost` in so many mirror-`days`; `named`: likely enough to
    be said.
    """

    channel: str
    groups: int
    served: int
    handed_out: int
    active: int
    spare: int
    told: float
    starving: bool
    odds: float
    named: bool
    lost: int
    days: float

    @property
    def chance(self) -> str:
        """The odds in short: `0.25:1`, `21:1`, `over 1000:1`."""
        if self.odds > MOST_ODDS:
            return f"over {MOST_ODDS}:1"
        return f"{self.odds:.0f}:1" if self.odds >= 10 else f"{self.odds:.2g}:1"  # noqa: PLR2004


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardView:
    """Everything that the board shows at a moment.

    `columns` are the countries and, last, CONTROL. `round_seconds` is the median time from the
    opening of an incident to the look from there that read its spare, over 30 days.
    """

    at: datetime
    newsroom: str
    columns: tuple[Column, ...]
    mirrors: tuple[Line, ...]
    others: tuple[Line, ...]
    incidents: tuple[Incident, ...]
    open_incidents: int
    spares: int
    spare_days: float | None
    round_seconds: float | None
    delivery: Delivery | None
    every: float
    """Seconds between two rounds of looks: what is older than two of them is no recent data."""
    thefts: tuple[Theft, ...] = ()
    """The newest open ones, oldest first; `open_thefts` counts them all."""
    open_thefts: int = 0
    hand_outs: tuple[HandOut, ...] = ()
    """Channels, the likeliest leak first."""


class Evidence(Protocol):
    """What a cell of the board rests on."""

    async def sighting(self, number: int) -> Sighting | None:
        """One look with its raw observations."""
        ...


class Operations(Protocol):
    """What an operator can do from the board. Each gives one sentence; ConfigError says why not."""

    async def plan(self, mirror: MirrorId) -> str:
        """What a rotation of this mirror would do."""
        ...

    async def rotate(self, mirror: MirrorId) -> str:
        """Let a verified spare take over."""
        ...

    async def undo(self, turn: int) -> str:
        """Take a turn of the pool back."""
        ...

    async def look_again(self, mirror: MirrorId) -> str:
        """Look at this mirror from everywhere, now."""
        ...

    async def false_alarm(self, incident: int, reason: str) -> str:
        """Close an incident that was none; a spare that was added goes back."""
        ...


def troubles(view: BoardView) -> Sequence[Cell]:
    """The cells in trouble, row by row."""
    bad = {Board.BLOCKED, Board.SUSPECTED, Board.ALTERED, Board.DOWN}
    lines = (*view.mirrors, *view.others)
    return [cell for line in lines for cell in line.cells if cell and cell.state in bad]
