"""Catching up: after a restore, learn what readers have seen before anything is published.

An old ledger that went on by itself would give numbers which readers know to other bytes (a fork),
and bring back what was withdrawn. So every mirror is asked as a stranger asks it. What it has
signed with our keys, above what the ledger knows, is adopted: the editions, so that the next one is
above them and connects; the withdrawals, so that they stay withdrawn; pointer and overlays, so that
their versions go on. Every mirror then counts as unknown: the next pass lists and reads all of it.

Killed at any instant it begins anew; the fact that says it is due goes last.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from service.anew import FROM_NOTHING
from service.backup.asking import Found, Silent, ask
from service.backup.losses import Losses, article_of, buried, losses
from service.backup.recovering import recover
from service.backup.restored import RESTORED, Asking, Holding, read, written
from service.composing import NEWEST_REMOVAL
from service.looks.witness import HERE_SEEN, witness_of
from service.newsroom import Newsroom
from service.sweeping import owe_sweep
from service.tried import NAMES, Tried, Triple
from signing.head import HERE, WITHDRAWN
from tamizdat import paths
from tamizdat.article import ArticleId
from tamizdat.digest import digest
from tamizdat.edition import SealedEdition
from tamizdat.errors import LedgerError
from tamizdat.placement import Lying, Phase
from tamizdat.wire import Here, Withdrawn

NOTHING = Losses()

log = logging.getLogger(__name__)

UNKNOWN = Lying(edition=0, phase=Phase.PUSHING)
"""Something lies there, of an edition that no ledger has: the next pass looks at all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtUp:
    """What was learned from the mirrors.

    `adopted` are the numbers of editions, `withdrawn` the articles that were withdrawn since the
    backup, `lost` what readers have and this ledger lacks, `kept` where that lies, `silent` the
    mirrors that did not tell.
    """

    adopted: tuple[int, ...] = ()
    withdrawn: tuple[ArticleId, ...] = ()
    lost: Losses = NOTHING
    kept: Path | None = None
    silent: tuple[Silent, ...] = ()


class HeldError(LedgerError):
    """Nothing may be published yet: readers have newer texts. `told` is what was learned."""

    def __init__(self, message: str, told: CaughtUp) -> None:
        super().__init__(message)
        self.told = told


class ForkedError(LedgerError):
    """A mirror tells another history than ours, signed with our keys."""


async def catch_up(room: Newsroom, *, blind: bool = False) -> CaughtUp | None:
    """Bring a restored ledger up to what readers have seen; None where there is nothing to do.

    Call it before each publish: it costs one question to the ledger. LedgerError where no mirror
    tells; ForkedError where one tells another history than ours; HeldError where readers have newer
    texts, until these are corrected again. `blind` goes on all the same, on what is known here.
    """
    state = read(await room.ledgers.facts.get(RESTORED))
    if state is None:
        return None
    if isinstance(state, Holding):
        await _hold(room, state, CaughtUp(), blind=blind)
        return None
    answers = await ask(room)
    found = [one for one in answers if isinstance(one, Found)]
    silent = tuple(one for one in answers if isinstance(one, Silent))
    if silent and not found and not blind:
        raise LedgerError(
            f"this ledger was restored, and no mirror tells what readers have seen since "
            f"({silent[0].mirror}: {silent[0].detail}): try again, or publish --blind, which may "
            "give numbers that readers know to other bytes, and bring withdrawn articles back"
        )
    try:
        if found:
            return await _learn(room, state, found, silent, blind=blind)
    except ForkedError:
        for one in found:
            outlet = room.outlets[one.mirror]
            await witness_of(room).look(outlet.reader.fetch, one.mirror, HERE_SEEN)
        if not blind:
            raise
    await _doubt(room, found)
    await room.ledgers.facts.set(RESTORED, "")
    return CaughtUp(silent=silent)


