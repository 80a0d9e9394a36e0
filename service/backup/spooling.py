"""A spool: what of a newsroom goes into a backup, as of one moment; files by hash are only listed.

The rows of the ledger are written to files without a name in the newsroom's folder, so that they
are nowhere once the program has ended, however it ends.
"""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from service.backup.contents import FOLDERS, MAX_SMALL, SECRETS, is_path, secrets, table_name
from service.closing import DRAFTS
from service.config import FILE, Config
from service.post.mailing import LETTERS
from service.post.posting import POST
from store import dump
from store.blobs import FolderBlobs
from store.engine import Ledger
from store.naming import Named, named
from tamizdat.digest import Digest, digest, is_digest
from tamizdat.errors import BlobMissingError, LedgerError
from tamizdat.ports import Blobs
from tamizdat.wire import Shard, Sized


@dataclass(frozen=True, slots=True, kw_only=True)
class Spool:
    """`small` are the config and the secrets by their names in the backup; `tables` lie in files.

    `needed` are the files by hash that this ledger names, by heap. `left_out` says which files the
    config names that do not come along, and why.
    """

    small: Mapping[str, bytes]
    tables: Mapping[str, "Table"]
    needed: Mapping[str, frozenset[Digest]]
    left_out: tuple[str, ...]

    @property
    def files(self) -> dict[str, Sized]:
        """The stamps of all members that have a name of their own."""
        small = {name: Sized(sha256=digest(b), len=len(b)) for name, b in self.small.items()}
        return {**small, **{name: one.stamp for name, one in self.tables.items()}}

    @property
    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        return {one.name: one.rows for one in self.tables.values()}


@dataclass(slots=True)
class Table:
    """The rows of one table, in a file without a name."""

    name: str
    file: BinaryIO
    rows: int = 0
    length: int = 0
    _hashed: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    @property
    def stamp(self) -> Sized:
        """What lies in the file."""
        return Sized(sha256=Digest(self._hashed.hexdigest()), len=self.length)

    def write(self, body: bytes) -> None:
        """More rows."""
        self.file.write(body)
        self._hashed.update(body)
        self.length += len(body)


async def spool(folder: Path, config: Config, ledger: Ledger, stack: ExitStack) -> Spool:
    """What to back up of the newsroom in `folder`; its files live until `stack` closes."""
    try:
        tables, names = await _rows(folder, ledger, stack)
    except OSError as error:
        raise LedgerError(
            f"{folder}: has no room for the ledger's rows: {error.strerror}"
        ) from error
    blobs = FolderBlobs(folder / config.store.blobs)
    wanted = await asyncio.to_thread(needed, names, blobs)
    small, left_out = await asyncio.to_thread(_small, folder, config)
    return Spool(small=small, tables=tables, needed=wanted, left_out=tuple(left_out))


async def _rows(
    folder: Path, ledger: Ledger, stack: ExitStack
) -> tuple[Mapping[str, Table], Named]:
    """All rows of the ledger, and the files by hash that it names, as of one moment."""
    tables = {}
    async with ledger.snapshot() as connection:
        for name in dump.tables():
            unnamed = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the stack closes it
            table = Table(name, stack.enter_context(unnamed))
            table.rows = await dump.dump(connection, name, table.write)
            tables[table_name(name)] = table
        return tables, await named(connection)


def heaps(folder: Path, config: Config) -> Mapping[str, Path]:
    """Where a newsroom's files by hash lie."""
    places = (config.store.blobs, LETTERS, POST, DRAFTS)
    return dict(zip(FOLDERS, [folder / one for one in places], strict=True))


def needed(names: Named, blobs: Blobs) -> Mapping[str, frozenset[Digest]]:
    """The files by hash that a ledger names, and those that its newest edition does, by heap."""
    wanted = set(names.texts)
    for ref in names.newest.shards if names.newest else ():
        wanted.add(ref.sha256)
        try:
            shard = Shard.parse(blobs.read(ref.sha256), ref.key)
        except BlobMissingError:
            continue  # it is told as missing itself
        wanted |= {sha256 for _, _, sha256 in shard.files}
    wanted |= {ref.sha256 for ref in names.newest.bundles} if names.newest else set()
    named = (frozenset(wanted), names.letters, names.post, frozenset[Digest]())
    return dict(zip(FOLDERS, named, strict=True))


def listed(place: Path) -> Mapping[Digest, int]:
    """The files by hash in a folder with their lengths, in order; what else lies there is none."""
    found: dict[Digest, int] = {}
    for near in _entries(place):
        for entry in _entries(place / near.name):
            if is_digest(entry.name) and entry.name.startswith(near.name):
                try:
                    found[Digest(entry.name)] = entry.stat(follow_symlinks=False).st_size
                except FileNotFoundError:
                    continue
    return {sha256: found[sha256] for sha256 in sorted(found)}


def _entries(place: Path) -> Sequence[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise LedgerError(f"{place}: cannot be read: {error.strerror}") from error


def _small(folder: Path, config: Config) -> tuple[dict[str, bytes], list[str]]:
    """The config and its secrets, and what of them is left out."""
    found = {FILE: _read(folder / FILE)}
    left_out = []
    keys = os.path.normpath(folder / config.signing.keys)
    for path in secrets(config):
        why = _refusal(folder, path, keys)
        if why:
            left_out.append(f"{path}: {why}")
            continue
        try:
            found[SECRETS + path] = _read(folder / path)
        except LedgerError as error:
            left_out.append(str(error).removeprefix(f"{folder}/"))
    return found, left_out


def _refusal(folder: Path, path: str, keys: str) -> str:
    if Path(path).is_absolute() or not is_path(path):
        return "lies elsewhere, or its name is long: keep a copy of it yourself"
    place = os.path.normpath(folder / path)
    if place == keys or place.startswith(keys + os.sep):
        return "lies with the keys: it goes with them"
    return ""


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(MAX_SMALL + 1)
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read: {error.strerror}") from error
    if len(body) > MAX_SMALL:
        raise LedgerError(f"{path}: is over {MAX_SMALL} bytes: it is no config and no secret")
    return body
