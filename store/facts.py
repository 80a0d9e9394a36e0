"""Facts: single values by name."""

from sqlalchemy import delete, insert, select

from store.engine import Ledger
from store.tables.facts import fact
from tamizdat.ledgers import Facts


class SqlFacts:
    """The facts in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def get(self, name: str) -> str | None:
        """The fact."""
        async with self._ledger.reading() as connection:
            found = await connection.execute(select(fact.c.value).where(fact.c.name == name))
            return found.scalar()

    async def set(self, name: str, value: str) -> None:
        """Record the fact."""
        async with self._ledger.writing() as connection:
            await connection.execute(delete(fact).where(fact.c.name == name))
            await connection.execute(insert(fact).values(name=name, value=value))


_: type[Facts] = SqlFacts
