"""Made: what we signed, by digest, remembered when the bytes themselves are long forgotten."""

import json
from collections.abc import Collection

from sqlalchemy import func, insert, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Ledger
from store.tables.thefts import made
from tamizdat.digest import Digest
from tamizdat.theft import Made, SignedKind


class SqlMade:
    """The memory of what we signed, in a ledger. Whoever records a signed file remembers it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def known(self, digests: Collection[Digest]) -> frozenset[Digest]:
        """Those of `digests` that we made."""
        query = select(made.c.sha256).where(made.c.sha256.in_(sorted(digests))).distinct()
        async with self._ledger.reading() as connection:
            return frozenset(Digest(one) for one in (await connection.execute(query)).scalars())

    async def under(self, kind: SignedKind, mirror: str, version: int) -> Digest | None:
        """What we made under that number; `mirror` is empty except for HERE."""
        query = select(made.c.sha256).where(
            made.c.kind == kind.value, made.c.mirror == mirror, made.c.number == version
        )
        async with self._ledger.reading() as connection:
            found = (await connection.execute(query.limit(1))).scalar()
        return Digest(found) if found else None

    async def begin(self, kind: SignedKind, mirror: str) -> int:
        """The first number from which on all that we made is remembered."""
        query = select(func.max(made.c.number)).where(
            made.c.kind == kind.value, made.c.begins == true()
        )
        if mirror:
            query = query.where(made.c.mirror == mirror)
        async with self._ledger.reading() as connection:
            return (await connection.execute(query)).scalar() or 1


async def remember(
    connection: AsyncConnection,
    kind: SignedKind,
    number: int,
    sha256: Digest,
    *,
    mirror: str = "",
    begins: bool = False,
) -> None:
    """Note that we made this, within the caller's transaction; once for the same.

    `begins` says that there may be earlier ones which nobody here remembers.
    """
    row = {"kind": kind.value, "mirror": mirror, "number": number, "sha256": sha256}
    same = [made.c[name] == value for name, value in row.items()]
    if (await connection.execute(select(made.c.number).where(*same))).first() is None:
        await connection.execute(insert(made).values(**row, begins=begins))


def version_of(body: bytes, otherwise: int) -> int:
    """The version that a signed file tells, `otherwise` where it tells none."""
    try:
        told = json.loads(body)
    except ValueError:
        return otherwise
    version = told.get("version") if isinstance(told, dict) else None
    return version if isinstance(version, int) else otherwise


_: type[Made] = SqlMade
