"""Pointing: the short-lived pointer to the newest edition, and the list of withdrawals it names."""

from datetime import datetime

from service.fading import fading
from service.newsroom import Newsroom
from signing.seal import seal_pointer, seal_withdrawn
from tamizdat.digest import digest
from tamizdat.edition import Sealed, SealedEdition, SealedPointer
from tamizdat.wire import Pointer, Withdrawn


async def withdrawals(room: Newsroom) -> Sealed:
    """The signed list of what was withdrawn; a new one where the ledger knows more."""
    ledger = await room.ledgers.articles.withdrawn()
    known = {r.id: r.withdrawn for r in ledger if r.withdrawn is not None}
    last = await room.ledgers.editions.withdrawals()
    before = Withdrawn.parse(last.body, "withdrawn.json") if last else None
    if last and before and {one.id for one in before.articles} == set(known):
        return last
    sealed = await seal_withdrawn(
        channel=room.keys.root.channel,
        version=before.version + 1 if before else 1,
        root_version=room.keys.root.version,
        articles=known,
        keys=before.keys if before else (),
        issued=room.clock.now(),
        signer=room.keys.release,
    )
    await room.ledgers.editions.commit_withdrawals(sealed)
    return sealed


async def point(room: Newsroom, edition: SealedEdition, withdrawn: Sealed) -> SealedPointer:
    """The pointer to `edition`; a new one where the last says another thing or is half faded."""
    now = room.clock.now()
    last = await room.ledgers.editions.newest_pointer()
    if last and _holds(last.pointer, edition, withdrawn) and not _fading(last.pointer, now):
        return last
    version = Withdrawn.parse(withdrawn.body, "withdrawn.json").version
    sealed = await seal_pointer(
        edition,
        version=last.pointer.version + 1 if last else 1,
        root_version=room.keys.root.version,
        withdrawn=(version, withdrawn),
        issued=now,
        signer=room.keys.timestamp,
    )
    await room.ledgers.editions.commit_pointer(sealed)
    return sealed


def _holds(pointer: Pointer, edition: SealedEdition, withdrawn: Sealed) -> bool:
    return pointer.manifest.sha256 == edition.sealed.sha256 and pointer.withdrawn.sha256 == digest(
        withdrawn.body
    )


def _fading(pointer: Pointer, now: datetime) -> bool:
    return fading(pointer.issued, pointer.fresh_until, now)
