"""The shelf: what of the newest edition can go into an answer. A port: the roof fills it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.responder.answer import Enclosed


@dataclass(frozen=True, slots=True, kw_only=True)
class OnShelf:
    """A bundle that can be enclosed: its number on the shelf, and its bytes as a file."""

    number: int
    length: int


class Shelf(Protocol):
    """The newest edition, by language. What was withdrawn is not on it."""

    async def languages(self) -> Sequence[str]:
        """Those that have articles, in the newsroom's order; at least one."""
        ...

    async def texts(self, language: str) -> Sequence[str]:
        """The newest articles as plain text, newest first."""
        ...

    async def bundles(self, language: str) -> Sequence[OnShelf]:
        """The bundles, richest first: one page with pictures, a ZIP, text only."""
        ...

    async def enclosed(self, language: str, one: OnShelf) -> Enclosed | None:
        """A bundle's file; None where it went meanwhile."""
        ...


def fitting(bundles: Sequence[OnShelf], most: int) -> OnShelf | None:
    """The richest that fits into `most` bytes."""
    return next((one for one in bundles if one.length <= most), None)
