"""A host that answers as it likes: raw bytes on a socket, on loopback."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.unit.signing.paper import Files

MOST = 300 * 1024 * 1024
"""Bytes after which even an endless answer ends."""

ADDRESS = "127.0.0.1"


@dataclass
class Place:
    """What lies under one address: files, and raw answers that stand in for some."""

    files: Files
    raw: Mapping[str, Iterable[bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: int = 0
    pause: float = 0.0
    """Seconds between two pieces of a raw answer."""


class Host:
    """All places, by the first part of the path."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self.port = 0

    def lay(self, place: Place) -> str:
        """Serve `place`; gives its address."""
        name = f"p{len(self.places)}"
        self.places[name] = place
        return f"http://{ADDRESS}:{self.port}/{name}/"

    async def answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One connection: one request, one answer."""
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            request = await reader.readuntil(b"\r\n\r\n")
            target = request.split(b" ")[1].decode("ascii", "replace")
            name, _, path = target.removeprefix("/").partition("/")
            place = self.places.get(name)
            if place:
                place.asked.append(path)
                await self._send(writer, place, path)
            else:
                writer.write(answered(b"", status="404 Not Found"))
            await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async def _send(self, writer: StreamWriter, place: Place, path: str) -> None:
        if path in place.raw:
            left = MOST
            for piece in place.raw[path]:
                writer.write(piece)
                await writer.drain()
                place.sent += len(piece)
                left -= len(piece)
                if left < 0 or writer.is_closing():
                    return
                await asyncio.sleep(place.pause)
        elif path in place.files:
            writer.write(answered(place.files[path]))
        else:
            writer.write(answered(b"no", status="404 Not Found"))


def answered(body: bytes, *, status: str = "200 OK", **headers: str) -> bytes:
    """A plain answer; `headers` are added, or take the place of what would stand there."""
    told = {"Content_Length": str(len(body)), "Connection": "close"} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in told.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body


@asynccontextmanager
async def open_host() -> AsyncIterator[Host]:
    """A host until the block ends."""
    host = Host()
    server = await asyncio.start_server(host.answer, ADDRESS, 0)
    host.port = server.sockets[0].getsockname()[1]
    async with server:
        yield host
