"""Groups: who shares a mirror, as counts, and what was lost."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Ledger
from store.numbering import next_number
from store.tables.groves import canary, loss, node
from tamizdat.grove import Groups, Grove, Loss, Node, Regrouped
from tamizdat.placement import MirrorId


class SqlGroups:
    """The groups in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def all(self) -> Sequence[Node]:
        """Every group, by grove and bits."""
        async with self._ledger.reading() as connection:
            return await _nodes(connection)

    async def change(self, step: Callable[[Sequence[Node]], Regrouped]) -> Sequence[Node]:
        """Let `step` say what the groups are to be, in one transaction; gives them."""
        async with self._ledger.writing() as connection:
            before = await _nodes(connection)
            after = step(before)
            await _replace(connection, before, after.nodes)
            for one in after.losses:
                await _note(connection, one)
        return sorted(after.nodes, key=lambda one: one.place)

    async def losses(self) -> Sequence[Loss]:
        """Every loss, oldest first."""
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(select(loss).order_by(loss.c.number))).all()
        return [
            Loss(channel=row.channel, mirror=MirrorId(row.mirror), since=row.since, day=row.day)
            for row in rows
        ]

    async def canaries(self) -> Mapping[MirrorId, int]:
        """Since which day each canary is watched that was not lost."""
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(select(canary).order_by(canary.c.mirror))).all()
        return {MirrorId(row.mirror): row.since for row in rows}

    async def watch(self, name: MirrorId, day: int) -> None:
        """Watch a canary from this day on, where it is not watched yet, and was never lost."""
        watched = select(canary.c.mirror).where(canary.c.mirror == name)
        lost = select(loss.c.number).where(loss.c.channel == "", loss.c.mirror == name)
        async with self._ledger.writing() as connection:
            found = [(await connection.execute(one)).first() for one in (watched, lost)]
            if not any(found):
                await connection.execute(insert(canary).values(mirror=name, since=day))

    async def lose(self, name: MirrorId, day: int) -> None:
        """A canary was blocked on this day; nothing where it is not watched."""
        mine = canary.c.mirror == name
        async with self._ledger.writing() as connection:
            since = (await connection.execute(select(canary.c.since).where(mine))).scalar()
            if since is not None:
                await connection.execute(delete(canary).where(mine))
                await _note(connection, Loss(channel="", mirror=name, since=since, day=day))


async def _nodes(connection: AsyncConnection) -> Sequence[Node]:
    query = select(node).order_by(node.c.channel, node.c.cohort, node.c.depth, node.c.bits)
    rows = (await connection.execute(query)).all()
    return [
        Node(
            grove=Grove(channel=row.channel, cohort=row.cohort, depth=row.depth),
            bits=row.bits,
            holders=row.holders,
            mirror=MirrorId(row.mirror) if row.mirror else None,
            since=row.since,
            burnt=row.burnt,
        )
        for row in rows
    ]


async def _replace(
    connection: AsyncConnection, before: Sequence[Node], after: Sequence[Node]
) -> None:
    """Write what differs: as a rule a group or two."""
    for gone in set(before).difference(after):
        grove = gone.grove
        where = (node.c.channel == grove.channel, node.c.cohort == grove.cohort)
        await connection.execute(delete(node).where(*where, node.c.bits == gone.bits))
    fresh = [_row(one) for one in after if one not in set(before)]
    if fresh:
        await connection.execute(insert(node), fresh)


async def _note(connection: AsyncConnection, one: Loss) -> None:
    number = await next_number(connection, loss)
    row = {"channel": one.channel, "mirror": one.mirror, "since": one.since, "day": one.day}
    await connection.execute(insert(loss).values(number=number, **row))


def _row(one: Node) -> Mapping[str, object]:
    return {
        "channel": one.grove.channel,
        "cohort": one.grove.cohort,
        "depth": one.grove.depth,
        "bits": one.bits,
        "holders": one.holders,
        "mirror": one.mirror,
        "since": one.since,
        "burnt": one.burnt,
    }


_: type[Groups] = SqlGroups
