"""Visitors: how many may read feeds at once, and for how long one may stay."""

import asyncio

from aiohttp import web

MOST = 200
"""Connections at once; more are turned away until some end."""

LONGEST = 300.0
"""Seconds that a connection may last, however slowly it asks or takes."""

LOOK = 10.0
"""Seconds between two looks at who has been here for too long."""


class Visitors:
    """Lets connections to `server` in, and those that stay too long out again."""

    def __init__(self, server: web.Server, *, most: int = MOST, longest: float = LONGEST) -> None:
        self._server = server
        self._most = most
        self._longest = longest
        self._since: dict[web.RequestHandler, float] = {}
        self._next: asyncio.TimerHandle | None = None

    def __call__(self) -> asyncio.BaseProtocol:
        """The protocol of a new connection."""
        if len(self._server.connections) >= self._most:
            return _Shut()
        return self._server()

    def look(self) -> None:
        """Show out who came over `longest` ago, and look again soon, until `stop`."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._since = {one: self._since.get(one, now) for one in self._server.connections}
        for one, since in self._since.items():
            if now - since >= self._longest and one.transport is not None:
                one.transport.abort()
        self._next = loop.call_later(min(LOOK, self._longest), self.look)

    def stop(self) -> None:
        """Look no more."""
        if self._next is not None:
            self._next.cancel()


class _Shut(asyncio.Protocol):
    """A closed door."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()
