"""A channel: one stream of server-sent events for every browser that listens.

A listener holds no queue of its own: it reads the ring at its own pace, and gets a snapshot where
it fell behind. So a slow browser costs nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from desk.ring import Ring

BEAT = 5.0
"""Seconds between two signs of life; a browser that hears none for 15 s says so."""

LISTENERS = 200
"""Browsers that may listen at a time."""

WRITING = 15.0
"""Seconds in which a browser takes what was written to it."""

Snapshot = Callable[[], tuple[str, str]]
"""Gives event and payload that stand for everything that was missed."""


class Channel:
    """Events to browsers. `snapshot` is asked whenever one missed too much."""

    def __init__(self, snapshot: Snapshot, *, beat: float = BEAT, ring: Ring | None = None) -> None:
        self._snapshot = snapshot
        self._beat = beat
        self._ring = ring or Ring()
        self._news = asyncio.Event()
        self._closed = False
        self._listeners = 0

    @property
    def last(self) -> str:
        """The id of the newest event: a page that is made now names it."""
        return self._ring.last

    def tell(self, event: str, payload: str) -> None:
        """Send an event to everybody who listens."""
        self._ring.add(event, payload)
        self._wake()

    def close(self) -> None:
        """Let everybody go, now."""
        self._closed = True
        self._wake()

    async def stream(
        self, request: web.Request, admitted: Callable[[], Awaitable[bool]]
    ) -> web.StreamResponse:
        """Write events until the browser leaves, `admitted` says no, or the channel closes."""
        if self._listeners >= LISTENERS:
            raise web.HTTPServiceUnavailable
        response = web.StreamResponse(headers={"X-Accel-Buffering": "no"})
        response.content_type = "text/event-stream"
        response.charset = "utf-8"
        self._listeners += 1
        try:
            await response.prepare(request)
            await self._write(response, _asked(request), admitted)
        except (ConnectionError, TimeoutError):
            pass  # the browser left, or takes nothing; it will come back by itself
        finally:
            self._listeners -= 1
        return response

    async def _write(
        self, response: web.StreamResponse, last: str, admitted: Callable[[], Awaitable[bool]]
    ) -> None:
        async with asyncio.timeout(WRITING):
            await response.write(b"retry: 2000\nevent: beat\ndata:\n\n")
        while not self._closed and await admitted():
            news = self._news
            missed = self._missed(last)
            last = self._ring.last
            async with asyncio.timeout(WRITING):
                await response.write(missed or b"event: beat\ndata:\n\n")
            if news is self._news:
                await _within(news, self._beat)

    def _missed(self, last: str) -> bytes:
        events = self._ring.after(last)
        if events is not None:
            return b"".join(events)
        event, payload = self._snapshot()
        return f"id: {self._ring.last}\nevent: {event}\ndata: {payload}\n\n".encode()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


def _asked(request: web.Request) -> str:
    """Where to go on: a browser that comes back says it in a header, a new page in the address."""
    return request.headers.get("Last-Event-ID") or request.query.get("after", "")


async def _within(news: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return
