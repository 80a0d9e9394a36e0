"""A store: the articles that an edition is rebuilt from, and the roots, without any key."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from service.backup.passphrase import Locked
from service.backup.receiving import Progress
from service.backup.restoring import restore
from service.config import Config
from service.countersigning.reviewing import ROOTS
from service.keys.published import published_roots
from service.newsroom import Ledgers
from service.wiring import beside, ledgers_of
from signing.root_draft import Draft
from store.blobs import FolderBlobs
from tamizdat.edition import Sealed
from tamizdat.errors import ConfigError
from tamizdat.ports import Blobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Where an edition is rebuilt from: a newsroom's articles, without its keys."""

    config: Config
    ledgers: Ledgers
    blobs: Blobs
    roots: tuple[Sealed, ...]


@asynccontextmanager
async def carried(source: Locked, progress: Progress | None = None) -> AsyncIterator[Store]:
    """The store in a review file, laid out in a folder that is gone at the end."""
    with TemporaryDirectory(prefix="tz") as place:
        folder = Path(place) / "review"
        await restore(source, folder, progress=progress)
        async with beside(folder) as (config, ledger):
            ledgers = ledgers_of(ledger)
            told = await ledgers.facts.get(ROOTS)
            if told is None:
                raise ConfigError(f"{source.file}: is a backup, and no review of an edition")
            yield Store(
                config=config,
                ledgers=ledgers,
                blobs=FolderBlobs(folder / config.store.blobs),
                roots=Draft.parse(told.encode(), str(source.file)).roots,
            )


@asynccontextmanager
async def here(folder: Path) -> AsyncIterator[Store]:
    """The store of the newsroom in a folder, beside whatever works there."""
    async with beside(folder) as (config, ledger):
        yield Store(
            config=config,
            ledgers=ledgers_of(ledger),
            blobs=FolderBlobs(folder / config.store.blobs),
            roots=published_roots(folder / config.signing.keys),
        )
