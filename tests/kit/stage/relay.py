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


class Joined:
    """Joins each connection to a new one of `onwards`, until it is closed."""

    def __init__(self, onwards: Open) -> None:
        self._onwards = onwards
        self._open: dict[asyncio.Task[None], list[asyncio.WriteTransport]] = {}

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = [writer.transport]
        try:
            await self._join(reader, writer, self._open[task])
        except OSError:
            pass  # nobody is there
        finally:
            del self._open[task]
            writer.transport.abort()

    async def close(self) -> None:
        """End them all. They are not cancelled: streams of Python 3.11 stumble over that."""
        while self._open:
            for transports in self._open.values():
                for transport in transports:
                    transport.abort()
            await asyncio.wait(self._open)

    async def _join(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        transports: list[asyncio.WriteTransport],
    ) -> None:
        there, back = await self._onwards()
        transports.append(back.transport)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pass_on(reader, back))
                group.create_task(_pass_on(there, writer))
        finally:
            back.transport.abort()


@asynccontextmanager
async def outside(socket: Path) -> AsyncIterator[int]:
    """A port on this machine's loopback that leads to `socket`, until the block ends."""
    joined = Joined(lambda: asyncio.open_unix_connection(socket))
    server = await asyncio.start_server(joined.handle, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await joined.close()


async def within(socket: Path, port: int) -> None:
    """Lead from `socket` to `port` until the orders end; there are none."""

    async def obey(_: object) -> None:
        return

    joined = Joined(lambda: asyncio.open_connection(HOST, port))
    async with await asyncio.start_unix_server(joined.handle, socket):
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
