"""A pull: what is known of a source that is asked on a schedule. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from feeds.incoming import SetAside
from feeds.sources.fetch import Seen

MOST_ASIDE = 50
"""Pieces set aside that are remembered of one source."""

MAX_REASON = 300
MAX_DOUBLINGS = 6
LONGEST = timedelta(days=1)
"""A source that fails is asked this often at least, unless it is to be asked less often anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """When a source was asked last, how often in a row it failed, and what was set aside."""

    at: datetime
    failures: int = 0
    reason: str = ""
    seen: Seen = field(default_factory=Seen)
    aside: tuple[tuple[str, str], ...] = ()

    def due(self, every: timedelta) -> datetime:
        """When it is to be asked again: later each time that it failed."""
        longer: int = 2 ** min(self.failures, MAX_DOUBLINGS)
        return self.at + min(every * longer, max(every, LONGEST))

    def failed(self, at: datetime, reason: str) -> "Pulled":
        """It could not be read."""
        return Pulled(
            at=at,
            failures=self.failures + 1,
            reason=reason[:MAX_REASON],
            seen=self.seen,
            aside=self.aside,
        )


NEVER = Pulled(at=datetime.fromtimestamp(0, UTC))


def told(aside: Sequence[SetAside]) -> tuple[tuple[str, str], ...]:
    """Labels and reasons, for the ledger: no title stands in them."""
    return tuple((one.label[:80], one.reason[:MAX_REASON]) for one in aside[:MOST_ASIDE])


def encode(pulled: Pulled) -> str:
    """For the ledger."""
    return json.dumps(
        {
            "at": int(pulled.at.timestamp()),
            "failures": pulled.failures,
            "reason": pulled.reason,
            "seen": [pulled.seen.etag, pulled.seen.modified],
            "aside": pulled.aside,
        },
        ensure_ascii=False,
    )


def decode(text: str | None) -> Pulled:
    """What the ledger tells; NEVER where it tells nothing."""
    if not text:
        return NEVER
    told = json.loads(text)
    return Pulled(
        at=datetime.fromtimestamp(told["at"], UTC),
        failures=told["failures"],
        reason=told["reason"],
        seen=Seen(etag=told["seen"][0], modified=told["seen"][1]),
        aside=tuple((label, reason) for label, reason in told["aside"]),
    )
