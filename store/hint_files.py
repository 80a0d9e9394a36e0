"""Hint files: the newest of each shard, and what lies of them on mirrors."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select

from store.engine import Ledger
from store.sealed import Shelf, clear_below, newest_number, put, take
from store.tables.groves import hints_laid
from store.tables.sealed import sealed
from tamizdat.digest import Digest
from tamizdat.edition import Sealed
from tamizdat.grove import HintFiles, Laid
from tamizdat.placement import MirrorId

KIND = "hints"


class SqlHintFiles:
    """The hint files in a ledger. What others call a shelf's mirror is a shard here."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def newest(self) -> Mapping[str, Sealed]:
        """The newest of each shard."""
        query = select(sealed.c.mirror).where(sealed.c.kind == KIND).distinct()
        found: dict[str, Sealed] = {}
        async with self._ledger.reading() as connection:
            for shard in sorted((await connection.execute(query)).scalars()):
                shelf = Shelf(KIND, shard)
                one = await take(connection, shelf, await newest_number(connection, shelf))
                if one is not None:
                    found[shard] = one
        return found

    async def commit(self, shard: str, made: Sealed) -> None:
        """Record a new one; only the newest of a shard is kept."""
        shelf = Shelf(KIND, shard)
        async with self._ledger.writing() as connection:
            number = await newest_number(connection, shelf) + 1
            await put(connection, shelf, number, made)
            await clear_below(connection, shelf, number)

    async def laid(self, mirror: MirrorId) -> Sequence[Laid]:
        """What may lie on a mirror, oldest first."""
        mine = hints_laid.c.mirror == mirror
        query = select(hints_laid).where(mine).order_by(hints_laid.c.ordinal)
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [Laid(shard=row.shard, sha256=Digest(row.sha256), whole=row.whole) for row in rows]

    async def set_laid(self, mirror: MirrorId, laid: Sequence[Laid]) -> None:
        """Replace what we know of it."""
        rows = [
            {"mirror": mirror, "ordinal": n, "shard": o.shard, "sha256": o.sha256, "whole": o.whole}
            for n, o in enumerate(laid)
        ]
        async with self._ledger.writing() as connection:
            await connection.execute(delete(hints_laid).where(hints_laid.c.mirror == mirror))
            if rows:
                await connection.execute(insert(hints_laid), rows)


_: type[HintFiles] = SqlHintFiles
