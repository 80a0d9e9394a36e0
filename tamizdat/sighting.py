"""A sighting: a measurement that was kept, with its control and what it meant then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from tamizdat.measurement import Measurement, Purpose
from tamizdat.placement import MirrorId
from tamizdat.verdict import Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A measurement in short: where, of what, when, and the ruling on it.

    `number` is that of its sighting, 0 before it is kept. `seconds` passed until signed content
    had come to a reader, None where it did not come. It may stand for several in a row: `times`.
    """

    number: int
    mirror: MirrorId
    vantage: str
    country: str
    network: str
    at: datetime
    ruling: Ruling
    seconds: float | None = None
    times: int = 1

    def __post_init__(self) -> None:
        if self.at.tzinfo is not UTC:
            raise ValueError("times are UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The raw observations of one look and of its control, and the ruling on them."""

    here: Measurement
    control: Measurement | None
    ruling: Ruling
    number: int = 0

    @property
    def round(self) -> Round:
        """The same in short."""
        vantage = self.here.vantage
        return Round(
            number=self.number,
            mirror=self.here.mirror,
            vantage=vantage.id,
            country=vantage.country,
            network=vantage.network,
            at=self.here.at,
            ruling=self.ruling,
            seconds=_seconds(self.here),
        )


class Sightings(Protocol):
    """Sightings in the ledger. Rounds outlive the raw observations they rest on."""

    async def keep(self, sightings: Sequence[Sighting]) -> Sequence[Round]:
        """Record new ones, all or none; each gets the next number."""
        ...

    async def since(self, start: datetime) -> Sequence[Round]:
        """Every round at or after `start`, oldest first (then by number)."""
        ...

    async def newest(self) -> Sequence[Round]:
        """The newest round of each mirror, vantage and country, by mirror, country, vantage."""
        ...

    async def raw(self, number: int) -> Sighting | None:
        """One with its raw observations; None where it is unknown or these are forgotten."""
        ...

    async def forget(self, *, raw_open: datetime, raw_bad: datetime, rounds: datetime) -> None:
        """Drop rounds before `rounds`, and raw observations of those that stay.

        These go before `raw_open` where a reader got signed content, else before `raw_bad`.
        """
        ...


def _seconds(here: Measurement) -> float | None:
    if here.failure is not None:
        return None
    return max((step.t for step in here.of(Purpose.READER)), default=None)
