"""What was set aside: pieces of a source that became no drafts, and why. No title is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class FromSource:
    """A source: when it was asked last (None: never, or it asks nobody), and what it gave in vain.

    `fault` is set where the source itself cannot be read. `pieces` are labels and reasons.
    """

    source: str
    asked: datetime | None = None
    fault: str = ""
    pieces: tuple[tuple[str, str], ...] = ()


class SetAsides(Protocol):
    """What comes in by itself, and what of it was set aside."""

    async def set_aside(self) -> Sequence[FromSource]:
        """Every source of the config, in its order."""
        ...
