"""Shutting a server: it stops listening, and forgets nobody who was just coming in."""

import asyncio
import socket

TURNS = 3
"""Turns of the loop from a socket that is taken in until its protocol knows of it."""


async def shut(server: asyncio.Server, door: socket.socket) -> None:
    """Stop listening at `door`, the socket of `server`.

    asyncio takes a connection in over some turns of its loop. One that is under way while its
    server closes is left open for ever, or arrives after everyone was shown out.
    """
    asyncio.get_running_loop().remove_reader(door)
    for _ in range(TURNS):
        await asyncio.sleep(0)
    server.close()
