"""Thefts: signed bytes that we did not make, with all that proves it. Nothing deletes them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Ledger
from store.instant import moment, seconds
from store.numbering import next_number
from store.sealed import Shelf, put, take
from store.tables.thefts import theft, theft_seen
from tamizdat.digest import Digest
from tamizdat.errors import LedgerError
from tamizdat.theft import MOST_TOLD, SignedKind, Spot, Theft, Thefts

MOST = 500
"""So many are kept: a thief can sign new bytes as often as he likes."""

_SHELF = Shelf("theft")
_ALL = true()


class SqlThefts:
    """The thefts in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def keep(self, found: Theft) -> Theft | None:
        """Record one, once for the same bytes; None where as many are kept as may be."""
        same = theft.c.sha256 == found.sealed.sha256
        async with self._ledger.writing() as connection:
            known = (await connection.execute(select(theft.c.number).where(same))).scalar()
            if known is None:
                count = (await connection.execute(select(func.count()).select_from(theft))).scalar()
                if (count or 0) >= MOST:
                    return None
                known = await next_number(connection, theft)
                await connection.execute(insert(theft).values(number=known, **_row(found)))
                await put(connection, _SHELF, known, found.sealed)
            for spot in found.spots:
                await _see(connection, known, spot)
            return await _one(connection, known)

    async def get(self, number: int) -> Theft | None:
        """One by its number."""
        async with self._ledger.reading() as connection:
            return await _one(connection, number)

    async def unclosed(self, most: int = MOST_TOLD) -> Sequence[Theft]:
        """The newest of those that no person has closed, oldest first."""
        async with self._ledger.reading() as connection:
            return await _some(connection, theft.c.closed.is_(None), most)

    async def open_numbers(self) -> Sequence[int]:
        """The numbers of all that no person has closed, in order."""
        query = select(theft.c.number).where(theft.c.closed.is_(None)).order_by(theft.c.number)
        async with self._ledger.reading() as connection:
            return list((await connection.execute(query)).scalars())

    async def last_seen(self) -> Mapping[str, datetime]:
        """When a theft was last seen on each mirror, also one that is closed."""
        newest = func.max(theft_seen.c.last).label("newest")
        query = select(theft_seen.c.mirror, newest).group_by(theft_seen.c.mirror)
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(query)).all()
        return {row.mirror: moment(row.newest) for row in rows}

    async def all(self) -> Sequence[Theft]:
        """Every one, oldest first."""
        async with self._ledger.reading() as connection:
            return await _some(connection, _ALL, MOST)

    async def highest(self, kind: SignedKind, below: int) -> int:
        """The highest version below that limit which a theft of this kind bears; 0 for none."""
        query = select(func.max(theft.c.version)).where(
            theft.c.kind == kind.value, theft.c.version < below
        )
        async with self._ledger.reading() as connection:
            return (await connection.execute(query)).scalar() or 0

    async def close(self, number: int, at: datetime) -> Theft:
        """A person dealt with it; LedgerError where there is none. Its evidence stays."""
        async with self._ledger.writing() as connection:
            ours = theft.c.number == number
            await connection.execute(update(theft).where(ours).values(closed=seconds(at)))
            found = await _one(connection, number)
        if found is None:
            raise LedgerError(f"there is no theft {number}: `tamizdat alarm list` shows them")
        return found


def _row(found: Theft) -> dict[str, object]:
    return {
        "sha256": found.sealed.sha256,
        "kind": found.kind.value,
        "path": found.path,
        "version": found.version,
        "ours": found.ours,
        "opened": seconds(found.opened),
        "closed": None,
    }


async def _see(connection: AsyncConnection, number: int, spot: Spot) -> None:
    same = (
        theft_seen.c.theft == number,
        theft_seen.c.mirror == spot.mirror,
        theft_seen.c.vantage == spot.vantage,
    )
    again = update(theft_seen).where(*same).values(last=seconds(spot.last))
    if (await connection.execute(again)).rowcount:
        return
    await connection.execute(
        insert(theft_seen).values(
            theft=number,
            mirror=spot.mirror,
            vantage=spot.vantage,
            first=seconds(spot.first),
            last=seconds(spot.last),
        )
    )


async def _some(
    connection: AsyncConnection, which: ColumnElement[bool], most: int
) -> Sequence[Theft]:
    query = select(theft.c.number).where(which).order_by(theft.c.number.desc()).limit(most)
    numbers = sorted((await connection.execute(query)).scalars())
    found = [await _one(connection, number) for number in numbers]
    return [one for one in found if one is not None]


async def _one(connection: AsyncConnection, number: int) -> Theft | None:
    row = (await connection.execute(select(theft).where(theft.c.number == number))).one_or_none()
    sealed = await take(connection, _SHELF, number)
    if row is None or sealed is None:
        return None
    where = select(theft_seen).where(theft_seen.c.theft == number)
    order = (theft_seen.c.first, theft_seen.c.mirror, theft_seen.c.vantage)
    spots = (await connection.execute(where.order_by(*order))).all()
    return Theft(
        number=number,
        kind=SignedKind(row.kind),
        path=row.path,
        version=row.version,
        sealed=sealed,
        ours=Digest(row.ours) if row.ours else None,
        opened=moment(row.opened),
        closed=moment(row.closed) if row.closed is not None else None,
        spots=tuple(
            Spot(
                mirror=one.mirror,
                vantage=one.vantage,
                first=moment(one.first),
                last=moment(one.last),
            )
            for one in spots
        ),
    )


_: type[Thefts] = SqlThefts
