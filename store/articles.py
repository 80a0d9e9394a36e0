"""Articles: what was released, and the lists it stands in."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import CHUNK, Ledger
from store.instant import moment, month, seconds
from store.listings import Release, release, runs
from store.tables.articles import articles, list_length, listing
from store.tables.stories import approval, draft, progress
from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.edition import Stamp
from tamizdat.errors import LedgerError
from tamizdat.ledgers import Articles, ListKey, Record


class SqlArticles:
    """The released articles in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def find(self, ids: Sequence[ArticleId]) -> Mapping[ArticleId, Record]:
        """Those of `ids` that were ever released, the withdrawn ones included."""
        async with self._ledger.reading() as connection:
            return await _find(connection, ids)

    async def release(self, records: Sequence[Record]) -> None:
        """Take new articles and new revisions, in this order, all or none.

        `page` and `entry` of a record are left aside: only an edition sets them. LedgerError
        where one is withdrawn, goes back in its revisions, or changes language or publication.
        """
        async with self._ledger.writing() as connection:
            await release_within(connection, records)

    async def withdraw(self, article: ArticleId, on: datetime) -> Record:
        """Forget all but id, language and month; its positions stay empty. Marked changed.

        Idempotent. LedgerError where the id was never released. Gives what was known before.
        """
        async with self._ledger.writing() as connection:
            before = (await _find(connection, [article])).get(article)
            if before is None:
                raise LedgerError(f"ledger: article {article} was never released: check the id")
            if before.withdrawn is None:
                await _forget(connection, before, on)
            return before

    async def bury(self, record: Record) -> None:
        """Record a withdrawn article that was released elsewhere; nothing where the id is known.

        It takes a position in the list of its language, which stays empty. Marked changed.
        LedgerError where it is not withdrawn, or has a text.
        """
        if record.withdrawn is None or record.text is not None:
            raise LedgerError(f"ledger: article {record.id} is not withdrawn: release it instead")
        async with self._ledger.writing() as connection:
            if await _find(connection, [record.id]):
                return
            await connection.execute(insert(articles).values(_buried(record, record.withdrawn)))
            key = (record.language, "")
            last = (await _lengths(connection)).get(key, 0) + 1
            await connection.execute(_DROP_LENGTH, [_key(key)])
            lengths = {"language": record.language, "section": "", "length": last}
            await connection.execute(insert(list_length).values(lengths))
            entry = {
                "language": record.language,
                "section": "",
                "position": last,
                "article": record.id,
                "published": seconds(month(record.published)),
                "live": False,
            }
            await connection.execute(insert(listing).values(entry))

    async def changed(self) -> Sequence[Record]:
        """Those that the newest edition does not yet show as they are, by id."""
        return await self._records(
            select(articles).where(articles.c.changed == true()).order_by(articles.c.id)
        )

    async def mark_all_changed(self) -> None:
        """All articles need rendering again (the templates changed)."""
        async with self._ledger.writing() as connection:
            await connection.execute(update(articles).values(changed=True))

    async def newest(self, key: ListKey, count: int) -> Sequence[Record]:
        """The newest by publication (then id), newest first; withdrawn ones left out."""
        return await self._records(_listed(key).order_by(*_NEWEST).limit(count))

    async def newest_of_each(self, keys: Sequence[ListKey], count: int) -> Sequence[Record]:
        """The newest of each list, as `newest` has them, one list after the other, at one look."""
        async with self._ledger.reading() as connection:
            return [
                _record(row)
                for key in keys
                for row in await connection.execute(_listed(key).order_by(*_NEWEST).limit(count))
            ]

    async def since(self, language: str, start: datetime, count: int) -> Sequence[Record]:
        """Those published at or after `start`, newest first, at most `count`, none withdrawn."""
        late = _listed((language, "")).where(listing.c.published >= seconds(start))
        return await self._records(late.order_by(*_NEWEST).limit(count))

    async def listed(self, key: ListKey, first: int, last: int) -> Sequence[tuple[int, Record]]:
        """Those at positions `first` to `last` (from 1, both included), withdrawn ones left out."""
        query = (
            _listed(key)
            .add_columns(listing.c.position)
            .where(listing.c.position.between(first, last))
            .order_by(listing.c.position)
        )
        async with self._ledger.reading() as connection:
            return [(row.position, _record(row)) for row in await connection.execute(query)]

    async def positions(
        self, ids: Sequence[ArticleId]
    ) -> Mapping[ArticleId, Sequence[tuple[ListKey, int]]]:
        """Where each stands (also the withdrawn), by list."""
        found: dict[ArticleId, list[tuple[ListKey, int]]] = {}
        async with self._ledger.reading() as connection:
            for chunk in _chunks(ids):
                query = select(listing).where(listing.c.article.in_(chunk))
                for row in await connection.execute(query):
                    place = ((row.language, row.section), row.position)
                    found.setdefault(ArticleId(row.article), []).append(place)
        return {one: sorted(places) for one, places in found.items()}

    async def lengths(self) -> Mapping[ListKey, int]:
        """The last position of every list."""
        async with self._ledger.reading() as connection:
            return await _lengths(connection)

    async def withdrawn(self) -> Sequence[Record]:
        """All withdrawn articles, by id."""
        return await self._records(
            select(articles).where(articles.c.withdrawn.is_not(None)).order_by(articles.c.id)
        )

    async def texts(self) -> Sequence[Record]:
        """Every record that is not withdrawn (for a sweep or a full rebuild), by id."""
        return await self._records(
            select(articles).where(articles.c.withdrawn.is_(None)).order_by(articles.c.id)
        )

    async def _records(self, query: Select[*tuple[Any, ...]]) -> Sequence[Record]:
        async with self._ledger.reading() as connection:
            return [_record(row) for row in await connection.execute(query)]


