"""Patience: how long a look may take where looks come so often. Pure."""

from dataclasses import replace

from reach.patience import Patience

SHORTEST, LONGEST = 1.5, 10.0
"""Seconds that one step of a look may take."""


def patience(every: float) -> Patience:
    """How long a look may take: as long as OONI's where rounds are minutes apart, else less."""
    step, usual = min(max(every / 10, SHORTEST), LONGEST), Patience()
    return replace(
        usual,
        dns=min(usual.dns, step),
        tcp=step,
        tls=step,
        stall=step,
        exchange=min(usual.exchange, 6 * step),
        whole=min(usual.whole, max(every, 10 * step)),
    )
