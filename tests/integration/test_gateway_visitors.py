"""Readers of feeds: not too many at once, and none for ever."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import cast

import pytest
from aiohttp import web

from gateway.visitors import Visitors
from tests.kit.strangers import HOST

PAGE = b"x" * 10_000_000


async def page(_: web.Request) -> web.Response:
    return web.Response(body=PAGE)


@asynccontextmanager
async def house(*, most: int = 2, longest: float = 60) -> AsyncIterator[int]:
    """A big page for visitors; gives its port."""
    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    visitors = Visitors(cast("web.Server", runner.server), most=most, longest=longest)
    server = await asyncio.get_running_loop().create_server(visitors, HOST, 0)
    visitors.look()
    async with asyncio.timeout(20):
        yield server.sockets[0].getsockname()[1]
    visitors.stop()
    server.close()
    await runner.cleanup()


async def ask(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    return reader, writer


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


async def test_beyond_the_limit_visitors_are_turned_away() -> None:
    async with house(most=2) as port:
        inside = [await ask(port) for _ in range(2)]
        status = [await reader.readline() for reader, _ in inside]
        outside = await ask(port)

        answer = await rest_of(outside[0])

        for _, writer in (*inside, outside):
            writer.close()

    assert status == [b"HTTP/1.1 200 OK\r\n"] * 2
    assert answer == b""


@pytest.mark.parametrize(
    "asked", [b"", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"]
)
async def test_who_asks_or_takes_too_slowly_is_shown_out(asked: bytes) -> None:
    async with house(longest=0.2) as port:
        with socket.create_connection((HOST, port)) as visitor:
            visitor.sendall(asked)
            visitor.setblocking(False)  # noqa: FBT003 - its own signature

            taken = await taken_by_sips(visitor)

    assert taken < len(PAGE)


async def taken_by_sips(visitor: socket.socket) -> int:
    """How many bytes come until the end, where ten are taken at a time."""
    loop, taken = asyncio.get_running_loop(), 0
    with suppress(ConnectionResetError):
        while sip := await loop.sock_recv(visitor, 10):
            taken += len(sip)
            await asyncio.sleep(0)  # else nobody else ever has a turn
    return taken


async def test_who_is_quick_is_served() -> None:
    async with house() as port:
        reader, writer = await ask(port)

        await reader.readuntil(b"\r\n\r\n")
        got = await reader.readexactly(len(PAGE))

        writer.close()

    assert got == PAGE
