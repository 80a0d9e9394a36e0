"""A tar: plain files, one after the other, written and read as a stream.

Only what `tar` has known since 1988 (ustar) and only files: no links, devices, folders or sparse
files, so that reading one can do nothing but give bytes. Library code makes and reads the headers.
"""

import hashlib
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from signing.envelope import Plain
from tamizdat.digest import Digest
from tamizdat.edition import Stamp
from tamizdat.errors import SourceError

BLOCK, RECORD = tarfile.BLOCKSIZE, tarfile.RECORDSIZE
PIECE = 1024 * 1024
"""Bytes that are held at once."""

MODE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file in a tar that is being read. Its bytes must be taken before the next member is."""

    name: str
    size: int
    body: Iterator[bytes]


class Told:
    """Bytes on their way, hashed and counted."""

    def __init__(self, body: Iterable[bytes]) -> None:
        self._body = body
        self._hashed = hashlib.sha256()
        self._length = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._body:
            self._hashed.update(piece)
            self._length += len(piece)
            yield piece

    @property
    def stamp(self) -> Stamp:
        """What went by so far."""
        return Stamp(Digest(self._hashed.hexdigest()), self._length)


class Writer:
    """Writes members into a stream; blocking."""

    def __init__(self, stream: Plain, at: datetime) -> None:
        self._stream = stream
        self._at = int(at.timestamp())
        self._written = 0

    def add(self, name: str, size: int, body: Iterable[bytes]) -> None:
        """A file of exactly `size` bytes; SourceError where `body` is shorter or longer."""
        self._put(_header(name, size, self._at))
        left = size
        for piece in body:
            left -= len(piece)
            if left < 0:
                break
            self._put(piece)
        if left:
            raise SourceError(f"{name}: changed while it was read: try again")
        self._put(bytes(-size % BLOCK))

    def close(self) -> None:
        """The end of the tar."""
        self._put(bytes(2 * BLOCK))
        self._put(bytes(-self._written % RECORD))

    def _put(self, piece: bytes) -> None:
        self._stream.write(piece)
        self._written += len(piece)


def _header(name: str, size: int, at: int) -> bytes:
    told = tarfile.TarInfo(name)
    told.size, told.mtime, told.mode = size, at, MODE
    try:
        return told.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")
    except ValueError as error:  # a name of over 100 bytes, a file of over 8 GiB
        raise SourceError(f"{name[:90]}: is too large for a tar, or its name is") from error


def members(stream: Plain) -> Iterator[Member]:
    """The members of a tar that ends with the stream; SourceError where it is not one of ours."""
    while any(block := _exactly(stream, BLOCK)):
        told = _told(block)
        body = _body(stream, told.size)
        yield Member(name=told.name, size=told.size, body=body)
        for _ in body:
            pass
        _exactly(stream, -told.size % BLOCK)
    while piece := stream.read(PIECE):
        if any(piece):
            raise SourceError("something lies behind the end of the archive")


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """What is left of a file, never all at once."""
    while piece := file.read(PIECE):
        yield piece


def _told(block: bytes) -> tarfile.TarInfo:
    try:
        told = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        raise SourceError("is no archive of ours") from error
    if told.type != tarfile.REGTYPE or told.size < 0:
        raise SourceError(f"{told.name[:60]!r} is no plain file: no archive of ours holds others")
    return told


def _body(stream: Plain, size: int) -> Iterator[bytes]:
    while size:
        piece = stream.read(min(PIECE, size))
        if not piece:
            raise SourceError("ends too early")
        size -= len(piece)
        yield piece


def _exactly(stream: Plain, size: int) -> bytes:
    return b"".join(_body(stream, size))
