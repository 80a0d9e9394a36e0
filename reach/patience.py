"""Patience: how long each step may take (notes A1: OONI's times)."""

from dataclasses import dataclass, fields

MOST = 3600.0
"""No patience is longer, in seconds: a vantage is told its own by an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds. `late` waits for a second DNS reply; `stall` is silence within an HTTP answer."""

    dns: float = 4.0
    late: float = 0.5
    tcp: float = 10.0
    tls: float = 10.0
    stall: float = 10.0
    exchange: float = 60.0
    whole: float = 240.0

    def __post_init__(self) -> None:
        if not all(0 < getattr(self, one.name) <= MOST for one in fields(self)):
            raise ValueError("every patience is over 0 seconds, and at most an hour")