async def release_within(connection: AsyncConnection, records: Sequence[Record]) -> None:
    """Take new articles and new revisions, within the caller's transaction."""
    for run in runs(records):
        known = await _find(connection, [record.id for record in run])
        await _write(connection, release(run, known, await _lengths(connection)))


_NEWEST = (listing.c.published.desc(), listing.c.article.desc())


def _listed(key: ListKey) -> Select[*tuple[Any, ...]]:
    language, section = key
    return (
        select(articles)
        .select_from(listing.join(articles, articles.c.id == listing.c.article))
        .where(
            listing.c.language == language,
            listing.c.section == section,
            listing.c.live == true(),
        )
    )


def _record(row: Row[*tuple[Any, ...]]) -> Record:
    page = row.page_sha256
    return Record(
        id=ArticleId(row.id),
        revision=row.revision,
        language=row.language,
        section=row.section,
        published=moment(row.published),
        text=None if row.text is None else Digest(row.text),
        page=None if page is None else Stamp(Digest(page), row.page_length),
        entry=None if row.entry is None else Digest(row.entry),
        withdrawn=None if row.withdrawn is None else moment(row.withdrawn),
    )


def _chunks(ids: Sequence[ArticleId]) -> Iterator[Sequence[ArticleId]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


async def _find(
    connection: AsyncConnection, ids: Sequence[ArticleId]
) -> Mapping[ArticleId, Record]:
    found: dict[ArticleId, Record] = {}
    for chunk in _chunks(ids):
        rows = await connection.execute(select(articles).where(articles.c.id.in_(chunk)))
        found |= {ArticleId(row.id): _record(row) for row in rows}
    return found


async def _lengths(connection: AsyncConnection) -> dict[ListKey, int]:
    rows = await connection.execute(select(list_length))
    return {(row.language, row.section): row.length for row in rows}


async def _write(connection: AsyncConnection, change: Release) -> None:
    for statement, rows in (
        (insert(articles), [_new(record) for record in change.new]),
        (_REVISE, [_revised(record) for record in change.revised]),
        (_LEAVE, [{**_key(key), "which": gone} for key, gone in change.left]),
        (
            insert(listing),
            [
                {
                    "language": entry.key[0],
                    "section": entry.key[1],
                    "position": entry.position,
                    "article": entry.record.id,
                    "published": seconds(entry.record.published),
                    "live": True,
                }
                for entry in change.entered
            ],
        ),
        (_DROP_LENGTH, [_key(key) for key in change.lengths]),
        (
            insert(list_length),
            [
                {"language": key[0], "section": key[1], "length": length}
                for key, length in change.lengths.items()
            ],
        ),
    ):
        if rows:
            await connection.execute(statement, rows)


_REVISE = update(articles).where(articles.c.id == bindparam("which")).values(changed=True)
_LEAVE = delete(listing).where(
    listing.c.article == bindparam("which"),
    listing.c.language == bindparam("in_language"),
    listing.c.section == bindparam("in_section"),
)
_DROP_LENGTH = delete(list_length).where(
    list_length.c.language == bindparam("in_language"),
    list_length.c.section == bindparam("in_section"),
)


def _key(key: ListKey) -> dict[str, str]:
    return {"in_language": key[0], "in_section": key[1]}


def _new(record: Record) -> dict[str, object]:
    return {
        "id": record.id,
        "revision": record.revision,
        "language": record.language,
        "section": record.section,
        "published": seconds(record.published),
        "text": record.text,
        "changed": True,
    }


def _buried(record: Record, on: datetime) -> dict[str, object]:
    published = seconds(month(record.published))
    return {**_new(record), "section": None, "published": published, "withdrawn": seconds(on)}


def _revised(record: Record) -> dict[str, object]:
    return {
        "which": record.id,
        "revision": record.revision,
        "section": record.section,
        "text": record.text,
    }


async def _forget(connection: AsyncConnection, before: Record, on: datetime) -> None:
    published = seconds(month(before.published))
    await connection.execute(
        update(articles)
        .where(articles.c.id == before.id)
        .values(
            section=None,
            published=published,
            text=None,
            page_sha256=None,
            page_length=None,
            entry=None,
            withdrawn=seconds(on),
            changed=True,
        )
    )
    await connection.execute(
        update(listing)
        .where(listing.c.article == before.id)
        .values(live=False, published=published)
    )
    for table in (draft, progress, approval):
        await connection.execute(delete(table).where(table.c.article == before.id))


_: type[Articles] = SqlArticles
