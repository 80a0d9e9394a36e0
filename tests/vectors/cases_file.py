"""Cases of whole files: trailers, bodies, clocks, and files without proof (formats 6 and 7)."""

import base64
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.unit.signing.zips import plain_zip
from tests.vectors.asking import GENUINE, of_copy, of_file, of_text, refused, slip_with
from tests.vectors.press import BASES, PAGE, Copy, html, sign, slip_fields, spelled, zipped
from tests.vectors.recipe import Case, attach

_LINE = b"<!--tamizdat-1:"
_NEVER = "2026-11-20T12:00:00Z"


def base_cases() -> Iterator[Case]:
    """Each base as it is, under its own root, another root, and clocks that are wrong."""
    for base, copy in BASES.items():
        answer = GENUINE | {"issued": copy.slip.text.split('"issued":"')[1][:20]}
        yield Case(name=f"{base}: as it is", base=base, **answer)
        yield Case(name=f"{base}: other root", base=base, root="0" * 64, **refused("6.2", "other"))
    clocks = [
        ("1970", "1970-01-01T00:00:00Z", "clock"),
        ("two days early", "2026-11-18T12:00:00Z", "clock"),
        ("a day early", "2026-11-19T12:00:00Z", "known"),
        ("the second of its issue", _NEVER, "known"),
        ("the second before its end", "2026-12-20T11:59:59Z", "known"),
        ("the second of its end", "2026-12-20T12:00:00Z", "over"),
        ("40 days ahead", "2026-12-31T12:00:00Z", "over"),
        ("a century ahead", "2126-01-01T00:00:00Z", "over"),
    ]
    for name, at, age in clocks:
        yield Case(name=f"clock: {name}", base="html", at=at, **GENUINE | {"age": age})


def trailer_cases() -> Iterator[Case]:
    """Trailers of another shape, over an unchanged body."""
    good = html().trailer()
    copy = html()
    entry, slip = copy.roots[0].entry(), copy.slip.entry()
    fields: dict[str, Any] = {"slip": slip["text"], "signatures": slip["signatures"]}
    whole = fields | {"roots": [entry]}
    shapes: list[tuple[str, Any]] = [
        ("an empty object", {}),
        ("a field too many", whole | {"more": ""}),
        ("no roots", fields),
        ("an empty list of roots", fields | {"roots": []}),
        ("an object of roots", fields | {"roots": {"1": entry}}),
        ("a number of roots", fields | {"roots": 1}),
        ("a text of roots", fields | {"roots": "1"}),
        ("a root that is a text", fields | {"roots": [entry["text"]]}),
        ("a root without signatures", fields | {"roots": [{"text": entry["text"]}]}),
        ("a root with more", fields | {"roots": [entry | {"more": ""}]}),
        ("a root whose text is a number", fields | {"roots": [entry | {"text": 1}]}),
        ("a slip that is an object", whole | {"slip": {}}),
        ("signatures that are a list", whole | {"signatures": []}),
        ("a signature without a fingerprint", whole | {"signatures": {"x": ""}}),
        ("a fingerprint in small letters", whole | {"signatures": {"a" * 40: ""}}),
        ("a signature that is a number", whole | {"signatures": {"A" * 40: 1}}),
        ("a signature that is null", whole | {"signatures": {"A" * 40: None}}),
    ]
    for name, shape in shapes:
        yield of_text(f"trailer: {name}", spelled(shape).encode(), refused("7.1"))
    texts: list[tuple[str, bytes, str]] = [
        ("no line feed", good[:-1], "7.1"),
        ("two line feeds", good + b"\n", "7.1"),
        ("a space", good.replace(b'"roots":', b'"roots": '), "7.1"),
        ("keys in another order", _reordered(good), "7.1"),
        ("an escape that need not be", good.replace(b"channel", b"\\u0063hannel"), "7.1"),
        ("a slash that is escaped", good.replace(b"ed25519", b"ed25519\\/"), "7.1"),
        ("half a pair", good.replace(b"channel", b"\\ud800"), "7.1"),
        ("half a pair as a key", good.replace(b'"slip"', b'"slip\\udfff"'), "7.1"),
        ("not UTF-8", good.replace(b"channel", b"channe\xff"), "1.2"),
        ("a surrogate in UTF-8", good.replace(b"channel", b"chann\xed\xa0\x80"), "1.2"),
        ("an overlong letter", good.replace(b"channel", b"channe\xc1\xac"), "1.2"),
        ("a key twice", good.replace(b'{"roots"', b'{"slip":"","roots"'), "1.3"),
        ("a fraction", good.replace(b'{"roots"', b'{"a":0.5,"roots"'), "1.4"),
        ("too deep", good.replace(b'{"roots"', b'{"a":[[[[[[[[]]]]]]]],"roots"'), "1.5"),
        ("a list", b"[]\n", "1.2"),
        ("nothing", b"", "1.2"),
        ("too long", good + b" " * (47 * 1024), "7.1"),
        ("ten thousand brackets", b"[" * 10_000, "1.5"),
    ]
    for name, text, clause in texts:
        yield of_text(f"trailer: {name}", text, refused(clause))


