"""A gateway that means harm: whatever its feed answers, reading goes on or says that it cannot."""

import asyncio

import aiohttp
import pytest

from gateway.foreign import ForeignFeed
from tests.kit.strangers import HOST, Handler, serving

FEED = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>one</id></entry></feed>'
HEADERS = [
    b'ETag: "\x7f\x01"',
    b'ETag: "\xff\xfe"',
    b"ETag: " + b"x" * 7000,
    b'ETag: "a\tb"',
    b"Last-Modified: \x01\x02",
    b"Last-Modified: \xff",
    b"Content-Type: text/xml; charset=\xff",
    b"Set-Cookie: \xff=\xfe; domain=.",
    b"Link: <http://[>; rel=x",
]


def answering(header: bytes, asked: list[bytes]) -> Handler:
    """A server that answers every request with one feed under this header."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            length = f"Content-Length: {len(FEED)}".encode()
            writer.write(b"\r\n".join([b"HTTP/1.1 200 OK", length, header, b"", FEED]))
            await writer.drain()

    return answer


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header[:20].decode("latin-1"))
async def test_no_header_of_its_feed_can_end_the_reading(header: bytes) -> None:
    asked: list[bytes] = []

    async with serving(answering(header, asked)) as port, aiohttp.ClientSession() as session:
        feed = ForeignFeed(f"http://{HOST}:{port}/atom.xml", session)
        pages = [await feed.read(), await feed.read()]

    assert [page is not None and len(page.entries) for page in pages] == [1, 1]
    assert len(asked) == len(pages)


async def test_a_plain_tag_is_said_again() -> None:
    asked: list[bytes] = []

    handler = answering(b'ETag: "ab-1"', asked)
    async with serving(handler) as port, aiohttp.ClientSession() as session:
        feed = ForeignFeed(f"http://{HOST}:{port}/atom.xml", session)
        await feed.read()
        await feed.read()

    assert b'If-None-Match: "ab-1"' in asked[1]
