"""A number: the next one of a table whose rows are numbered from 1 and never deleted."""

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection


async def next_number(connection: AsyncConnection, table: Table) -> int:
    """One more than the highest, within the caller's writing transaction."""
    last = (await connection.execute(select(func.max(table.c.number)))).scalar()
    return (last or 0) + 1
