"""A watch list: names that must not go out unseen. Who reads it learns whom the newsroom hides."""

from collections.abc import Sequence
from typing import Protocol

MOST_NAMES = 5000
LONGEST_NAME = 200
"""Characters of a name."""

LEAST_NAME = 2


class WatchList(Protocol):
    """The names, which lie closed on a disk where drafts do. ConfigError says what is wrong."""

    async def names(self) -> Sequence[str]:
        """All of them, sorted."""
        ...

    async def add(self, names: Sequence[str]) -> int:
        """Watch for these from now on; how many of them are new."""
        ...

    async def remove(self, names: Sequence[str]) -> int:
        """Watch for these no more; how many of them were on the list."""
        ...
