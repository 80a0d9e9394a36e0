"""Closing: the key under which drafts and the log of deeds lie, from the passphrase at start."""

import asyncio
import logging
from pathlib import Path

from service.backup.passphrase import passphrase
from service.config import Config
from service.newsroom import Newsroom
from service.sweeping import owe_sweep
from store.closed import Closed, key_of
from store.closed_blobs import ClosedBlobs
from tamizdat.closing import DRAFT, OPEN, Closing
from tamizdat.digest import Digest
from tamizdat.errors import BlobMissingError

DRAFTS = "state/drafts"
"""The folder, in the newsroom's, where pictures of drafts lie closed."""

CLOSED = "pictures of drafts are closed"

log = logging.getLogger(__name__)


def closing_of(folder: Path, config: Config, salt: bytes) -> Closing:
    """What closes and opens in this newsroom; nothing does where `desk.sealed` is not set.

    ConfigError where the file with the passphrase cannot be read. Blocking.
    """
    if config.desk.sealed is None:
        return OPEN
    return Closed(key_of(passphrase(folder / config.desk.sealed), salt))


def blobs_of(folder: Path, config: Config, closing: Closing) -> ClosedBlobs:
    """The blobs of this newsroom."""
    return ClosedBlobs(folder / config.store.blobs, closing, folder / DRAFTS)


async def close_texts(room: Newsroom, blobs: ClosedBlobs) -> int:
    """Close what was written before there was a key; how many texts. The next sweep takes the rest.

    A kill leaves some open, which the next start closes.
    """
    named = await room.ledgers.drafts.texts()
    found = await asyncio.to_thread(lambda: [one for one in sorted(named) if blobs.lies_open(one)])
    if found or not await room.ledgers.facts.get(CLOSED):
        await owe_sweep(room)  # it closes the pictures
        await room.ledgers.facts.set(CLOSED, "1")
    for text in found:
        try:
            closed = await asyncio.to_thread(_closed, room, text)
        except BlobMissingError as error:  # one damaged draft keeps nobody out
            log.warning("a draft cannot be closed", extra={"why": str(error)})
            continue
        await room.ledgers.drafts.swap(text, closed)
    return len(found)


def _closed(room: Newsroom, text: Digest) -> Digest:
    """The same text once more, closed; blocking."""
    return room.blobs.write(room.closing.close(room.blobs.read(text), DRAFT))
