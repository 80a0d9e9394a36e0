"""Connections over TLS: to the server that its certificate names, and to no other."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mirror import line as lines
from mirror.line import Fault, Line, LineError, Origin, Patience
from tests.kit.lab.certificates import Issued, issued

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
BODY = b"z" * 3_000_000
PATIENCE = Patience(connect=10, silence=60)


@asynccontextmanager
async def serving(shown: Issued, folder: Path) -> AsyncIterator[Line]:
    """A line to a server that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown.write(folder / "shown.pem"))

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY)
            await writer.drain()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(met, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        line = Line(Origin(host="localhost", port=port, secure=True), PATIENCE)
        yield line
        line.close()
        server.close()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Issued:
    """An authority that this machine trusts while the test runs."""
    made = issued("Test authority")
    (tmp_path / "trusted.pem").write_text(made.pem)
    trusting = ssl.create_default_context(cafile=str(tmp_path / "trusted.pem"))
    monkeypatch.setattr(lines, "_context", lambda: trusting)
    return made


async def test_a_kept_connection_brings_long_bodies_twice(
    authority: Issued, tmp_path: Path
) -> None:
    async with serving(issued("localhost", by=authority), tmp_path) as line:
        answers = [await line.ask(GET, b"", len(BODY)) for _ in range(2)]

    assert [one.status for one in answers] == [200, 200]
    assert [one.body for one in answers] == [BODY, BODY]


async def test_a_certificate_of_another_name_is_refused(authority: Issued, tmp_path: Path) -> None:
    async with serving(issued("other.example", by=authority), tmp_path) as line:
        with pytest.raises(LineError) as caught:
            await line.ask(GET, b"", len(BODY))

    assert caught.value.fault is Fault.CERTIFICATE


async def test_a_certificate_that_ended_is_refused(authority: Issued, tmp_path: Path) -> None:
    async with serving(issued("localhost", by=authority, days=-1), tmp_path) as line:
        with pytest.raises(LineError) as caught:
            await line.ask(GET, b"", len(BODY))

    assert caught.value.fault is Fault.CERTIFICATE


async def test_a_certificate_by_nobody_known_is_refused(tmp_path: Path) -> None:
    async with serving(issued("localhost"), tmp_path) as line:
        with pytest.raises(LineError) as caught:
            await line.ask(GET, b"", len(BODY))

    assert caught.value.fault is Fault.CERTIFICATE
