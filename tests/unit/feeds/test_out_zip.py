"""A ZIP is laid as Python's own zipfile lays it; what was deflated once is remembered."""

import io
import zipfile
import zlib
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from feeds.deflate import BATCH, Press
from feeds.zip import DEFLATED, Member, laid, stored
from tamizdat.digest import digest

BODIES = st.lists(st.binary(max_size=300).map(lambda body: body * 9), max_size=12)


SAMPLE = b"".join(b"%d " % (number * number % 977) for number in range(4000))


class Pressing:
    """Our deflating, as zipfile calls it."""

    def __init__(self) -> None:
        self._body = b""

    def compress(self, piece: bytes) -> bytes:
        """Wait for all of it."""
        self._body += piece
        return b""

    def flush(self) -> bytes:
        """All of it, deflated."""
        return Press().deflate([self._body])[0].packed


def pressing(method: int, _level: int | None) -> Pressing | None:
    return Pressing() if method == zipfile.ZIP_DEFLATED else None


def by_zipfile(bodies: list[bytes], comment: bytes) -> bytes:
    stream = io.BytesIO()
    ours_in_it = mock.patch.object(zipfile, "_get_compressor", pressing)
    with ours_in_it, zipfile.ZipFile(stream, "w") as archive:
        for number, body in enumerate(bodies):
            method = zipfile.ZIP_STORED if number % 3 == 0 else zipfile.ZIP_DEFLATED
            member = zipfile.ZipInfo(f"en/{number}.html", (1980, 1, 1, 0, 0, 0))
            member.create_system = 3
            member.external_attr = 0o100644 << 16
            archive.writestr(member, body, method, None if number % 3 == 0 else 9)
        archive.comment = comment
    return stream.getvalue()


def ours(bodies: list[bytes], comment: bytes) -> bytes:
    pressed = Press().deflate(bodies)
    members = [
        stored(f"en/{number}.html", body)
        if number % 3 == 0
        else Member(
            name=f"en/{number}.html",
            method=DEFLATED,
            body=one.packed,
            length=one.length,
            crc=one.crc,
        )
        for number, (body, one) in enumerate(zip(bodies, pressed, strict=True))
    ]
    return laid(members, len(comment)) + comment


@given(bodies=BODIES, comment=st.binary(max_size=40))
def test_our_zip_is_byte_for_byte_that_of_zipfile(bodies: list[bytes], comment: bytes) -> None:
    assert ours(bodies, comment) == by_zipfile(bodies, comment)


@given(body=st.binary(max_size=3000).map(lambda body: body * 3))
def test_zlib_reads_what_we_deflate(body: bytes) -> None:
    (one,) = Press().deflate([body])

    assert zlib.decompress(one.packed, -15) == body
    assert (one.length, one.crc) == (len(body), zlib.crc32(body))


def test_deflating_gives_the_bytes_that_it_always_gave() -> None:
    (one,) = Press().deflate([SAMPLE])

    assert (
        digest(one.packed) == "2422414f2521819cbeeae0b980658a2ae92fe9eb95b16f0b0607d8b6f81053be"
    )  # others rebuild our bundles and compare (ADR 0025)


def test_many_bodies_come_back_in_their_order() -> None:
    bodies = [str(number).encode() * 40 for number in range(BATCH * 3 + 1)]

    pressed = Press().deflate([*bodies, *bodies])

    assert [one.length for one in pressed] == [len(body) for body in (*bodies, *bodies)]
    assert pressed[: len(bodies)] == pressed[len(bodies) :]


def test_what_was_deflated_is_remembered() -> None:
    press = Press()
    (first,) = press.deflate([b"page" * 99])

    (again,) = press.deflate([b"page" * 99])

    assert again is first


def test_a_press_forgets_what_was_used_least_recently() -> None:
    bodies = [digest(str(number).encode()).encode() for number in range(8)]
    press = Press(limit=150)
    press.deflate(bodies[:1])
    (kept,) = press.deflate(bodies[1:2])
    press.deflate(bodies[:1])
    press.deflate(bodies[2:])

    (again,) = press.deflate(bodies[1:2])

    assert again == kept
    assert again is not kept
