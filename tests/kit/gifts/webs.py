"""Mirrors on the web that lie in their answers: lengths, codings, ways elsewhere, no end."""

import gzip
import itertools
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.kit.gifts.case import Case, spoilt
from tests.kit.gifts.host import Host, Place, answered
from tests.kit.gifts.mint import Mint
from tests.kit.gifts.texts import texts

PIECE = b"x" * 65_536
CHUNK = b"10000\r\n" + PIECE + b"\r\n"
NAMED = (
    "latest.json",
    "root/1.json",
    "root/2.json",
    "e/3/manifest.json",
    "index.html",
    "en/atom.xml",
    "here.json",
    "withdrawn.json",
)
WAYS = (
    "http://127.0.0.2:1/",
    "https://127.0.0.1/",
    "file:///etc/passwd",
    "//elsewhere.example/x",
    "javascript:alert(1)",
    "ftp://127.0.0.1/",
    "http://[",
    "\\\\host\\share",
    "x" * 6000,
    "",
    "?",
    "../../../etc/passwd",
    "http://127.0.0.1:99999/",
    "http://user:word@127.0.0.1/",
)
STATES = ("100 Continue", "103 Early Hints", "204 No Content", "206 Partial Content",
          "301 Moved", "304 Not Modified", "401 Unauthorized", "416 No", "500 Oops", "999 What",
          "200", "-1 x", "\x1b[2J")  # fmt: skip


def webs(mint: Mint, dice: random.Random, host: Host) -> Iterator[Case]:
    """A genuine mirror of which one file, or each, is answered oddly."""
    while True:
        for name, raw in _answers(mint, dice):
            where = dice.choice(NAMED)
            yield _case(host, f"web: {where} {name}", Place(mint.mirror, {where: raw}))
        for where in dice.sample(sorted(mint.mirror), 6):
            said, body = spoilt(mint.mirror[where] or b"x", dice)
            yield _case(host, f"web: {where} {said}", Place(mint.mirror | {where: body}))
        for name, body in texts(mint.mirror["root/1.json"], 64 * 1024, dice):
            place = Place(mint.mirror | {"root/2.json": body})
            yield _case(host, f"web: root/2.json with {name}", place)


def _case(host: Host, name: str, place: Place) -> Case:
    def lay(_: Path) -> str:
        return host.lay(place)

    return Case(name=name, lay=lay)


def _answers(mint: Mint, dice: random.Random) -> Iterator[tuple[str, Iterable[bytes]]]:
    body = mint.mirror[dice.choice(("latest.json", "index.html"))]
    for way in WAYS:
        yield f"sent to {way[:30]!r}", [answered(b"", status="302 Found", Location=way)]
    yield "sent nowhere", [answered(b"", status="302 Found")]
    for state in STATES:
        yield f"answered {state!a}", [answered(body, status=state)]
    yield "without end", itertools.chain([answered(b"", Content_Length=str(2**60))], _endless())
    yield (
        "without end or length",
        itertools.chain([b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"], _endless()),
    )
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield "chunks without end", itertools.chain([head], itertools.repeat(CHUNK))
    yield "chunks that are none", [head + b"zz\r\nxx\r\n"]
    yield "a chunk of a negative length", [head + b"-1\r\nxx\r\n"]
    yield "a chunk with a remark", itertools.chain([head, b"1;"], _endless())
    yield "chunks of one byte", itertools.chain([head], itertools.repeat(b"1\r\nx\r\n" * 4000))
    yield "more than its length", [answered(body + PIECE, Content_Length=str(len(body)))]
    yield "less than its length", [answered(body, Content_Length=str(len(body) + 9))]
    yield "a length that is no number", [answered(body, Content_Length="0x10")]
    yield "a length below nought", [answered(body, Content_Length="-5")]
    yield "two lengths", [answered(body, Content_length="3")]
    packed = gzip.compress(bytes(64 * 1024 * 1024))
    yield "packed, and huge", [answered(packed, Content_Encoding="gzip")]
    yield "packed as it never was", [answered(body, Content_Encoding="br, gzip, zstd")]
    yield "a header without end", itertools.chain([b"HTTP/1.1 200 OK\r\nX: "], _endless())
    yield (
        "headers without end",
        itertools.chain(
            [b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"X-Y: " + b"z" * 4000 + b"\r\n")
        ),
    )
    yield "cookies", [answered(body, Set_Cookie="a=b; Domain=.example")]
    yield "a header with a NUL", [b"HTTP/1.1 200 OK\r\nX: \0\r\n\r\n"]
    yield "a header with an escape", [b"HTTP/1.1 200 \x1b[2J\x07\r\n\x1b[31m: y\r\n\r\n"]
    yield "no protocol", [body]
    yield "another protocol", [b"SSH-2.0-x\r\n", b"220 mail\r\n"]
    yield "nothing", []
    yield "early hints by the thousand", [b"HTTP/1.1 103 Early\r\n\r\n" * 4000]
    yield "noise", [dice.randbytes(5000)]


def _endless() -> Iterator[bytes]:
    return itertools.repeat(PIECE)
