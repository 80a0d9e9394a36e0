"""Drafts: working texts, at most one for each article id."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Ledger
from store.instant import moment, seconds
from store.tables.stories import draft, progress
from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.ledgers import Drafts

_TEXTS = (draft.c.text, progress.c.asked, progress.c.before)


class SqlDrafts:
    """The drafts in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def put(self, article: ArticleId, language: str, text: Digest, at: datetime) -> None:
        """Keep (or replace) the draft of this id."""
        async with self._ledger.writing() as connection:
            await keep_within(connection, article, language, text, at)

    async def get(self, article: ArticleId) -> Digest | None:
        """The draft's blob."""
        query = select(draft.c.text).where(draft.c.article == article)
        async with self._ledger.reading() as connection:
            found = (await connection.execute(query)).scalar()
        return None if found is None else Digest(found)

    async def all(self) -> Sequence[tuple[ArticleId, str, Digest, datetime]]:
        """Every draft, oldest first."""
        query = select(draft).order_by(draft.c.at, draft.c.article)
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [
            (ArticleId(row.article), row.language, Digest(row.text), moment(row.at)) for row in rows
        ]

    async def texts(self) -> Collection[Digest]:
        """The blobs of all drafts, and of texts that approval was asked for."""
        found: set[Digest] = set()
        async with self._ledger.reading() as connection:
            for column in _TEXTS:
                rows = await connection.execute(select(column).where(column.is_not(None)))
                found.update(Digest(one) for one in rows.scalars())
        return found

    async def swap(self, before: Digest, after: Digest) -> None:
        """Name another blob wherever one is named: it says the same."""
        async with self._ledger.writing() as connection:
            for column in _TEXTS:
                change = update(column.table).where(column == before).values({column.name: after})
                await connection.execute(change)

    async def drop(self, article: ArticleId) -> None:
        """Forget the draft."""
        async with self._ledger.writing() as connection:
            await connection.execute(delete(draft).where(draft.c.article == article))


async def keep_within(
    connection: AsyncConnection, article: ArticleId, language: str, text: Digest, at: datetime
) -> None:
    """Keep the draft of this id, within the caller's transaction."""
    row = {"article": article, "language": language, "text": text, "at": seconds(at)}
    await connection.execute(delete(draft).where(draft.c.article == article))
    await connection.execute(insert(draft).values(row))


_: type[Drafts] = SqlDrafts
