"""Translations: which story translates which."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, insert, or_, select, true

from store.engine import Ledger
from store.tables.stories import translation
from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.translation import Translation, Translations


class SqlTranslations:
    """The translations in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def of(self, article: ArticleId) -> Translation | None:
        """What this story translates; None where it is no translation."""
        return next(iter(await self._found(translation.c.article == article)), None)

    async def into(self, original: ArticleId) -> Sequence[Translation]:
        """All translations of a story, by their ids."""
        return await self._found(translation.c.original == original)

    async def all(self) -> Sequence[Translation]:
        """Every translation, by its id."""
        return await self._found(true())

    async def note(self, one: Translation) -> None:
        """Keep this; it replaces what was kept of the same story."""
        row = {"article": one.article, "original": one.original, "seen": one.seen}
        async with self._ledger.writing() as connection:
            await connection.execute(
                delete(translation).where(translation.c.article == one.article)
            )
            await connection.execute(insert(translation).values(row))

    async def forget(self, article: ArticleId) -> None:
        """Forget it as a translation and as an original."""
        either = or_(translation.c.article == article, translation.c.original == article)
        async with self._ledger.writing() as connection:
            await connection.execute(delete(translation).where(either))

    async def _found(self, condition: ColumnElement[bool]) -> Sequence[Translation]:
        query = select(translation).where(condition).order_by(translation.c.article)
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(query)).mappings()
            return [
                Translation(
                    article=ArticleId(row["article"]),
                    original=ArticleId(row["original"]),
                    seen=Digest(row["seen"]),
                )
                for row in rows
            ]


_: type[Translations] = SqlTranslations
