"""A newsroom without keys or mirrors: ledger and blobs, for what comes before an edition."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from service import wiring
from service.clock import SystemClock
from service.config import parse
from service.newsroom import Keys, Newsroom
from store.blobs import FolderBlobs
from store.engine import open_ledger
from tamizdat.article import Article, ArticleId
from tamizdat.draft import decode

CONFIG = '[newsroom]\nname = "The Heron"\nlanguages = ["en", "fa"]\n'


@asynccontextmanager
async def unsigned(folder: Path, more: str = "") -> AsyncIterator[Newsroom]:
    """A newsroom in `folder`, its config ending in `more`, open until the block ends."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    ledger = await open_ledger(f"sqlite:{folder / 'ledger.db'}")
    try:
        yield Newsroom(
            folder=folder,
            config=parse(CONFIG + more, "tamizdat.toml"),
            ledgers=wiring.ledgers_of(ledger),
            blobs=FolderBlobs(folder / "blobs"),
            clock=SystemClock(),
            keys=cast("Keys", None),
            outlets={},
            scrub=ledger.scrub,
            salt=b"salt of a test",
        )
    finally:
        await ledger.close()


async def drafts(room: Newsroom) -> Sequence[Article]:
    """Every draft."""
    texts = [text for _, _, text, _ in await room.ledgers.drafts.all()]
    return [decode(room.blobs.read(text)).article for text in texts]


async def draft(room: Newsroom, article: ArticleId) -> Article:
    """One draft."""
    return next(one for one in await drafts(room) if one.id == article)
