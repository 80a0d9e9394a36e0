"""Deeds: what was put on mirrors and deleted from them, in order, as their own logs tell it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

POINTER = "latest.json"


@dataclass(frozen=True, slots=True)
class Deed:
    """One file put or deleted on one mirror, at so many seconds of the monotonic clock."""

    mirror: str
    verb: str
    path: str
    at: float


@dataclass(slots=True)
class Deeds:
    """The log of one push; `notice` hears each deed before it goes on. Any thread may write."""

    notice: Callable[[Deed], None] = lambda _deed: None
    done: list[Deed] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, deed: Deed) -> None:
        """Take note."""
        with self._lock:
            self.done.append(deed)
        self.notice(deed)

    def count(self, mirror: str, verb: str) -> int:
        """How many so far."""
        return sum(deed.mirror == mirror and deed.verb == verb for deed in self.done)

    def begin(self, notice: Callable[[Deed], None] = lambda _deed: None) -> None:
        """Forget the push before."""
        with self._lock:
            self.done = []
            self.notice = notice

    def midway(self, mirror: str) -> bool:
        """Whether this push has put its first file there and not yet begun the last: the pointer.

        Formats 4.1: the pointer is put last.
        """
        puts = [deed.path for deed in self.done if (deed.mirror, deed.verb) == (mirror, "PUT")]
        return bool(puts) and POINTER not in puts
