"""Strangers on loopback: servers that answer, refuse, reset, hang, lie, stall or drip."""

import asyncio
import socket
import ssl
import struct
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing

from tests.kit.lab.packets import asked, dns_reply

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HOST = "127.0.0.1"
_PATIENCE = 20.0


@asynccontextmanager
async def serving(handler: Handler, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A TCP server until the block ends; gives its port. Its handlers are stopped with it."""
    tasks: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            async with asyncio.timeout(_PATIENCE):
                await handler(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(one, HOST, 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await server.wait_closed()


_given: deque[int] = deque(maxlen=500)


def free_port() -> int:
    """A port where nobody listens, and that was not given lately."""
    while True:
        with closing(socket.socket()) as taken:
            taken.bind((HOST, 0))
            port: int = taken.getsockname()[1]
        if port not in _given:
            _given.append(port)
            return port


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST."""
    taken = writer.get_extra_info("socket")
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def telling(files: Mapping[str, bytes]) -> Handler:
    """A mirror: the files, and 404 for the rest."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = files.get(head.split(b" ")[1].decode().lstrip("/"))
        status = b"200 OK" if body is not None else b"404 Not Found"
        told = body if body is not None else b"not here"
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status, len(told)) + told)
        await writer.drain()

    return handle


def saying(*pieces: bytes, then: str = "close") -> Handler:
    """Whatever is asked, these bytes; `then` close, hang or reset."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if then == "hang":
            await reader.read()
        if then == "reset":
            reset(writer)

    return handle


async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Says nothing."""
    while await reader.read(1024):
        continue


async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Resets after the first bytes."""
    await reader.read(1)
    reset(writer)


Names = Callable[[bytes], tuple[bytes, ...]]


@asynccontextmanager
async def naming(answer: Names) -> AsyncIterator[int]:
    """A UDP server: each question gets these datagrams; gives its port."""

    class Server(asyncio.DatagramProtocol):
        transport: asyncio.DatagramTransport

        def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
            for told in answer(data):
                self.transport.sendto(told, addr)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Server, local_addr=(HOST, 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


def zone(names: Mapping[str, str]) -> Names:
    """Answers with these addresses; other names do not exist."""

    def answer(query: bytes) -> tuple[bytes, ...]:
        name, kind = asked(query)
        address = names.get(name)
        return (dns_reply(query, 0 if address else 3, address if kind == 1 else None),)

    return answer
