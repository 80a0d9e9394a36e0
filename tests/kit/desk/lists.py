"""Lists that editors keep, in memory: names to watch for, what was set aside, bylines."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tamizdat.byline import Bylines, Switched
from tamizdat.errors import ConfigError
from tamizdat.progress import CONSOLE
from tamizdat.set_aside import FromSource, SetAsides
from tamizdat.watch_list import LONGEST_NAME, WatchList


@dataclass(slots=True)
class MemoryWatchList:
    """Names in a set."""

    known: set[str] = field(default_factory=set)

    async def names(self) -> Sequence[str]:
        return sorted(self.known)

    async def add(self, names: Sequence[str]) -> int:
        if any(len(name) > LONGEST_NAME for name in names):
            raise ConfigError("a name is too long")
        before = len(self.known)
        self.known |= set(names)
        return len(self.known) - before

    async def remove(self, names: Sequence[str]) -> int:
        before = len(self.known)
        self.known -= set(names)
        return before - len(self.known)


@dataclass(slots=True)
class MemorySetAsides:
    """What a test says was set aside."""

    sources: tuple[FromSource, ...] = ()

    async def set_aside(self) -> Sequence[FromSource]:
        return self.sources


@dataclass(slots=True)
class MemoryBylines:
    """What was asked of the switch, and what it answers."""

    asked: list[tuple[str, str, int]] = field(default_factory=list)
    answer: Switched = field(default_factory=Switched)

    async def switch(self, name: str, to: str = "", person: int = CONSOLE) -> Switched:
        if not name:
            raise ConfigError("which name? Give it as it stands under articles")
        self.asked.append((name, to, person))
        return self.answer


_watch: type[WatchList] = MemoryWatchList
_aside: type[SetAsides] = MemorySetAsides
_bylines: type[Bylines] = MemoryBylines
