"""Withdrawals: who asked for how many lately, and which wait for a second person."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select

from store.engine import Ledger
from store.instant import seconds
from store.tables.stories import waiting_requests, withdrawal_requests
from tamizdat.article import ArticleId
from tamizdat.ledgers import Withdrawals

KEPT = timedelta(days=1)
"""How long it is remembered who withdrew: formats 5.4 asks for an hour."""


class SqlWithdrawals:
    """The requests in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def count_since(self, person: str, start: datetime) -> int:
        """How many this person made at or after `start` (of the last day; older ones are gone)."""
        ours = (withdrawal_requests.c.person == person, withdrawal_requests.c.at >= seconds(start))
        async with self._ledger.reading() as connection:
            found = await connection.execute(
                select(func.count()).select_from(withdrawal_requests).where(*ours)
            )
            return found.scalar_one()

    async def record(self, person: str, at: datetime) -> None:
        """One more was carried out. Those of over a day ago are forgotten."""
        old = withdrawal_requests.c.at < seconds(at - KEPT)
        async with self._ledger.writing() as connection:
            await connection.execute(delete(withdrawal_requests).where(old))
            await connection.execute(
                insert(withdrawal_requests).values(person=person, at=seconds(at))
            )

    async def waiting(self, article: ArticleId) -> str | None:
        """Who asked for a withdrawal that waits."""
        query = select(waiting_requests.c.person).where(waiting_requests.c.article == article)
        async with self._ledger.reading() as connection:
            return (await connection.execute(query)).scalar()

    async def wait(self, article: ArticleId, person: str, at: datetime) -> None:
        """Let a withdrawal wait for a second person; a later request replaces an earlier one."""
        row = {"article": article, "person": person, "at": seconds(at)}
        async with self._ledger.writing() as connection:
            await connection.execute(
                delete(waiting_requests).where(waiting_requests.c.article == article)
            )
            await connection.execute(insert(waiting_requests).values(row))

    async def stop_waiting(self, article: ArticleId) -> None:
        """It was carried out."""
        async with self._ledger.writing() as connection:
            await connection.execute(
                delete(waiting_requests).where(waiting_requests.c.article == article)
            )


_: type[Withdrawals] = SqlWithdrawals
