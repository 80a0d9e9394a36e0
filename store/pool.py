"""The pool: what we know of mirrors beyond the config."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Ledger
from store.made import remember, version_of
from store.sealed import Shelf, clear_below, newest_number, put, take
from store.tables.mirrors import lying_editions, mirror_state, placed_digests, ways
from tamizdat.digest import Digest
from tamizdat.ledgers import Overlay, Pool
from tamizdat.placement import Lying, MirrorId, MirrorState, Phase
from tamizdat.theft import SignedKind


class SqlPool:
    """The pool in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def states(self) -> Mapping[MirrorId, MirrorState]:
        """States that differ from the config's, because a rotation set them."""
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(select(mirror_state))).all()
        return {MirrorId(row.mirror): MirrorState(row.state) for row in rows}

    async def set_state(self, mirror: MirrorId, state: MirrorState) -> None:
        """Set a mirror's state."""
        async with self._ledger.writing() as connection:
            await put_state(connection, mirror, state)

    async def lying(self, mirror: MirrorId) -> Sequence[Lying]:
        """Editions that may lie on a mirror, oldest first."""
        query = (
            select(lying_editions)
            .where(lying_editions.c.mirror == mirror)
            .order_by(lying_editions.c.edition)
        )
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [Lying(edition=row.edition, phase=Phase(row.phase)) for row in rows]

    async def set_lying(self, mirror: MirrorId, lying: Sequence[Lying]) -> None:
        """Replace what we know of it."""
        rows = [{"edition": one.edition, "phase": one.phase.value} for one in lying]
        async with self._ledger.writing(of=mirror) as connection:
            await _replace(connection, lying_editions, mirror, rows)

    async def overlay(self, mirror: MirrorId) -> Overlay | None:
        """The newest overlay made for a mirror."""
        shelf = Shelf("here", mirror)
        async with self._ledger.reading() as connection:
            here = await take(connection, shelf, await newest_number(connection, shelf))
            query = select(ways.c.body).where(ways.c.mirror == mirror)
            body = (await connection.execute(query)).scalar()
        return None if here is None or body is None else Overlay(here=here, ways=bytes(body))

    async def commit_overlay(
        self, mirror: MirrorId, overlay: Overlay, *, adopted: bool = False
    ) -> None:
        """Record an overlay (or one `adopted` from a mirror); only the newest is kept."""
        shelf, here = Shelf("here", mirror), overlay.here
        async with self._ledger.writing() as connection:
            number = await newest_number(connection, shelf) + 1
            await put(connection, shelf, number, here)
            kind, version = SignedKind.HERE, version_of(here.body, number)
            await remember(connection, kind, version, here.sha256, mirror=mirror, begins=adopted)
            await clear_below(connection, shelf, number)
            await _replace(connection, ways, mirror, [{"body": overlay.ways}])

    async def placed(self, mirror: MirrorId) -> tuple[Digest, ...]:
        """Digests of the here file, withdrawals and pointer that were last read back, in order."""
        query = (
            select(placed_digests.c.sha256)
            .where(placed_digests.c.mirror == mirror)
            .order_by(placed_digests.c.ordinal)
        )
        async with self._ledger.reading() as connection:
            return tuple(Digest(found) for found in (await connection.execute(query)).scalars())

    async def set_placed(self, mirror: MirrorId, digests: tuple[Digest, ...]) -> None:
        """Record what was read back."""
        rows = [{"ordinal": ordinal, "sha256": one} for ordinal, one in enumerate(digests)]
        async with self._ledger.writing(of=mirror) as connection:
            await _replace(connection, placed_digests, mirror, rows)


async def put_state(connection: AsyncConnection, mirror: MirrorId, state: MirrorState) -> None:
    """Set a mirror's state, within the caller's transaction."""
    await _replace(connection, mirror_state, mirror, [{"state": state.value}])


async def _replace(
    connection: AsyncConnection,
    table: Table,
    mirror: MirrorId,
    rows: Sequence[Mapping[str, object]],
) -> None:
    await connection.execute(delete(table).where(table.c.mirror == mirror))
    if rows:
        await connection.execute(insert(table), [{"mirror": mirror, **row} for row in rows])


_: type[Pool] = SqlPool
