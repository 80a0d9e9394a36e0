"""Editions: sealed editions, pointers and lists of withdrawals."""

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Ledger
from store.instant import seconds
from store.made import remember, version_of
from store.sealed import Shelf, clear_below, newest_number, put, take, take_range
from store.tables.articles import articles
from tamizdat import paths
from tamizdat.edition import Sealed, SealedEdition, SealedPointer
from tamizdat.errors import LedgerError
from tamizdat.ledgers import Editions, Record, Rendered
from tamizdat.theft import SignedKind
from tamizdat.wire import Manifest, Pointer

_EDITIONS = Shelf("edition")
_POINTERS = Shelf("pointer")
_WITHDRAWALS = Shelf("withdrawals")


class SqlEditions:
    """The editions in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def newest(self) -> SealedEdition | None:
        """The newest sealed edition."""
        async with self._ledger.reading() as connection:
            return await _edition(connection, await newest_number(connection, _EDITIONS))

    async def get(self, number: int) -> SealedEdition | None:
        """One that is still known."""
        async with self._ledger.reading() as connection:
            return await _edition(connection, number)

    async def between(self, first: int, last: int) -> Sequence[SealedEdition]:
        """Those still known of `first` to `last`, oldest first, read at one stroke."""
        async with self._ledger.reading() as connection:
            found = await take_range(connection, _EDITIONS, first, last)
        return [_parsed(number, sealed) for number, sealed in found.items()]

    async def commit(
        self, edition: SealedEdition, rendered: Sequence[Rendered], changed: Sequence[Record]
    ) -> None:
        """Record a new edition and what it rendered, in one transaction.

        An article of `changed` is marked unchanged where its revision (or withdrawal) is still
        the one that was rendered. LedgerError where it does not follow the newest.
        """
        async with self._ledger.writing() as connection:
            newest = await newest_number(connection, _EDITIONS)
            if edition.number <= newest or _before(edition) != newest:
                raise LedgerError(
                    f"ledger: edition {edition.number} cannot follow {newest}: compose it again"
                )
            await put(connection, _EDITIONS, edition.number, edition.sealed)
            sha256 = edition.sealed.sha256
            await remember(connection, SignedKind.EDITION, edition.number, sha256)
            await _write_back(connection, rendered)
            await _mark_unchanged(connection, changed)

    async def adopt(self, editions: Sequence[SealedEdition]) -> None:
        """Record editions that another copy of this newsroom sealed, all or none.

        LedgerError where one is not above those that are known, or they are no unbroken row.
        """
        numbers = [one.number for one in editions]
        async with self._ledger.writing() as connection:
            newest = await newest_number(connection, _EDITIONS)
            if any(_before(after) != before.number for before, after in pairwise(editions)):
                raise LedgerError(f"ledger: editions {numbers} are no row: they cannot be adopted")
            for one in editions:
                if one.number <= newest:
                    raise LedgerError(f"ledger: edition {one.number} is not above {newest}")
                await put(connection, _EDITIONS, one.number, one.sealed)
                begins = one.number == numbers[0]
                sha256, kind = one.sealed.sha256, SignedKind.EDITION
                await remember(connection, kind, one.number, sha256, begins=begins)

    async def forget_below(self, number: int) -> None:
        """Drop editions older than `number`; the newest always stays, the next rests on it."""
        async with self._ledger.writing() as connection:
            newest = await newest_number(connection, _EDITIONS)
            await clear_below(connection, _EDITIONS, min(number, newest))

    async def newest_pointer(self) -> SealedPointer | None:
        """The newest signed pointer."""
        async with self._ledger.reading() as connection:
            version = await newest_number(connection, _POINTERS)
            sealed = await take(connection, _POINTERS, version)
        if sealed is None:
            return None
        return SealedPointer(pointer=Pointer.parse(sealed.body, "latest.json"), sealed=sealed)

    async def commit_pointer(self, pointer: SealedPointer, *, adopted: bool = False) -> None:
        """Record a new pointer (or one `adopted` from a mirror); only the newest two are kept.

        LedgerError where its version is not above the newest: readers refuse such a pointer.
        """
        version = pointer.pointer.version
        async with self._ledger.writing() as connection:
            newest = await newest_number(connection, _POINTERS)
            if version <= newest:
                raise LedgerError(
                    f"ledger: pointer {version} cannot follow {newest}: sign it again"
                )
            await clear_below(connection, _POINTERS, newest)
            await put(connection, _POINTERS, version, pointer.sealed)
            sha256, kind = pointer.sealed.sha256, SignedKind.POINTER
            await remember(connection, kind, version, sha256, begins=adopted)

    async def withdrawals(self) -> Sealed | None:
        """The newest signed list of withdrawals."""
        async with self._ledger.reading() as connection:
            number = await newest_number(connection, _WITHDRAWALS)
            return await take(connection, _WITHDRAWALS, number)

    async def commit_withdrawals(self, sealed: Sealed, *, adopted: bool = False) -> None:
        """Record a new list (or one `adopted` from a mirror); only the newest is kept."""
        async with self._ledger.writing() as connection:
            number = await newest_number(connection, _WITHDRAWALS) + 1
            await put(connection, _WITHDRAWALS, number, sealed)
            kind, version = SignedKind.WITHDRAWALS, version_of(sealed.body, number)
            await remember(connection, kind, version, sealed.sha256, begins=adopted)
            await clear_below(connection, _WITHDRAWALS, number)


def _before(edition: SealedEdition) -> int:
    """The number that it follows: the one before, or what its manifest names (formats 5.9)."""
    prev = edition.manifest.prev
    return prev.edition if prev else edition.number - 1


async def _edition(connection: AsyncConnection, number: int) -> SealedEdition | None:
    sealed = await take(connection, _EDITIONS, number)
    return None if sealed is None else _parsed(number, sealed)


def _parsed(number: int, sealed: Sealed) -> SealedEdition:
    manifest = Manifest.parse(sealed.body, paths.manifest(number))
    return SealedEdition(manifest=manifest, sealed=sealed)


async def _write_back(connection: AsyncConnection, rendered: Sequence[Rendered]) -> None:
    rows = [
        {
            "which": one.id,
            "page_sha256": one.page.sha256,
            "page_length": one.page.length,
            "entry": one.entry,
        }
        for one in rendered
    ]
    # An article withdrawn meanwhile stays forgotten.
    statement = update(articles).where(
        articles.c.id == bindparam("which"), articles.c.withdrawn.is_(None)
    )
    if rows:
        await connection.execute(statement, rows)


async def _mark_unchanged(connection: AsyncConnection, changed: Sequence[Record]) -> None:
    unchanged = update(articles).where(articles.c.id == bindparam("which")).values(changed=False)
    live = unchanged.where(
        articles.c.revision == bindparam("rendered"), articles.c.withdrawn.is_(None)
    )
    gone = unchanged.where(articles.c.withdrawn == bindparam("rendered"))
    for statement, rows in (
        (live, [{"which": r.id, "rendered": r.revision} for r in changed if not r.withdrawn]),
        (
            gone,
            [{"which": r.id, "rendered": seconds(r.withdrawn)} for r in changed if r.withdrawn],
        ),
    ):
        if rows:
            await connection.execute(statement, rows)


_: type[Editions] = SqlEditions
