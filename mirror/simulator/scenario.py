"""A scenario: who reads, who tells, how a censor blocks, and what a newsroom can afford."""

from dataclasses import dataclass, field
from enum import StrEnum

from mirror.distributor.growth import Policy


class Manner(StrEnum):
    """How a censor goes about it."""

    EAGER = "eager"  # blocks a mirror one to three days after learning it
    PATIENT = "patient"  # learns in silence, and blocks everything it knows on one day
    ADAPTIVE = "adaptive"  # waits until a loss is put down to chance, and blocks then


class Spread(StrEnum):
    """Where informers are."""

    UNIFORM = "uniform"  # anywhere
    CLUSTERED = "clustered"  # all of them in the last channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way to ask, with its share of a country's readers, and the groups that it begins with."""

    name: str
    share: float
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is simulated. `lands` countries have equal shares of readers and informers each.

    A mirror is given to groups of one country; a block in one country is none in another.
    `stock` mirrors are there on day 0, `daily` more come on each day. Readers whose mirror is
    blocked use the slow lane if `falls_back`, a public mirror that is replaced when it is blocked.
    """

    readers: int = 20_000
    informers: int = 20
    days: int = 180
    stock: int = 60
    daily: int = 4
    manner: Manner = Manner.EAGER
    spread: Spread = Spread.UNIFORM
    until: int = 120
    """The day on which a patient censor blocks."""

    lands: int = 1
    channels: tuple[Channel, ...] = (Channel(name="mail", share=1.0, width=64),)
    hazard: float = 0.002
    falls_back: bool = True
    policy: Policy = field(default_factory=Policy)

    def __post_init__(self) -> None:
        shares = sum(one.share for one in self.channels)
        if abs(shares - 1.0) > 1e-6:  # noqa: PLR2004 - rounding
            raise ValueError(f"shares of channels add up to 1, not {shares:g}")
        if not 0 <= self.informers <= self.readers or min(self.days, self.lands) < 1:
            raise ValueError("informers are readers, and there is a day and a country at least")
