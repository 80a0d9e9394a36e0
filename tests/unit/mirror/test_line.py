"""Connections that are kept: used again, lost, silent, cut, and bodies longer than what fits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from mirror.line import Fault, Line, LineError, Origin, Patience

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GET = b"GET / HTTP/1.1\r\n\r\n"
PATIENCE = Patience(connect=5, silence=60)

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers each connection with a talk of its own, and counts them."""

    def __init__(self) -> None:
        self.talks: list[Talk] = []
        self.met = 0
        self.done: list[asyncio.Event] = []
        self.origin = Origin(host="127.0.0.1", port=1, secure=False)

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        talk = self.talks[min(self.met, len(self.talks) - 1)]
        self.met += 1
        self.done.append(asyncio.Event())
        done = self.done[-1]
        try:
            await talk(reader, writer)
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()
        finally:
            done.set()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    met = Server()
    listening = await asyncio.start_server(met.meet, "127.0.0.1", 0)
    met.origin = Origin(host="127.0.0.1", port=listening.sockets[0].getsockname()[1], secure=False)
    yield met
    listening.close()
    for done in met.done:
        await asyncio.wait_for(done.wait(), 10)


@pytest.fixture
async def line(server: Server) -> AsyncIterator[Line]:
    line = Line(server.origin, PATIENCE)
    yield line
    line.close()


def answers(*told: bytes) -> Talk:
    """One answer for each request, and then the end."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in told:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)

    return talk


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Listens until the other goes."""
    await reader.read()


async def test_a_connection_is_used_again(server: Server, line: Line) -> None:
    server.talks = [answers(OK, OK, OK)]

    bodies = [(await line.ask(GET, b"", 10)).body for _ in range(3)]

    assert bodies == [b"ok"] * 3
    assert server.met == 1


async def test_requests_at_once_have_connections_of_their_own(server: Server, line: Line) -> None:
    server.talks = [answers(OK)]

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(line.ask(GET, b"", 10)) for _ in range(4)]

    assert [task.result().body for task in tasks] == [b"ok"] * 4
    assert server.met == 4


async def test_a_kept_connection_that_was_closed_is_replaced(server: Server, line: Line) -> None:
    async def leaves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answers(OK)(reader, writer)
        await reader.readuntil(b"\r\n\r\n")  # and closes without a word

    server.talks = [leaves, answers(OK)]
    await line.ask(GET, b"", 10)

    answer = await line.ask(GET, b"", 10)

    assert answer.body == b"ok"
    assert server.met == 2


FAULTS = [
    (answers(b""), Fault.LOST),
    (answers(OK[:-1]), Fault.SHORT),
    (answers(b"no http\r\n\r\n"), Fault.BROKEN),
]


@pytest.mark.parametrize(("talk", "fault"), FAULTS)
async def test_what_failed_is_told(server: Server, line: Line, talk: Talk, fault: Fault) -> None:
    server.talks = [talk]

    with pytest.raises(LineError) as caught:
        await line.ask(GET, b"", 10)

    assert caught.value.fault is fault


async def test_a_silent_server_is_given_up(server: Server) -> None:
    server.talks = [silent]
    line = Line(server.origin, Patience(connect=5, silence=0.05))

    with pytest.raises(LineError) as caught:
        await line.ask(GET, b"", 10)
    line.close()

    assert caught.value.fault is Fault.TIME


async def test_nobody_there_is_told() -> None:
    line = Line(Origin.of("http://127.0.0.1:9"), PATIENCE)

    with pytest.raises(LineError) as caught:
        await line.ask(GET, b"", 10)

    assert caught.value.fault is Fault.NOBODY


async def test_a_long_body_arrives_whole(server: Server, line: Line) -> None:
    body, came = bytes(range(256)) * 20_000, bytearray()

    async def takes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        came.extend(await reader.readexactly(len(body)))
        writer.write(OK)

    server.talks = [takes]

    answer = await line.ask(GET, body, 10)

    assert answer.body == b"ok"
    assert came == body


async def test_a_refusal_before_the_end_of_a_body_is_heard(server: Server, line: Line) -> None:
    async def refuses(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
        await reader.read()

    server.talks = [refuses]

    answer = await line.ask(GET, b"x" * 50_000_000, 10)

    assert answer.status == 403


ORIGINS = [
    ("https://s3.example", Origin(host="s3.example", port=443, secure=True), "s3.example"),
    ("http://s3.example:80/x", Origin(host="s3.example", port=80, secure=False), "s3.example"),
    ("https://[::1]:9000", Origin(host="::1", port=9000, secure=True), "[::1]:9000"),
]


@pytest.mark.parametrize(("url", "origin", "named"), ORIGINS)
def test_an_origin_is_what_an_address_says(url: str, origin: Origin, named: str) -> None:
    assert Origin.of(url) == origin
    assert Origin.of(url).named == named
