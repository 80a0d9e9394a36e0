"""Sweeping: delete blobs that nothing names any more, so that withdrawn text is gone here too."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from service.countersigning.waiting import WAITING, ready_bundles, waiting
from service.newsroom import Newsroom
from service.proof.keeping import forget_old
from service.stories.origins import forget
from service.stories.send_backs import notes_of
from tamizdat.article import decode
from tamizdat.closing import Drawer
from tamizdat.digest import Digest
from tamizdat.errors import BlobMissingError
from tamizdat.moment import moment, spelled
from tamizdat.ports import Blobs
from tamizdat.wire import Shard, ShardRef

SWEEP_EVERY = timedelta(days=1)
SWEPT = "last sweep"

log = logging.getLogger(__name__)


async def sweep_is_due(room: Newsroom) -> bool:
    """Whether a day has passed since the last sweep."""
    last = await room.ledgers.facts.get(SWEPT)
    if last is None:
        await room.ledgers.facts.set(SWEPT, spelled(room.clock.now()))
        return False
    return room.clock.now() >= moment(last) + SWEEP_EVERY


async def owe_sweep(room: Newsroom) -> None:
    """Let the next publish sweep, also where a kill comes in between."""
    await room.ledgers.facts.set(SWEPT, spelled(datetime.fromtimestamp(0, UTC)))


async def sweep(room: Newsroom) -> int:
    """Delete every blob that is in no draft, article or newest edition; scrub the ledger's file.

    What is still noted of the source of a withdrawn article goes as well.

    Shards of editions that may still lie on a mirror are kept: they name digests only, and tell
    the next pass what to remove there. Grows with the archive: once a day, or after a withdrawal.
    """
    async with room.writing:
        written = await room.ledgers.drafts.all()
        drafts = [text for _, _, text, _ in written]
        wanted = {*drafts, *await _wanted(room)}
        wanted |= await notes_of(room.ledgers.facts, [article for article, _, _, _ in written])
        gone = await asyncio.to_thread(_swept, room.blobs, wanted, drafts)
    for record in await room.ledgers.articles.withdrawn():
        await forget(room, record.id)
    await forget_old(room, room.clock.now())
    await room.scrub()
    await room.ledgers.facts.set(SWEPT, spelled(room.clock.now()))
    return gone


async def _wanted(room: Newsroom) -> set[Digest]:
    wanted: set[Digest] = set()
    edition = await room.ledgers.editions.newest()
    if edition:
        wanted |= {ref.sha256 for ref in edition.manifest.bundles}
        wanted |= await asyncio.to_thread(_shard_files, room, edition.manifest.shards)
    wanted |= await _waiting(room)
    for mirror in room.outlets:
        for lying in await room.ledgers.pool.lying(mirror):
            known = await room.ledgers.editions.get(lying.edition)
            wanted |= {ref.sha256 for ref in known.manifest.shards} if known else set()
    for record in await room.ledgers.articles.texts():
        wanted.update(found for found in (record.text, record.entry) if found)
    unplaced = [r.text for r in await room.ledgers.articles.changed() if r.text]
    compared = await _compared(room)
    wanted |= {*compared, *await _translated(room)}
    wanted |= await asyncio.to_thread(_pictures, room, unplaced)
    return wanted


def _swept(blobs: Blobs, wanted: set[Digest], drafts: Sequence[Digest]) -> int:
    """What only drafts show lies closed, where there is a key, and all else open; blocking.

    Where a draft is damaged, whoever brings it back finds what lay closed of it.
    """
    drafted, lost = set[Digest](), False
    for text in drafts:
        try:
            drafted |= {one.sha256 for one in decode(blobs.read(text)).pictures}
        except BlobMissingError as error:
            log.warning("a draft cannot be read", extra={"why": str(error)})
            lost = True
    closed = frozenset[Digest]()
    if isinstance(blobs, Drawer):
        blobs.lay_open(wanted)
        closed = frozenset() if lost else blobs.keep_closed(drafted - wanted)
    return blobs.keep_only(wanted | (drafted - closed))


async def _compared(room: Newsroom) -> set[Digest]:
    """Texts that approval was asked for: who approves the next one compares it with them."""
    drafted = [article for article, _, _, _ in await room.ledgers.drafts.all()]
    noted = await room.ledgers.progresses.find(drafted)
    return {text for one in noted.values() for text in (one.asked, one.before) if text}


async def _translated(room: Newsroom) -> set[Digest]:
    """What originals said when their translations agreed; of what is gone, it is forgotten."""
    here = {article for article, _, _, _ in await room.ledgers.drafts.all()}
    here |= {record.id for record in await room.ledgers.articles.texts() if record.text}
    wanted = set()
    for one in await room.ledgers.translations.all():
        if {one.article, one.original} <= here:
            wanted.add(one.seen)
        else:
            await room.ledgers.translations.forget(one.article)
    return wanted


async def _waiting(room: Newsroom) -> set[Digest]:
    """What an edition that waits for signatures needs, and bundles that wait for an edition."""
    facts = room.ledgers.facts
    wanted = {ref.sha256 for ref in await ready_bundles(facts)}
    one = await waiting(facts, room.blobs)
    if one:
        wanted |= {Digest(await facts.get(WAITING) or ""), *one.blobs}
        wanted |= {ref.sha256 for ref in one.manifest.bundles}
        wanted |= await asyncio.to_thread(_shard_files, room, one.manifest.shards)
    return wanted


def _shard_files(room: Newsroom, shards: tuple[ShardRef, ...]) -> set[Digest]:
    found: set[Digest] = set()
    for ref in shards:
        found.add(ref.sha256)
        shard = Shard.parse(room.blobs.read(ref.sha256), ref.key)
        found |= {sha256 for _, _, sha256 in shard.files}
    return found


def _pictures(room: Newsroom, texts: list[Digest]) -> set[Digest]:
    return {p.sha256 for text in texts for p in decode(room.blobs.read(text)).pictures}
