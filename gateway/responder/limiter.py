"""A limiter: how often somebody is answered within a day, without knowing who they are.

Of an address only eight octets are kept, under a key that lives in memory and is thrown away each
day: nobody can tell afterwards who asked, nor try out addresses.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_MARK = 8
_KEY = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Answers within a day: to one asker, to one domain that is known, and to all together."""

    asker: int = 3
    domain: int = 20_000
    other: int = 500
    """To a domain that anybody may own: a few of them must not use up what all have."""
    total: int = 100_000
    remembered: int = 200_000
    """Marks that are kept at once. With more, nobody new is answered until the next day."""


class Limiter:
    """Counts answers of today. `asker` is in the one spelling that is used for hand-out."""

    def __init__(
        self, limits: Limits, random: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._limits = limits
        self._random = random
        self._day: int | None = None
        self._begin()

    def allows(self, asker: str, domain: str, now: datetime, *, known: bool = True) -> bool:
        """Whether one more answer may go to `asker` today; if so, it is counted.

        `known` is a domain where an address is not had for nothing.
        """
        if now.toordinal() != self._day:
            self._begin()
            self._day = now.toordinal()
        limits, (who, where) = self._limits, (self._mark(asker), self._mark(f"@{domain}"))
        room = len(self._askers) + len(self._domains) < limits.remembered or who in self._askers
        free = (
            self._total < limits.total
            and self._askers[who] < limits.asker
            and self._domains[where] < (limits.domain if known else limits.other)
        )
        if not (room and free):
            return False
        self._total += 1
        self._askers[who] += 1
        self._domains[where] += 1
        return True

    def _begin(self) -> None:
        self._key = self._random(_KEY)
        self._total = 0
        self._askers: Counter[bytes] = Counter()
        self._domains: Counter[bytes] = Counter()

    def _mark(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=_MARK).digest()