def _reordered(good: bytes) -> bytes:
    at = good.index(b',"slip":')
    return b"{" + good[at + 1 : -2] + b"," + good[1:at] + b"}\n"


def page_cases() -> Iterator[Case]:
    """Pages that were changed after they were signed."""
    file = html().file()
    line = file[len(PAGE) :]
    coded = line[len(_LINE) : -4]
    rows: list[tuple[str, bytes, str]] = [
        ("a letter changed", file.replace(b"Words", b"Wordz"), "7.2"),
        ("a letter gone", file.replace(b"Words", b"Word"), "7.2"),
        ("a letter more", file.replace(b"Words", b"Wordss"), "7.2"),
        ("a line feed before it", b"\n" + file, "7.2"),
        ("a mark of byte order", b"\xef\xbb\xbf" + file, "7.2"),
        ("no body but a line feed", b"\n" + line, "7.2"),
        ("no body", line, "7.1"),
        ("line ends of Windows", file.replace(b"\n", b"\r\n"), "7.1"),
        ("a line feed after it", file + b"\n", "7.1"),
        ("a space after it", file + b" ", "7.1"),
        ("no last line feed", file[:-1], "7.1"),
        ("a script after it", file + b"<script></script>\n", "7.1"),
        ("cut in the trailer", file[:-100], "7.1"),
        ("cut in the trailer, closed again", file[:-100] + b"-->\n", "1.2"),
        ("a second trailer", PAGE + line + line, "7.3"),
        ("a trailer in the body's first line", line[:-4] + b"-->\n" + file, "7.3"),
        ("a mark in the trailer", PAGE + _LINE + b"A" + _LINE + coded + b"-->\n", "7.3"),
        ("the file twice", file + file, "7.3"),
        ("base64 without its end", PAGE + _LINE + coded.rstrip(b"=")[:-1] + b"-->\n", "7.1"),
        (
            "base64 with a line feed",
            PAGE + _LINE + coded[:64] + b"\n" + coded[64:] + b"-->\n",
            "7.1",
        ),
        ("base64 with a space", PAGE + _LINE + b" " + coded + b"-->\n", "7.1"),
        ("base64 for the web", PAGE + _LINE + coded[:-8] + b"-_-_" + coded[-4:] + b"-->\n", "7.1"),
        ("base64 that is over", PAGE + _LINE + coded + b"====" + b"-->\n", "7.1"),
        ("letters above ASCII", PAGE + _LINE + coded[:-4] + "é".encode() + b"-->\n", "7.1"),
        ("a ZIP's start before it", b"PK\x03\x04" + file, "7.1"),
        ("the slip of another page", _crossed(), "7.2"),
    ]
    for name, spoilt, clause in rows:
        yield of_file(f"page: {name}", spoilt, refused(clause))
    yield of_file("page: base64 with bits left over", _left_over(), refused("7.1"))
    blank = replace(html(), body=b"", slip=sign(spelled(slip_fields(b"", "html")), "release"))
    unmarked = b"x" * len(_LINE) + base64.b64encode(blank.trailer()) + b"-->\n"
    yield of_file("page: a trailer without its mark", unmarked, refused("7.1", "bare"))
    for body in (b"\n", "<p>\u202e&#0;<!--tamizdat-2:-->\n".encode(), b"\0\xff\n", PAGE * 9):
        copy = replace(html(), body=body, slip=sign(spelled(slip_fields(body, "html")), "release"))
        yield of_file(f"page: a body of {len(body)} octets", copy.file(), GENUINE)


