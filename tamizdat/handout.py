"""A hand-out: which mirrors one who asks may learn."""

from collections.abc import Sequence
from typing import Protocol

MOST = 3
"""Mirrors that one asker is given at once."""


class Handout(Protocol):
    """Chooses mirrors for whoever asks. Nothing of the asker is kept."""

    async def for_asker(self, asker: str, day: int) -> Sequence[str]:
        """Addresses of at most three mirrors; the same ones for the same asker on the same day.

        `asker` is a keyed hash in hexadecimal digits: always the same for one asker, and of no use
        to whoever lacks the key. `day` is an ordinal (`date.toordinal`).
        """
        ...
