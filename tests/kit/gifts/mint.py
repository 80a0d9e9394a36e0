"""A mint: a tiny newsroom whose keys the tests hold, and the genuine files that are spoilt."""

import base64
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from signing import passport, seal
from tamizdat.digest import Digest, digest
from tamizdat.edition import Sealed
from tamizdat.wire import BundleKind, Sized, Slip
from tests.unit.signing.paper import START, Files, Newsroom, complete, three_editions

SIGNED_AT = 1_763_600_000
_TRIES = 50

PAGES: Files = {
    "index.html": b"<!doctype html><title>All</title><a href=en/2026/aaaaaaaaaaaaa.html>One</a>\n",
    "en/2026/aaaaaaaaaaaaa.html": b"<!doctype html><title>One</title>\n" + b"<p>Words.\n" * 40,
    "en/withdrawn.html": b"<!doctype html><title>Withdrawn</title>\n",
}
PAGE = b"<!doctype html>\n<title>Edition 3</title>\n" + b"<p>Words of the day.\n" * 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Mint:
    """The newsroom; `mirror` is its third edition as path and bytes, `page` and `archive` too."""

    room: Newsroom
    mirror: Files
    page: bytes
    archive: bytes

    @property
    def root_id(self) -> Digest:
        return self.room.root_id

    def signed_zip(self, body: bytes) -> bytes:
        """A ZIP of ours, whatever its `body` is: a body whose end tells the comment's length."""
        return _with_trailer(self.room, body, "zip")

    def signed_page(self, body: bytes) -> bytes:
        """A page of ours with this body."""
        return _with_trailer(self.room, body, "html")


async def open_mint() -> Mint:
    """A newsroom with three editions, and the newest one passed by hand."""
    room = await three_editions()
    return Mint(
        room=room,
        mirror=complete(room, 3),
        page=_with_trailer(room, PAGE, "html"),
        archive=_with_trailer(room, zipped(PAGES), "zip"),
    )


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A plain ZIP, without a comment."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in sorted(members.items()):
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), body)
    return stream.getvalue()


def slip_over(room: Newsroom, body: bytes, kind: BundleKind) -> Slip:
    """The slip of a file of the third edition with this body."""
    made = seal.slip(
        room.published[2].edition.manifest,
        root_version=len(room.roots),
        kind=kind,
        language="en",
        issued=START + timedelta(hours=3),
    )
    return replace(made, body=Sized(sha256=digest(body), len=len(body)))


def sealed_by(room: Newsroom, body: bytes, *roles: str, at: int = SIGNED_AT) -> Sealed:
    """`body` with a signature by each of these keys."""
    made = tuple(room.pen(role).sign(body, at) for role in roles)
    return Sealed(body=body, sha256=digest(body), signatures=made)


def _with_trailer(room: Newsroom, body: bytes, kind: BundleKind) -> bytes:
    length = 0
    for at in range(SIGNED_AT, SIGNED_AT + _TRIES):
        announced = body if kind == "html" else body[:-2] + length.to_bytes(2, "little")
        slip = slip_over(room, announced, kind).encode()
        text = passport.trailer(sealed_by(room, slip, "release", at=at), room.roots)
        coded = base64.b64encode(text)
        if kind == "html":
            return announced + b"<!--tamizdat-1:" + coded + b"-->\n"
        if passport.comment_length(text) == length:
            return announced + b"tamizdat-1:" + coded
        length = passport.comment_length(text)
    raise AssertionError("the trailer never came out as long as announced")
