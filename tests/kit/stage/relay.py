"""A relay: what comes in at one socket goes out at another, both ways, as it is.

A stage's programs live in namespaces that this machine's browsers cannot enter; files they share.
`python -m tests.kit.stage.relay SOCKET PORT` runs inside and leads from a file to a port.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.kit.lab.world import obeyed

HOST = "127.0.0.1"
_PIECE = 64 * 1024

Open = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


def handing_on(onwards: Open) -> Callable[..., Awaitable[None]]:
    """The handler that joins each connection to a new one of `onwards`."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await onwards()
        except OSError:
            writer.transport.abort()
            return
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pass_on(reader, back))
                group.create_task(_pass_on(there, writer))
        finally:
            back.transport.abort()
            writer.transport.abort()

    return handle


@asynccontextmanager
async def outside(socket: Path) -> AsyncIterator[int]:
    """A port on this machine's loopback that leads to `socket`, until the block ends."""
    handle = handing_on(lambda: asyncio.open_unix_connection(socket))
    server = await asyncio.start_server(handle, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def within(socket: Path, port: int) -> None:
    """Lead from `socket` to `port` until the orders end; there are none."""

    async def obey(_: object) -> None:
        return

    handle = handing_on(lambda: asyncio.open_connection(HOST, port))
    async with await asyncio.start_unix_server(handle, socket):
        await obeyed(obey)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
    except (OSError, RuntimeError):
        writer.transport.abort()


if __name__ == "__main__":
    asyncio.run(within(Path(sys.argv[1]), int(sys.argv[2])))
