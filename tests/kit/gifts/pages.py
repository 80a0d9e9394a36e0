"""Pages that are passed by hand and are not ours: what can be done to a trailer."""

import base64
import json
import random
from collections.abc import Iterator
from typing import Any

from tests.kit.gifts.case import Case, as_file, spoilt
from tests.kit.gifts.mint import PAGE, Mint, sealed_by, slip_over
from tests.kit.gifts.texts import texts

MIB = 1024 * 1024
MARK, CLOSE = b"<!--tamizdat-1:", b"-->\n"
ROOM = 46 * 1024


def pages(mint: Mint, dice: random.Random) -> Iterator[Case]:
    """Spoilt pages, and pages with a trailer of every odd shape."""
    while True:
        for name, body in (*_large(mint, dice), *_trailers(mint, dice), *_parts(mint, dice)):
            yield as_file(f"page: {name}", dice.choice(("html", "htm", "zip")), body)
            said, worse = spoilt(mint.page, dice)
            yield as_file(f"page spoilt: {said}", "html", worse)


def _large(mint: Mint, dice: random.Random) -> Iterator[tuple[str, bytes]]:
    size = dice.choice((16, 63, 65)) * MIB
    tail = mint.page[mint.page.rindex(MARK) :]
    yield "a large page without a trailer", b"x" * size
    yield "a large page with another's trailer", b"x" * (size - len(tail) - 1) + b"\n" + tail
    yield "a large trailer", b"x\n" + MARK + b"A" * size + CLOSE
    yield "a large trailer of no letters", b"x\n" + MARK + bytes(size) + CLOSE
    yield "trailers by the hundred thousand", (b"\n" + MARK) * 100_000 + b"AAAA" + CLOSE
    yield "line feeds", b"\n" * size
    yield "a large ZIP that is none", b"PK\3\4" + bytes(size)
    yield "ends by the thousand", b"PK\3\4" + b"PK\5\6" * (size // 4)
    comment = b"tamizdat-1:" + b"A" * 65_524
    yield (
        "a large ZIP with a comment",
        b"PK\3\4"
        + bytes(size - 70_000)
        + b"PK\5\6"
        + bytes(16)
        + len(comment).to_bytes(2, "little")
        + comment,
    )


def _trailers(mint: Mint, dice: random.Random) -> Iterator[tuple[str, bytes]]:
    coded = mint.page[mint.page.rindex(MARK) + len(MARK) : -len(CLOSE)]
    good = base64.b64decode(coded)
    for name, text in texts(good, ROOM, dice):
        yield f"a trailer with {name}", _page(text)
    yield "a trailer twice", mint.page + mint.page[mint.page.rindex(MARK) - 1 :]
    yield "something after it", mint.page + b"<script>alert(1)</script>\n"
    yield "another page before it", PAGE.replace(b"day", b"lie") + mint.page[len(PAGE) :]
    yield "a trailer without its end", mint.page[:-2]
    yield "a base64 of another alphabet", mint.page.replace(coded, coded.replace(b"A", b"-"))


def _parts(mint: Mint, dice: random.Random) -> Iterator[tuple[str, bytes]]:
    """A part of a sound trailer that is no JSON of ours, some of them signed."""
    room = mint.room
    slip = slip_over(room, PAGE, "html").encode()
    fields = _fields(mint)
    for name, text in texts(slip, 3 * 1024, dice):
        if _is_text(text):
            sealed = sealed_by(room, text, dice.choice(("release", "timestamp", "stranger")))
            signatures = {one.fingerprint: one.armor for one in sealed.signatures}
            told = fields | {"slip": text.decode(), "signatures": signatures}
            yield f"a slip with {name}", _page(_spelled(told))
    for name, text in texts(room.roots[0].body, 8 * 1024, dice):
        if _is_text(text):
            made = {"text": text.decode(), "signatures": fields["roots"][0]["signatures"]}
            where = dice.choice((0, 1, 1, 1))
            roots = [*fields["roots"][:where], made]
            yield f"root {where + 1} with {name}", _page(_spelled(fields | {"roots": roots}))
    many = {f"{n:040X}": "x" for n in range(900)}
    yield "signatures by the hundred", _page(_spelled(fields | {"signatures": many}))
    yield "roots by the hundred", _page(_spelled(fields | {"roots": fields["roots"] * 9}))


def _fields(mint: Mint) -> Any:
    coded = mint.page[mint.page.rindex(MARK) + len(MARK) : -len(CLOSE)]
    return json.loads(base64.b64decode(coded))


def _spelled(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"


def _page(text: bytes) -> bytes:
    return PAGE + MARK + base64.b64encode(text) + CLOSE


def _is_text(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
