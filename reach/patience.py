"""Patience: how long each step may take (notes A1: OONI's times)."""

from dataclasses import dataclass


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
        if min(self.dns, self.late, self.tcp, self.tls, self.stall, self.exchange, self.whole) <= 0:
            raise ValueError("every patience is over 0 seconds")
