"""Receiving: the members of a backup, each checked against what the backup says of itself."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from service.backup.contents import (
    CONTENTS,
    MAX_CONTENTS,
    Contents,
    Kind,
    blob,
    lacking,
    limit,
    parse,
)
from service.backup.tar import RECORD, Member, Told, members
from signing.envelope import Plain, unseal
from tamizdat.edition import Stamp
from tamizdat.errors import SourceError

Lay = Callable[[str, Iterable[bytes]], None]
"""Takes the bytes of a member, which is known by its name to be one that may be there."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many bytes are, and how many there will be."""

Tell = Callable[[int], None]
"""Told how many bytes were read."""

SLACK = 2 * RECORD
"""Bytes that an encrypted file may be shorter than what is in it: we compress nothing."""


@dataclass(kw_only=True)
class Receiving:
    """One backup that is being read; blocking. `most` is the length of the encrypted file."""

    where: Path
    kind: Kind
    lay: Lay
    most: int
    progress: Tell | None = None
    _contents: Contents | None = None
    _seen: dict[str, int] = field(default_factory=dict)

    @property
    def contents(self) -> Contents:
        """What the backup says of itself."""
        if self._contents is None:
            raise SourceError(f"{self.where}: holds nothing")
        return self._contents

    def read(self, stream: Plain) -> None:
        """Take every member; SourceError at the first that is not as the backup says."""
        try:
            for member in members(_Bounded(stream, self.most + SLACK, self.progress)):
                self._take(member)
            wrong = lacking(self.contents, self._seen)
        except SourceError as error:
            raise SourceError(f"{self.where}: {error}") from None
        if wrong:
            raise SourceError(f"{self.where}: {wrong}")

    def _take(self, member: Member) -> None:
        name = member.name
        if self._contents is None:
            self._contents = self._first(member)
            return
        found = blob(name)
        if found is None and name not in self._contents.files:
            raise SourceError(f"holds {name[:60]!r}, which it does not name")
        if found and self.kind == "keys":
            raise SourceError("holds more than keys")
        if member.size > limit(name):
            raise SourceError(f"{name[:60]!r} is over {limit(name)} bytes")
        place, wanted = self._expected(name)
        self._seen[place] = self._seen.get(place, 0) + 1
        told = Told(member.body)
        self.lay(name, told)
        if told.stamp.sha256 != wanted.sha256 or wanted.length not in {told.stamp.length, -1}:
            raise SourceError(f"{name[:90]} is not as it was when it was backed up")

    def _first(self, member: Member) -> Contents:
        if member.name != CONTENTS or member.size > MAX_CONTENTS:
            raise SourceError(f"does not begin with {CONTENTS}: it is no backup of ours")
        return parse(b"".join(member.body), self.kind)

    def _expected(self, name: str) -> tuple[str, Stamp]:
        """Where a member is counted, and its stamp (of a file by hash: without a length)."""
        found = blob(name)
        if found:
            heap, sha256 = found
            return heap, Stamp(sha256, -1)
        if name in self._seen:
            raise SourceError(f"holds {name[:60]!r} twice")
        sized = self.contents.files[name]
        return name, Stamp(sized.sha256, sized.len)


async def prove(
    file: BinaryIO, passphrase: str, kind: Kind, where: Path, progress: Tell | None = None
) -> None:
    """Open a backup from its beginning, as a restore would, and check every byte of it."""
    length = os.fstat(file.fileno()).st_size
    receiving = Receiving(where=where, kind=kind, lay=_forget, most=length, progress=progress)
    file.seek(0)
    await unseal(file, passphrase, receiving.read, str(where))


def _forget(_name: str, body: Iterable[bytes]) -> None:
    for _ in body:
        pass


class _Bounded:
    """A stream that gives no more than it can hold: what is compressed may claim to be endless."""

    def __init__(self, stream: Plain, most: int, progress: Tell | None) -> None:
        self._stream = stream
        self._most = most
        self._progress = progress
        self._done = 0

    def read(self, size: int) -> bytes:
        piece = self._stream.read(size)
        self._done += len(piece)
        if self._done > self._most:
            raise SourceError("holds more than fits into it: it is no backup of ours")
        if self._progress:
            self._progress(self._done)
        return piece

    def write(self, body: bytes) -> int:
        raise SourceError(f"{len(body)} bytes cannot be written into what is read")
