"""Pointing: the short-lived pointer to the newest edition, and the list of withdrawals it names.

Both are signed anew under each new root: their keys may be others.
"""

from collections.abc import Collection
from datetime import datetime

from service.fading import fading
from service.keys.distrusting import distrusted, is_mute, last_editions
from service.newsroom import Newsroom
from signing.seal import seal_pointer, seal_withdrawn
from tamizdat.article import ArticleId
from tamizdat.digest import digest
from tamizdat.edition import Sealed, SealedEdition, SealedPointer
from tamizdat.theft import SignedKind
from tamizdat.wire import Pointer, Withdrawn

LEAP = 1_000_000
"""What a thief signed with a version further above ours is not followed: numbers are finite."""


async def withdrawals(room: Newsroom) -> Sealed:
    """The signed list of what was withdrawn; a new one where the ledger knows more.

    While no edition can be made it names no more articles than before: those would still lie on
    mirrors, and readers would refuse all of it (formats 5.3). Its version is above those that a
    thief signed: of two lists by one key, readers take the higher.
    """
    ledger = await room.ledgers.articles.withdrawn()
    known = {r.id: r.withdrawn for r in ledger if r.withdrawn is not None}
    keys = await distrusted(room.ledgers.facts, room.ledgers.editions)
    last = await room.ledgers.editions.withdrawals()
    before = Withdrawn.parse(last.body, "withdrawn.json") if last else None
    if is_mute(room.keys, keys):
        known = {ArticleId(one.id): one.on for one in before.articles} if before else {}
    version = before.version if before else 0
    above = await _stolen(room, SignedKind.WITHDRAWALS, version)
    says = before and _says(before, known, keys, room.keys.root.version)
    if last and says and above <= version:
        return last
    sealed = await seal_withdrawn(
        channel=room.keys.root.channel,
        version=max(version, above) + 1,
        root_version=room.keys.root.version,
        articles=known,
        keys=sorted(keys),
        last=await last_editions(keys, room.ledgers.editions, before),
        issued=room.clock.now(),
        signer=room.keys.release,
    )
    await room.ledgers.editions.commit_withdrawals(sealed)
    return sealed


async def point(room: Newsroom, edition: SealedEdition, withdrawn: Sealed) -> SealedPointer:
    """The pointer to `edition`; a new one where the last says another thing or is half faded.

    Its version is above those that a thief signed: else readers who saw his would refuse ours.
    """
    now = room.clock.now()
    last = await room.ledgers.editions.newest_pointer()
    root = room.keys.root.version
    before = last.pointer.version if last else 0
    above = await _stolen(room, SignedKind.POINTER, before)
    holds = last and _holds(last.pointer, edition, withdrawn, root) and above <= before
    if last and holds and not _fading(last.pointer, now):
        return last
    version = Withdrawn.parse(withdrawn.body, "withdrawn.json").version
    sealed = await seal_pointer(
        edition,
        version=max(before, above) + 1,
        root_version=root,
        withdrawn=(version, withdrawn),
        issued=now,
        signer=room.keys.timestamp,
    )
    await room.ledgers.editions.commit_pointer(sealed)
    return sealed


async def _stolen(room: Newsroom, kind: SignedKind, ours: int) -> int:
    """The highest version that a thief signed and that we can go above; 0 for none."""
    return await room.ledgers.thefts.highest(kind, ours + LEAP)


def _says(
    before: Withdrawn, articles: Collection[ArticleId], keys: Collection[str], root: int
) -> bool:
    listed = {one.id for one in before.articles}
    return (listed, set(before.keys), before.root_version) == (set(articles), set(keys), root)


def _holds(pointer: Pointer, edition: SealedEdition, withdrawn: Sealed, root: int) -> bool:
    named = (pointer.manifest.sha256, pointer.withdrawn.sha256, pointer.root_version)
    return named == (edition.sealed.sha256, digest(withdrawn.body), root)


def _fading(pointer: Pointer, now: datetime) -> bool:
    return fading(pointer.issued, pointer.fresh_until, now)
