"""A ring: the newest events of a stream, so that a browser that was away can catch up."""

import secrets
from collections import deque

KEPT = 256
"""Events that are kept; who missed more gets everything anew."""

LARGEST = 8 * 1024 * 1024
"""Bytes of events that are kept at most."""


class Ring:
    """Numbered events in order. The mark before a number tells this run of the program apart."""

    def __init__(self, kept: int = KEPT, mark: str | None = None) -> None:
        self._mark = mark or secrets.token_hex(4)
        self._kept = kept
        self._events: deque[bytes] = deque()
        self._bytes = 0
        self._last = 0

    @property
    def last(self) -> str:
        """The id of the newest event (of none yet: where to begin)."""
        return f"{self._mark}-{self._last}"

    def add(self, event: str, payload: str) -> None:
        """Append an event; the oldest ones fall out."""
        self._last += 1
        body = f"id: {self.last}\nevent: {event}\ndata: {_one_line(payload)}\n\n".encode()
        self._events.append(body)
        self._bytes += len(body)
        while len(self._events) > self._kept or self._bytes > LARGEST:
            self._bytes -= len(self._events.popleft())

    def after(self, last: str) -> tuple[bytes, ...] | None:
        """The events after the one with the id `last`; None where some of them are gone."""
        mark, _, number = last.rpartition("-")
        if mark != self._mark or not number.isdecimal() or len(number) > len(str(self._last)):
            return None
        missed = self._last - int(number)
        if missed < 0 or missed > len(self._events):
            return None
        return tuple(self._events)[len(self._events) - missed :]


def _one_line(payload: str) -> str:
    """JSON has no bare line feeds; whatever else comes must not begin a field of its own."""
    return payload.replace("\r", " ").replace("\n", " ")