async def _learn(
    room: Newsroom,
    state: Asking,
    found: Sequence[Found],
    silent: tuple[Silent, ...],
    *,
    blind: bool,
) -> CaughtUp:
    top = max(found, key=lambda one: one.rank)
    before = await room.ledgers.editions.newest()
    adopted = await _connected(room, found, top, before)
    if state.edition is None:
        number, build = (before.number, before.manifest.build) if before else (0, "")
        state = replace(state, edition=number, build=build)
        await room.ledgers.facts.set(RESTORED, written(state))
    gone = _withdrawals(found)
    lost, older = await _losses(room, state, top, gone)
    kept = await recover(room.folder, top.source, lost.paths, top.files)
    await _adopt(room, top, adopted)
    told = CaughtUp(
        adopted=tuple(one.number for one in adopted),
        withdrawn=await _withdraw(room, found, gone),
        lost=lost,
        kept=kept,
        silent=silent,
    )
    await _follow(room, found)
    await _doubt(room, found)
    log.info("caught up after a restore", extra=_counts(told))
    holding = Holding(texts=older) if older else None
    await room.ledgers.facts.set(RESTORED, written(holding))
    if holding:
        await _hold(room, holding, told, blind=blind)
    return told


def _counts(told: CaughtUp) -> Mapping[str, int]:
    return {
        "adopted": len(told.adopted),
        "withdrawn": len(told.withdrawn),
        "lost": len(told.lost.paths),
        "silent": len(told.silent),
    }


async def _hold(room: Newsroom, holding: Holding, told: CaughtUp, *, blind: bool) -> None:
    """HeldError while an article is at the revision that is older than what readers have."""
    known = await room.ledgers.articles.find(sorted(holding.texts))
    waiting = [
        article
        for article, record in sorted(known.items())
        if record.text and record.revision == holding.texts[article]
    ]
    if waiting and not blind:
        raise HeldError(
            f"readers have {len(waiting)} articles in a newer text than this ledger, first "
            f"{waiting[0]}: correct them again or withdraw them, or publish --blind, which puts "
            "the older texts back",
            told,
        )
    await room.ledgers.facts.set(RESTORED, "")


async def _connected(
    room: Newsroom, found: Sequence[Found], top: Found, before: SealedEdition | None
) -> Sequence[SealedEdition]:
    """The editions to adopt; LedgerError where some mirror tells another history than ours."""
    for one in found:
        _refuse_newer_root(room, one)
        for number, edition in one.head.editions.items():
            for other in (top.head.editions.get(number), await room.ledgers.editions.get(number)):
                if other and other.sealed.sha256 != edition.sealed.sha256:
                    raise _forked(one, number)
    newest = before.number if before else 0
    adopted = [top.head.editions[n] for n in sorted(top.head.editions) if n > newest]
    prev = adopted[0].manifest.prev if adopted else None
    if before and prev and prev.edition == newest and prev.sha256 != before.sealed.sha256:
        raise _forked(top, newest)
    return adopted


def _refuse_newer_root(room: Newsroom, one: Found) -> None:
    version = one.head.trust.root.version
    if version > len(room.keys.roots):
        raise LedgerError(
            f"{one.mirror} has root {version}, the keys here know {len(room.keys.roots)}: "
            "put the newest keys back"
        )


def _forked(one: Found, number: int) -> ForkedError:
    return ForkedError(
        f"{one.mirror} has another edition {number} than we know, signed with our keys: were they "
        "stolen, or did another copy of this newsroom publish? publish --blind goes on from here"
    )


def _withdrawals(found: Sequence[Found]) -> Mapping[ArticleId, datetime]:
    """Every article on a list of withdrawals that some mirror has."""
    lists = [one.head.withdrawn for one in found if one.head.withdrawn]
    return {ArticleId(gone.id): gone.on for one in lists for gone in one.articles}


async def _losses(
    room: Newsroom, state: Asking, top: Found, gone: Mapping[ArticleId, datetime]
) -> tuple[Losses, Mapping[ArticleId, int]]:
    """What readers have and this ledger lacks; and the revisions that must not go out again."""
    if top.head.newest <= (state.edition or 0):
        return Losses(older={}), {}
    files = top.files
    ids = {article for path in files if (article := article_of(path))}
    known = await room.ledgers.articles.find(sorted(ids))
    newest = top.head.editions[top.head.newest].manifest
    lost = losses(files, known, gone, comparable=newest.build == state.build)
    return lost, {article: known[article].revision for article in lost.older or {}}


