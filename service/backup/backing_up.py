"""Backing up: a whole newsroom into one encrypted file, its keys into another one or nowhere.

It needs no lock: files by hash never change, and the ledger is read as of one moment. What nothing
names any more may be swept meanwhile; what this ledger names may not be lost, so then all begins
anew. A backup gets its name only after it was opened again and every byte of it checked.
"""

import asyncio
import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from service.backup.contents import CONTENTS, Contents, Heap, blob_name
from service.backup.growing import growing
from service.backup.passphrase import Locked
from service.backup.receiving import Progress, prove
from service.backup.setting_apart import set_apart
from service.backup.spooling import Spool, heaps, listed, spool
from service.backup.tar import Told, Writer, pieces
from service.clock import SystemClock
from service.config import Config
from service.wiring import ROOT, beside
from signing.envelope import Plain, seal
from store.engine import Ledger
from store.facts import SqlFacts
from store.schema import HEAD
from tamizdat.digest import Digest
from tamizdat.errors import ConfigError, LedgerError

TRIES = 3
"""How often it is begun: once more where files lack, and once more without damaged ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """What lies in the files now. `missing` could not be had; `left_out` says why each was."""

    contents: Contents
    length: int
    keys: int
    left_out: tuple[str, ...]


async def back_up(
    folder: Path, target: Locked, keys: Locked | None, progress: Progress | None = None
) -> BackedUp:
    """Back up the newsroom in `folder`; ConfigError where the targets cannot be what they are."""
    async with beside(folder) as (config, ledger):
        for one in (target, *([keys] if keys else [])):
            _refuse_public(one.file, folder, config)
        if keys and (keys.passphrase == target.passphrase or keys.file == target.file):
            raise ConfigError("the keys need a file and a passphrase of their own")
        root = await SqlFacts(ledger).get(ROOT)
        if root is None:
            raise LedgerError(f"{ledger.where}: names no root yet: publish once")
        count = 0
        with ExitStack() as stack:
            if keys:
                grown = stack.enter_context(growing(keys.file))
                place = folder / config.signing.keys
                count = await set_apart(place, Digest(root), grown, keys.passphrase, keys.file)
            grown = stack.enter_context(growing(target.file))
            backing = _Backing(folder, config, ledger, Digest(root), target, progress)
            contents, left_out = await backing.write(grown)
            length = os.fstat(grown.fileno()).st_size
    return BackedUp(contents=contents, length=length, keys=count, left_out=left_out)


@dataclass(slots=True)
class _Backing:
    """One backup of a newsroom under way. `damaged` are files that are not what they are called."""

    folder: Path
    config: Config
    ledger: Ledger
    root: Digest
    target: Locked
    progress: Progress | None
    damaged: set[tuple[str, Digest]] = field(default_factory=set)

    async def write(self, grown: BinaryIO) -> tuple[Contents, tuple[str, ...]]:
        looked = False
        for _ in range(TRIES):
            with ExitStack() as stack:
                taken = await spool(self.folder, self.config, self.ledger, stack)
                load = await asyncio.to_thread(self._load, taken)
                if load.contents.missing and not looked:
                    looked = True  # swept between the ledger and the list? look again
                    continue
                await asyncio.to_thread(grown.truncate, 0)
                grown.seek(0)
                await seal(grown, self.target.passphrase, load.fill)
            self.damaged |= load.damaged
            if load.whole:
                await self._prove(grown)
                return load.contents, taken.left_out
        raise LedgerError("files were deleted or damaged while they were read: back up again")

    async def _prove(self, grown: BinaryIO) -> None:
        length = os.fstat(grown.fileno()).st_size

        def tell(done: int) -> None:
            if self.progress:
                self.progress("check", min(done, length), length)

        await prove(grown, self.target.passphrase, "newsroom", self.target.file, tell)

    def _load(self, taken: Spool) -> "_Load":
        """What goes into the backup: blocking."""
        places = heaps(self.folder, self.config)
        found = {heap: self._sound(heap, place) for heap, place in places.items()}
        contents = Contents(
            kind="newsroom",
            created=SystemClock().now(),
            root=self.root,
            schema_revision=HEAD,
            rows=taken.rows,
            files=taken.files,
            heaps={h: Heap(count=len(one), bytes=sum(one.values())) for h, one in found.items()},
            missing=tuple(sorted(m for h in found for m in taken.needed[h] - found[h].keys())),
        )
        return _Load(contents, taken, places, found, self.progress)

    def _sound(self, heap: str, place: Path) -> Mapping[Digest, int]:
        found = listed(place)
        return {one: size for one, size in found.items() if (heap, one) not in self.damaged}


@dataclass(slots=True)
class _Load:
    """All that one attempt writes, and which files by hash were `gone` or `damaged` by then."""

    contents: Contents
    taken: Spool
    places: Mapping[str, Path]
    found: Mapping[str, Mapping[Digest, int]]
    progress: Progress | None
    gone: set[tuple[str, Digest]] = field(default_factory=set)
    damaged: set[tuple[str, Digest]] = field(default_factory=set)
    done: int = 0

    @property
    def whole(self) -> bool:
        """Whether all that the ledger names was written as it is called."""
        lost = [sha256 for heap, sha256 in self.gone if sha256 in self.taken.needed[heap]]
        return not (lost or self.damaged)

    def fill(self, stream: Plain) -> None:
        """Write the tar."""
        writer = Writer(stream, self.contents.created)
        first = self.contents.encode()
        writer.add(CONTENTS, len(first), [first])
        for name, body in self.taken.small.items():
            writer.add(name, len(body), [body])
        for name, table in self.taken.tables.items():
            table.file.seek(0)
            writer.add(name, table.length, pieces(table.file))
        for heap, files in self.found.items():
            for sha256 in files:
                self._add(writer, heap, sha256)
        writer.close()

    def _add(self, writer: Writer, heap: str, sha256: Digest) -> None:
        path = self.places[heap] / sha256[:2] / sha256
        try:
            file = path.open("rb")
        except FileNotFoundError:
            self.gone.add((heap, sha256))
            return
        with file:
            size, told = os.fstat(file.fileno()).st_size, Told(pieces(file))
            writer.add(blob_name(heap, sha256), size, told)
        if told.stamp.sha256 != sha256:
            self.damaged.add((heap, sha256))
        self.done += size
        if self.progress:
            total = sum(one.bytes for one in self.contents.heaps.values())
            self.progress("write", self.done, total)


def _refuse_public(target: Path, folder: Path, config: Config) -> None:
    """ConfigError where a file would be published, swept, or lie nowhere."""
    place = target.resolve()
    if not place.parent.is_dir():
        raise ConfigError(f"{place.parent}: is no folder: make it first")
    ours = [folder / config.signing.keys, *heaps(folder, config).values()]
    ours += [folder / one.folder for one in config.mirror if one.folder]
    for one in ours:
        if place.is_relative_to(one.resolve()):
            raise ConfigError(f"{target}: lies in a folder that is for other things: name another")
