"""Deeds in the ledger: what people did, added row by row and never changed."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import insert, select

from store.engine import Ledger
from store.tables.deeds import deed as table
from tamizdat.closing import OPEN, Closing
from tamizdat.deeds import (
    BEGINNING,
    Checked,
    Deed,
    Deeds,
    Link,
    Row,
    decode,
    encode,
    follow,
    linked,
)
from tamizdat.digest import Digest
from tamizdat.errors import FormatError, SourceError

ABOUT = "row of the log"


class SqlDeeds:
    """The log in a ledger. What it says is closed where `closing` holds a key."""

    def __init__(self, ledger: Ledger, closing: Closing = OPEN) -> None:
        self._ledger = ledger
        self._closing = closing

    async def note(self, *deeds: Deed) -> None:
        """Add a row for each, all or none."""
        bodies = [self._closing.close(encode(one), ABOUT) for one in deeds]
        newest = select(table.c.number, table.c.sha256).order_by(table.c.number.desc()).limit(1)
        async with self._ledger.writing() as connection:
            last = (await connection.execute(newest)).first()
            number, before = (last.number, Digest(last.sha256)) if last else (0, BEGINNING)
            rows = []
            for body in bodies:
                number, before = number + 1, linked(before, number + 1, body)
                rows.append({"number": number, "body": body, "sha256": before})
            if rows:
                await connection.execute(insert(table), rows)

    async def newest(self, count: int, before: int | None = None) -> Sequence[Row]:
        """The newest rows with a number below `before`, newest first."""
        query = select(table).order_by(table.c.number.desc()).limit(count)
        if before is not None:
            query = query.where(table.c.number < before)
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [
            Row(
                number=row.number,
                sha256=Digest(row.sha256),
                deed=self._opened(bytes(row.body)),
            )
            for row in rows
        ]

    async def checked(self, seen: Digest | None = None) -> Checked:
        """Go through all rows; `seen`, a digest written down before, must stand among them."""
        async with self._ledger.snapshot() as connection:
            rows = (await connection.execute(select(table).order_by(table.c.number))).all()
        links = (
            Link(number=row.number, body=bytes(row.body), sha256=Digest(row.sha256)) for row in rows
        )
        return await asyncio.to_thread(follow, links, seen)

    def _opened(self, body: bytes) -> Deed | None:
        """What a row says; None where the key for it is not here, or it is no deed."""
        try:
            return decode(self._closing.open(body, ABOUT))
        except (SourceError, FormatError):
            return None


_: type[Deeds] = SqlDeeds
