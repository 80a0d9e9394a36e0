"""One GET against servers that keep to HTTP, and against others."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reach.connection import Connection
from reach.exchange import MAX_HEAD, MAX_HEADERS, Answered, Request, get
from reach.patience import Patience
from tests.kit.strangers import HOST, Handler, cut, hang, saying, serving

FAST = Patience(dns=2, late=0.05, tcp=2, tls=2, stall=0.2, exchange=2, whole=20)
SLOW = Patience(stall=5, exchange=5)


async def taken(handler: Handler, limit: int = 100_000, patience: Patience = SLOW) -> Answered:
    async with serving(handler) as port:
        request = Request(address=HOST, port=port, host="h", path="/", secure=False, limit=limit)
        connection = await Connection.dial(HOST, port, patience)
        try:
            return await get(connection, request, patience)
        finally:
            await connection.close()


GOOD = [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    (b"HTTP/1.0 200 OK\r\n\r\nhello", b"hello"),
    (
        b"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
        b"hello",
    ),
    (
        b"HTTP/1.1 103 Hint\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"hello",
    ),
    (b"HTTP/1.1 204 None\r\n\r\n", b""),
    (b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", b"hello"),
]


@pytest.mark.parametrize(("said", "body"), GOOD)
async def test_an_answer_is_read_whole(said: bytes, body: bytes) -> None:
    answered = await taken(saying(said))

    assert answered.code is None
    assert answered.body == body
    assert answered.seen.wire == len(said)


BAD = [
    (b"", "eof_error"),
    (b"SSH-2.0-OpenSSH_9\r\n\r\n", "http_invalid_response"),
    (b"HTTP/1.1 99 No\r\n\r\n", "http_invalid_response"),
    (b"HTTP/1.1 abc\r\n\r\n", "http_invalid_response"),
    (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "http_invalid_response"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", "http_invalid_response"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1e3\r\n\r\nhello", "http_invalid_response"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "eof_error"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "http_invalid_response"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", "http_response_too_large"),
    (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000, "http_response_too_large"),
    (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * (MAX_HEADERS + 2), "http_response_too_large"),
    (b"HTTP/1.1 200 OK\r\n" + (b"A: " + b"b" * 8000 + b"\r\n") * 5, "http_response_too_large"),
    (b"HTTP/1.1 200 OK\r\nA: " + b"b" * MAX_HEAD, "http_invalid_response"),
]


@pytest.mark.parametrize(("said", "code"), BAD)
async def test_an_answer_that_is_wrong_has_a_name(said: bytes, code: str) -> None:
    assert (await taken(saying(said))).code == code


async def test_a_reset_has_a_name() -> None:
    assert (await taken(cut)).code == "connection_reset"


async def test_silence_is_a_timeout_and_no_stall() -> None:
    answered = await taken(hang, patience=FAST)

    assert answered.code == "generic_timeout_error"
    assert answered.seen.stalled_at is None


async def test_a_stall_tells_after_how_many_bytes_of_the_wire() -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n" + b"x" * 20_000

    answered = await taken(saying(said, then="hang"), patience=FAST)

    assert answered.code == "generic_timeout_error"
    assert answered.seen.stalled_at == len(said)
    assert answered.seen.body_length == 20_000


async def test_a_drip_ends_with_the_patience_for_the_whole() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    patience = Patience(stall=1, exchange=0.3)

    answered = await taken(drip, patience=patience)

    assert answered.code == "generic_timeout_error"
    assert 0 < answered.seen.body_length < 100


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=400))
async def test_no_answer_breaks_the_reader(noise: bytes) -> None:
    answered = await taken(saying(b"HTTP/1.1 200 OK\r\n", noise))

    assert answered.code is None or "_" in answered.code
