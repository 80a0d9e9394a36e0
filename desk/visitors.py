"""Visitors: how many connections strangers may hold at the desk, and for how long.

Whoever reaches the desk's port could otherwise take every file descriptor of the service by doing
nothing at all, and so stop what it publishes.
"""

import asyncio
import socket

from aiohttp import web

MOST = 200
"""Connections of people who did not sign in, at once; more are turned away until some end."""

MOST_KNOWN = 600
"""Connections that may stay because somebody signed in by them."""

LONGEST = 120.0
"""Seconds that any other connection may last, however slowly it asks."""

LOOK = 10.0
"""Seconds between two looks at who has been here for too long."""


TURNS = 3
"""Turns of the loop until whoever is being taken in is known."""


class Visitors:
    """Lets connections in, and those of strangers that stay too long out again."""

    def __init__(self, *, most: int = MOST, longest: float = LONGEST) -> None:
        self._most = most
        self._longest = longest
        self._known: set[web.RequestHandler] = set()
        self._since: dict[web.RequestHandler, float] = {}
        self._next: asyncio.TimerHandle | None = None

    def know(self, connection: object) -> None:
        """Somebody who is signed in asks by this connection: it may stay."""
        if isinstance(connection, web.RequestHandler) and len(self._known) < MOST_KNOWN:
            self._known.add(connection)

    def enter(self, server: web.Server) -> asyncio.BaseProtocol:
        """The protocol of a new connection."""
        strangers = sum(one not in self._known for one in server.connections)
        return server() if strangers < self._most else _Shut()

    def look(self, server: web.Server) -> None:
        """Show out who came too long ago, and look again soon, until `stop`."""
        loop = asyncio.get_running_loop()
        now, here = loop.time(), server.connections
        self._known.intersection_update(here)
        self._since = {one: self._since.get(one, now) for one in here if one not in self._known}
        for one, since in self._since.items():
            if now - since >= self._longest and one.transport is not None:
                one.transport.abort()
        self._next = loop.call_later(min(LOOK, self._longest), self.look, server)

    def stop(self) -> None:
        """Look no more."""
        if self._next is not None:
            self._next.cancel()


class _Shut(asyncio.Protocol):
    """A closed door."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()


async def shut(server: asyncio.Server, door: socket.socket) -> None:
    """Stop listening at `door`; who is just coming in is known to us before we show all out.

    asyncio takes a connection in over some turns of its loop, and loses one that is under way.
    """
    asyncio.get_running_loop().remove_reader(door)
    for _ in range(TURNS):
        await asyncio.sleep(0)
    server.close()