async def _adopt(room: Newsroom, top: Found, editions: Sequence[SealedEdition]) -> None:
    """Record the editions, and have the next one rendered from nothing: of what we have."""
    if not editions:
        return
    await room.ledgers.facts.set(FROM_NOTHING, "1")
    removals = [one.number for one in editions if one.manifest.removal]
    if removals:
        await room.ledgers.facts.set(NEWEST_REMOVAL, str(removals[-1]))
    async with room.writing:
        for sha256 in top.head.shards:
            await asyncio.to_thread(room.blobs.write, top.head.files[paths.shard(sha256)])
        await room.ledgers.editions.adopt(editions)


async def _withdraw(
    room: Newsroom, found: Sequence[Found], gone: Mapping[ArticleId, datetime]
) -> tuple[ArticleId, ...]:
    """Withdraw here what was withdrawn; those that this ledger did not know of."""
    articles = room.ledgers.articles
    known = await articles.find(sorted(gone))
    fresh = sorted(one for one in gone if one not in known or not known[one].withdrawn)
    if fresh:
        await owe_sweep(room)
    shards = [shard for one in found for shard in one.head.shards.values()]
    for article in fresh:
        if article in known:
            await articles.withdraw(article, gone[article])
        else:
            language = room.config.newsroom.languages[0]
            await articles.bury(buried(article, gone[article], shards, language))
            await room.ledgers.drafts.drop(article)
    return tuple(fresh)


async def _follow(room: Newsroom, found: Sequence[Found]) -> None:
    """Let the versions of what changes go on above those that readers have seen."""
    editions = room.ledgers.editions
    last = await editions.withdrawals()
    ours = Withdrawn.parse(last.body, WITHDRAWN).version if last else 0
    lists = [(one.head.withdrawn.version, one) for one in found if one.head.withdrawn]
    version, newest = max(lists, key=lambda pair: pair[0], default=(0, None))
    sealed = newest.passing(WITHDRAWN) if newest and version >= ours else None
    if sealed and (last is None or sealed.sha256 != last.sha256):
        await editions.commit_withdrawals(sealed, adopted=True)
    known = await editions.newest_pointer()
    pointers = [one.head.pointer for one in found if one.head.pointer]
    highest = max(pointers, key=lambda one: one.pointer.version, default=None)
    if highest and (known is None or highest.pointer.version > known.pointer.version):
        await editions.commit_pointer(highest, adopted=True)


async def _doubt(room: Newsroom, found: Collection[Found]) -> None:
    """Let the next pass look at all of each mirror that is not just as this ledger knows it."""
    told = {one.mirror: one for one in found}
    pool = room.ledgers.pool
    for mirror in room.outlets:
        one = told.get(mirror)
        if one is None:
            await pool.set_lying(mirror, [UNKNOWN])
            continue
        triple = _triple(one)
        lying = await pool.lying(mirror)
        here = Lying(edition=one.head.newest, phase=Phase.CURRENT)
        if Tried.read(await pool.placed(mirror)).placed == triple and here in lying:
            continue
        await _follow_overlay(room, one)
        await pool.set_placed(mirror, Tried(placed=triple).write())
        await pool.set_lying(mirror, [UNKNOWN])


async def _follow_overlay(room: Newsroom, one: Found) -> None:
    if one.overlay is None:
        return
    known = await room.ledgers.pool.overlay(one.mirror)
    version = Here.parse(known.here.body, HERE).version if known else 0
    if Here.parse(one.overlay.here.body, HERE).version >= version:
        await room.ledgers.pool.commit_overlay(one.mirror, one.overlay, adopted=True)


def _triple(one: Found) -> Triple | None:
    """The digests of the three files that change, None where one does not lie there."""
    bodies = [one.head.files.get(name) for name in NAMES]
    if any(body is None for body in bodies):
        return None
    here, listed, pointer = (digest(body) for body in bodies if body is not None)
    return Triple((here, listed, pointer))
