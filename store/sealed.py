"""Sealed bytes in the ledger: a signed file with its signatures, read back as they were."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables.sealed import sealed, signature
from tamizdat.digest import Digest, digest
from tamizdat.edition import Sealed, Signature
from tamizdat.errors import LedgerError


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where sealed bytes of one kind stand; `mirror` is empty where they belong to no mirror."""

    kind: str
    mirror: str = ""

    @property
    def rows(self) -> ColumnElement[bool]:
        """The condition that holds for what stands here."""
        return and_(sealed.c.kind == self.kind, sealed.c.mirror == self.mirror)


async def newest_number(connection: AsyncConnection, shelf: Shelf) -> int:
    """The highest number on the shelf, 0 where it is empty."""
    query = select(sealed.c.number).where(shelf.rows).order_by(sealed.c.number.desc()).limit(1)
    return (await connection.execute(query)).scalar() or 0


async def put(connection: AsyncConnection, shelf: Shelf, number: int, value: Sealed) -> None:
    """Lay `value` on the shelf."""
    place = {"kind": shelf.kind, "mirror": shelf.mirror, "number": number}
    await connection.execute(insert(sealed).values(**place, sha256=value.sha256, body=value.body))
    rows = [
        {**place, "ordinal": ordinal, "fingerprint": one.fingerprint, "armor": one.armor}
        for ordinal, one in enumerate(value.signatures)
    ]
    if rows:
        await connection.execute(insert(signature), rows)


async def take(connection: AsyncConnection, shelf: Shelf, number: int) -> Sealed | None:
    """What stands there under `number`; LedgerError where its bytes are damaged."""
    query = select(sealed.c.sha256, sealed.c.body).where(shelf.rows, sealed.c.number == number)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    signatures = await _signatures(connection, shelf, number)
    return _sealed(shelf, number, row.sha256, row.body, signatures)


async def take_range(
    connection: AsyncConnection, shelf: Shelf, first: int, last: int
) -> dict[int, Sealed]:
    """What stands there under `first` to `last`, by number, in two questions for all of it."""
    within = sealed.c.number.between(first, last)
    query = select(sealed.c.number, sealed.c.sha256, sealed.c.body).where(shelf.rows, within)
    made: dict[int, list[Signature]] = {}
    signatures = (
        select(signature.c.number, signature.c.fingerprint, signature.c.armor)
        .where(
            signature.c.kind == shelf.kind,
            signature.c.mirror == shelf.mirror,
            signature.c.number.between(first, last),
        )
        .order_by(signature.c.number, signature.c.ordinal)
    )
    for row in await connection.execute(signatures):
        one = Signature(fingerprint=row.fingerprint, armor=row.armor)
        made.setdefault(row.number, []).append(one)
    return {
        row.number: _sealed(shelf, row.number, row.sha256, row.body, made.get(row.number, ()))
        for row in await connection.execute(query.order_by(sealed.c.number))
    }


async def clear_below(connection: AsyncConnection, shelf: Shelf, number: int) -> None:
    """Drop what has a lower number, with its signatures."""
    await connection.execute(delete(sealed).where(shelf.rows, sealed.c.number < number))


async def _signatures(
    connection: AsyncConnection, shelf: Shelf, number: int
) -> tuple[Signature, ...]:
    rows = await connection.execute(
        select(signature.c.fingerprint, signature.c.armor)
        .where(
            signature.c.kind == shelf.kind,
            signature.c.mirror == shelf.mirror,
            signature.c.number == number,
        )
        .order_by(signature.c.ordinal)
    )
    return tuple(Signature(fingerprint=row.fingerprint, armor=row.armor) for row in rows)


def _sealed(
    shelf: Shelf, number: int, sha256: str, stored: bytes, signatures: Sequence[Signature]
) -> Sealed:
    body = bytes(stored)
    if digest(body) != sha256:
        raise LedgerError(f"ledger: {shelf.kind} {number} is damaged: restore it from a backup")
    return Sealed(body=body, sha256=Digest(sha256), signatures=tuple(signatures))
