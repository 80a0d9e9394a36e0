"""Readying: what comes before a release: pictures are laid open, the channel hears of it."""

import asyncio
from collections.abc import Sequence

from service.newsroom import Newsroom
from service.post.channel import owe_earlier
from tamizdat.article import decode
from tamizdat.closing import OPEN, Drawer
from tamizdat.digest import Digest
from tamizdat.ledgers import Record
from tamizdat.ports import Blobs


def keep_picture(blobs: Blobs, body: bytes) -> Digest:
    """Keep a picture of a draft; blocking."""
    return blobs.write_closed(body) if isinstance(blobs, Drawer) else blobs.write(body)


async def make_ready(room: Newsroom, records: Sequence[Record]) -> None:
    """What comes before these are released, so that a kill in between leaves nothing undone.

    Who publishes has no key for closed pictures, and what stands of earlier revisions in a channel
    is to go.
    """
    newer = [one.id for one in records if one.revision > 1]
    await owe_earlier(room.ledgers.facts, room.ledgers.letters, newer)
    texts = [one.text for one in records if one.text]
    if room.closing is not OPEN and texts:
        await asyncio.to_thread(_lay_open, room.blobs, texts)


def _lay_open(blobs: Blobs, texts: Sequence[Digest]) -> None:
    if isinstance(blobs, Drawer):
        blobs.lay_open({p.sha256 for text in texts for p in decode(blobs.read(text)).pictures})