def _left_over() -> bytes:
    """A sound file whose base64 ends within a letter, and that letter in its other spelling."""
    files = (html().with_slip(slip_with(more="x" * n)).file() for n in range(3))
    file = next(file for file in files if file.endswith(b"=-->\n"))
    at = file.index(b"=", file.index(_LINE)) - 1
    return file[:at] + bytes([file[at] + 1]) + file[at + 1 :]


def _crossed() -> bytes:
    other = Copy(form="html", body=PAGE + PAGE, slip=html().slip, roots=html().roots)
    return other.file()


def zip_cases() -> Iterator[Case]:
    """Archives that were changed after they were signed."""
    copy = zipped()
    file, body = copy.file(), copy.body
    comment = file[len(body) :]
    other = plain_zip({"en/index.html": b"<p>other"})
    grown = body[:-2] + (len(comment) + 1).to_bytes(2, "little")
    rows: list[tuple[str, bytes, str]] = [
        ("another archive, the same trailer", attach("zip", other, copy.trailer()), "7.2"),
        ("a member's octet", _flipped(file, 60), "7.2"),
        ("the directory's octet", _flipped(file, len(body) - 40), "7.2"),
        ("the count of members", _flipped(file, len(body) - 12), "7.2"),
        ("the comment's length", _flipped(file, len(body) - 2), "7.1"),
        ("an octet after it", file + b"x", "7.1"),
        ("an octet after it, announced", grown + comment + b"x", "7.1"),
        ("an octet before it", b"x" + file, "7.1"),
        ("a local header before it", b"PK\x03\x04" + file, "7.2"),
        ("no last octet", file[:-1], "7.1"),
        ("another mark", file.replace(b"tamizdat-1:", b"tamizdat-2:"), "7.1"),
        ("a comment before the mark", _commented(body, b"x" + comment), "7.1"),
        ("a second end behind the first", file + file[len(body) - 22 :], "7.2"),
        ("a trailer as in a page", body + _LINE + comment[11:] + b"-->\n", "7.1"),
        ("the file twice", file + file, "7.2"),
        (
            "no end, and a trailer where it would be",
            b"PK\x03\x04" + bytes(15) + file[len(body) - 2 :],
            "7.1",
        ),
    ]
    for name, spoilt, clause in rows:
        why = "bare" if b"tamizdat-1:" not in spoilt else "changed"
        yield of_file(f"zip: {name}", spoilt, refused(clause, why), "zip")
    slip = sign(spelled(slip_fields(PAGE, "zip")), "release")
    yield of_copy("page: called a ZIP", replace(html(), slip=slip), refused("7.2"))


def _flipped(file: bytes, at: int) -> bytes:
    return file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]


def _commented(body: bytes, comment: bytes) -> bytes:
    return body[:-2] + len(comment).to_bytes(2, "little") + comment


def bare_cases() -> Iterator[Case]:
    """Files that carry no proof: nobody can tell."""
    noise = random.Random(7).randbytes(3000)  # noqa: S311 - noise, not a secret
    rows: list[tuple[str, bytes]] = [
        ("nothing", b""),
        ("one octet", b"\n"),
        ("noise", noise),
        ("a page", PAGE),
        ("a plain archive", plain_zip({"en/index.html": PAGE})),
        ("a start of an archive", b"PK\x03\x04"),
        ("a start and an end", b"PK\x03\x04PK\x05\x06"),
        ("a mark in another case", PAGE + b"<!--TAMIZDAT-1:e30K-->\n"),
        ("a mark of another number", html().file().replace(b"tamizdat-1", b"tamizdat-2")),
    ]
    for name, file in rows:
        yield of_file(f"bare: {name}", file, refused("7.1", "bare"))
    coded = base64.b64encode(b"{}\n")
    yield of_file("bare: a mark alone", b"tamizdat-1:", refused("7.1"))
    yield of_file("page: an empty proof", PAGE + _LINE + coded + b"-->\n", refused("7.1"))


def flip_cases(count: int = 40) -> Iterator[Case]:
    """Single octets changed anywhere in any base; what each breaks is known by where it lies."""
    dice = random.Random(11)  # noqa: S311 - the same places each time
    for base, copy in BASES.items():
        file = copy.file()
        for at in dice.sample(range(4, len(copy.body) - 24), count // len(BASES)):
            come = bytes([file[at] ^ 1 << dice.randrange(8)])
            name = f"flip: {base} at {at}"
            yield Case(name=name, base=base, edits=((at, 1, come),), **refused("7.2"))
