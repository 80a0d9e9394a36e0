"""Drafts: working texts, at most one for each article id."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Ledger
from store.instant import moment, seconds
from store.tables.stories import draft
from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.ledgers import Drafts


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
