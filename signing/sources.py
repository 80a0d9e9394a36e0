"""A source: a place that a copy is read from. A stranger's place: every size has a limit."""

import asyncio
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Protocol

from tamizdat import paths
from tamizdat.digest import Digest
from tamizdat.edition import MAX_FILE, Stamp
from tamizdat.errors import FormatError, SourceError

MAX_PATHS = 1_000_000
"""A copy with more files is not read."""

_CHUNK = 1024 * 1024
_TRAILER_ROOM = 64 * 1024


class Source(Protocol):
    """A copy of an edition, as a stranger reads it. Every method may raise SourceError."""

    @property
    def name(self) -> str:
        """What a person calls it: a path or an address."""
        ...

    async def listing(self) -> frozenset[str] | None:
        """Every path that lies there, None where that cannot be told."""
        ...

    async def fetch(self, wanted: Mapping[str, int]) -> Mapping[str, bytes]:
        """The bytes of those paths that lie there; reading stops one byte after each limit."""
        ...

    async def stamps(self, wanted: Mapping[str, int]) -> Mapping[str, Stamp]:
        """The stamps of those paths that lie there; hashing stops one byte after each limit."""
        ...

    async def changed(self) -> bool:
        """Whether anything changed since the listing: then what was read may not fit together."""
        ...


@dataclass(frozen=True, slots=True)
class _Mark:
    """What tells a file from the one that lay there before."""

    size: int
    modified: int
    created: int
    inode: int


class FolderSource:
    """A folder: a mirror, a stick, an unpacked archive. Links are never followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._marks: Mapping[str, _Mark] = {}
        self._hashed: dict[str, tuple[_Mark, Stamp]] = {}

    @property
    def name(self) -> str:
        """The folder's path."""
        return str(self._folder)

    async def listing(self) -> frozenset[str]:
        """Every path; FormatError where a link, a device or an odd name lies there."""
        self._marks = await asyncio.to_thread(_walk, self._folder)
        return frozenset(self._marks)

    async def fetch(self, wanted: Mapping[str, int]) -> Mapping[str, bytes]:
        """The bytes of those paths that lie there."""
        return await asyncio.to_thread(_read_all, self._folder, wanted)

    async def stamps(self, wanted: Mapping[str, int]) -> Mapping[str, Stamp]:
        """The stamps of those paths that lie there; what did not change is not read twice."""
        return await asyncio.to_thread(self._stamp_all, wanted)

    async def changed(self) -> bool:
        """Whether a file came, went or changed since the listing."""
        try:
            return self._marks != await asyncio.to_thread(_walk, self._folder)
        except FormatError:
            return False

    def _stamp_all(self, wanted: Mapping[str, int]) -> Mapping[str, Stamp]:
        found = {}
        for path, limit in wanted.items():
            mark = self._marks.get(path)
            known = self._hashed.get(path)
            if mark and known and known[0] == mark:
                found[path] = known[1]
                continue
            stamp = _stamp(self._folder, path, limit)
            if stamp:
                found[path] = stamp
                if mark:
                    self._hashed[path] = (mark, stamp)
        return found


_: type[Source] = FolderSource


class FileSource:
    """One file that was passed by hand: a ZIP or an HTML file with a trailer (formats 7)."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def name(self) -> str:
        """The file's path."""
        return str(self._file)

    async def body(self) -> bytes:
        """All of it; FormatError where it is too large, SourceError where it cannot be read."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> bytes:
        limit = MAX_FILE + _TRAILER_ROOM
        try:
            # a pipe or a device would keep us waiting, or never end
            handle = os.open(self._file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(handle, "rb") as file:
                told = os.fstat(handle)
                if not stat.S_ISREG(told.st_mode):
                    raise SourceError(f"{self._file}: is no plain file")
                body = file.read(min(limit, told.st_size) + 1)
        except OSError as error:
            raise SourceError(f"{self._file}: cannot be read ({error.strerror})") from error
        if len(body) > limit:
            raise FormatError("3.12", self.name, f"is over {limit} bytes, no file of ours is")
        return body


def local(path: Path) -> FolderSource | FileSource:
    """The source at `path` on this machine."""
    return FolderSource(path) if path.is_dir() else FileSource(path)


def _walk(folder: Path) -> Mapping[str, _Mark]:
    """Every file under `folder`, by its path on the mirror."""
    found: dict[str, _Mark] = {}
    waiting = [(str(folder), "")]
    met = 0
    while waiting:
        place, prefix = waiting.pop()
        for entry in _entries(place):
            met += 1
            if met > MAX_PATHS:
                raise FormatError("3.14", str(folder), f"holds over {MAX_PATHS} files")
            path = paths.check(prefix + entry.name)
            try:
                told = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if stat.S_ISDIR(told.st_mode):
                waiting.append((entry.path, path + "/"))
            elif stat.S_ISREG(told.st_mode):
                found[path] = _Mark(told.st_size, told.st_mtime_ns, told.st_ctime_ns, told.st_ino)
            else:
                raise FormatError("4.6", path, "is a link or a device, not a file")
    return found


def _entries(place: str) -> Sequence[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return list(entries)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise SourceError(f"{place}: cannot be read ({error.strerror})") from error


def _read_all(folder: Path, wanted: Mapping[str, int]) -> Mapping[str, bytes]:
    found = {}
    for path, limit in wanted.items():
        body, there = BytesIO(), False
        for piece in _pieces(folder, path, limit):
            body.write(piece)
            there = True
        if there:
            found[path] = body.getvalue()  # not joined: it would lie in memory twice
    return found


def _stamp(folder: Path, path: str, limit: int) -> Stamp | None:
    pieces = _pieces(folder, path, limit)
    first = next(pieces, None)
    if first is None:
        return None
    hashed, length = hashlib.sha256(first), len(first)
    for piece in pieces:
        hashed.update(piece)
        length += len(piece)
    return Stamp(Digest(hashed.hexdigest()), length)


def _pieces(folder: Path, path: str, limit: int) -> Iterator[bytes]:
    """The file's bytes up to one over `limit`: at least one piece (maybe empty) where it lies."""
    name = f"{folder}/{paths.check(path)}"
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        left = limit + 1
        piece = os.read(handle, min(_CHUNK, left))
        yield piece
        while piece and (left := left - len(piece)):
            piece = os.read(handle, min(_CHUNK, left))
            if piece:
                yield piece
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from error
    finally:
        os.close(handle)
