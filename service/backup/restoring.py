"""Restoring: a newsroom out of a backup, into a folder of its own, whole or not at all.

All grows beside the folder, where only we may read, and is checked there to the last byte. Then it
takes its place at one stroke. The next publish asks the mirrors first what readers have seen since.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from service.backup.contents import Contents, Kind, table
from service.backup.furnishing import furnish
from service.backup.passphrase import Locked
from service.backup.receiving import Progress, Receiving
from service.backup.restored import RESTORED, restored_at
from service.backup.spooling import heaps, listed, needed
from service.backup.staging import Staging, staged
from service.config import Config
from service.wiring import state_folder
from signing.envelope import unseal
from store import dump
from store.blobs import FolderBlobs
from store.engine import open_empty, open_ledger
from store.naming import Named
from tamizdat.errors import ConfigError, LedgerError, SourceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A newsroom that lies in its folder again. `changed` tells what its config says otherwise."""

    contents: Contents
    config: Config
    keys: bool
    changed: tuple[str, ...]


async def restore(
    source: Locked,
    folder: Path,
    keys: Locked | None = None,
    ledger_at: str | None = None,
    progress: Progress | None = None,
) -> Restored:
    """Lay the newsroom of a backup into `folder`, which is empty or not there.

    ConfigError where the folder is taken; SourceError where a byte of the backup is not as it was
    made, and LedgerError where the disk or the ledger refuses: then `folder` is as it was.
    """
    with staged(folder) as staging:
        contents = await _received(source, "newsroom", staging, progress)
        if keys:
            await _received(keys, "keys", staging, progress)
        config, changed = await asyncio.to_thread(
            furnish, staging, contents, ledger_at, keys=keys is not None
        )
        await _fill(staging, contents, config)
    return Restored(contents=contents, config=config, keys=keys is not None, changed=changed)


async def _received(
    source: Locked, kind: Kind, staging: Staging, progress: Progress | None
) -> Contents:
    """Take every member of a backup into the staging."""

    def tell(done: int) -> None:
        if progress:
            progress(kind, min(done, length), length)

    try:
        file = await asyncio.to_thread(source.file.open, "rb", buffering=0)
    except OSError as error:
        raise ConfigError(f"{source.file}: cannot be read ({error.strerror})") from None
    with file:
        length = (await asyncio.to_thread(source.file.stat)).st_size
        receiving = Receiving(
            where=source.file, kind=kind, lay=staging.lay, most=length, progress=tell
        )
        await unseal(file, source.passphrase, receiving.read, str(source.file))
    return receiving.contents


async def _fill(staging: Staging, contents: Contents, config: Config) -> None:
    """Load the ledger, and let the newsroom take its place."""
    room = staging.room
    dumped = {
        name: _lines(staging.members / member)
        for member in contents.files
        if (name := table(member))
    }

    async def check(rows: Mapping[str, int], names: Named) -> None:
        if dict(rows) != contents.rows:
            raise SourceError("the ledger has not the rows that the backup says")
        await asyncio.to_thread(_refuse_gaps, names, contents, room, config)

    address = await asyncio.to_thread(state_folder, room, config)
    ledger = await open_empty(address)
    try:
        facts = {RESTORED: restored_at(contents.created)}
        await dump.load(ledger, contents.schema_revision, dumped, facts, check)
    finally:
        await ledger.close()  # a file that is open is not moved
    try:
        await asyncio.to_thread(staging.take_place)
    except LedgerError:
        await _take_back(address)
        raise


async def _take_back(address: str) -> None:
    """Leave a ledger that lies elsewhere as it was found: empty."""
    ledger = await open_ledger(address)
    try:
        await dump.empty(ledger)
    finally:
        await ledger.close()


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while line := file.readline(dump.MAX_LINE + 1):
            yield line


def _refuse_gaps(names: Named, contents: Contents, room: Path, config: Config) -> None:
    """SourceError where the ledger names what did not come along, unless the backup says so."""
    places = heaps(room, config)
    wanted = needed(names, FolderBlobs(places["blobs"]))
    for heap, place in places.items():
        lacking = wanted[heap] - listed(place).keys() - set(contents.missing)
        if lacking:
            raise SourceError(f"{len(lacking)} files that its ledger names are not in it")
