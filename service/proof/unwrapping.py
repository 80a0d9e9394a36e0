"""Unwrapping: what lies within a file: archives, packed files, pages in pages, base64. Pure."""

import base64
import binascii
import io
import quopri
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from tamizdat.zips import UNSOUND

DEEPEST = 5
"""Files within files that are opened."""

MOST_BYTES = 512 * 1024 * 1024
"""Bytes that come out of one file in all: a bomb is told, not followed."""

MOST_MEMBERS = 200_000

_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b\x08"
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/_-]{4}\s{0,2}){12,}[A-Za-z0-9+/_-]{0,3}={0,2}")
_SOFT_END = re.compile(rb"=\r?\n")
_WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_GZIP_WINDOW = 31
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8")
_PLAIN_SHARE = 0.9


@dataclass(slots=True, kw_only=True)
class Unwrapped:
    """What came out of one file: its pieces, and what could not be opened."""

    left: int = MOST_BYTES
    shut: list[str] = field(default_factory=list)

    def pieces(self, name: str, body: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
        """The file itself, and all within it, each by a name that tells the way in."""
        yield name, body
        if depth >= DEEPEST:
            self.shut.append(f"{name}: files lie too deep in files")
            return
        for inner, piece in self._inner(name, body):
            self.left -= len(piece)
            if self.left < 0:
                self.shut.append(f"{name}: over {MOST_BYTES} bytes came out of it")
                return
            yield from self.pieces(inner, piece, depth + 1)

    def _inner(self, name: str, body: bytes) -> Iterator[tuple[str, bytes]]:
        if body.startswith(_ZIP):
            yield from self._members(name, body)
        elif body.startswith(_GZIP):
            yield from self._unpacked(name, body)
        elif not body.startswith(_PICTURES):
            yield from _coded(name, body)

    def _members(self, name: str, body: bytes) -> Iterator[tuple[str, bytes]]:
        try:
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                members = archive.infolist()
                if len(members) > MOST_MEMBERS:
                    self.shut.append(
                        f"{name}: holds {len(members)} files, {MOST_MEMBERS} of them opened"
                    )
                for member in members[:MOST_MEMBERS]:
                    if member.file_size > self.left:
                        self.shut.append(f"{name}!{member.filename}: is too big")
                        continue
                    with archive.open(member) as stream:
                        yield f"{name}!{member.filename}", stream.read(self.left)
        except (*UNSOUND, OSError):
            self.shut.append(f"{name}: is a ZIP that cannot be opened")

    def _unpacked(self, name: str, body: bytes) -> Iterator[tuple[str, bytes]]:
        try:
            opened = zlib.decompressobj(_GZIP_WINDOW)
            yield f"{name}!gz", opened.decompress(body, self.left)
            if opened.unused_data or opened.unconsumed_tail:
                self.shut.append(f"{name}: more lies in it than was opened")
        except zlib.error:
            self.shut.append(f"{name}: is a gzip file that cannot be opened")


def as_text(body: bytes) -> str:
    """The letters of a file."""
    wide = _WIDE.get(body[:2])
    if wide:
        return body[2:].decode(wide, "replace")
    return body.decode("utf-8", "replace")


def is_text(body: bytes) -> bool:
    """Whether words may stand in it as they are."""
    return not body.startswith((*_PICTURES, _ZIP, _GZIP))


def _coded(name: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    """What mail and pages spell otherwise: quoted-printable, and base64 that says something."""
    if b"quoted-printable" in body[:100_000].lower() or len(_SOFT_END.findall(body)) > 1:
        yield f"{name}!quoted", quopri.decodestring(body)
    for number, found in enumerate(_BASE64.finditer(body)):
        plain = re.sub(rb"\s", b"", found[0]).translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
        plain = plain[: len(plain) - (len(plain) % 4 == 1)]
        try:
            piece = base64.b64decode(plain + b"=" * (-len(plain) % 4))
        except binascii.Error:
            continue
        if _says_something(piece):
            yield f"{name}!base64:{number}", piece


def _says_something(piece: bytes) -> bool:
    """Whether it is a file or a text, not a digest or a signature."""
    if piece.startswith((*_PICTURES, _ZIP, _GZIP)):
        return True
    try:
        text = piece[:400].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(piece[:400]) - 4:
            return False
        text = piece[: error.start].decode("utf-8")
    return sum(char.isprintable() or char.isspace() for char in text) > _PLAIN_SHARE * len(text)
