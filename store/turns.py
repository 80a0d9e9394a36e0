"""Turns: changes of the pool, each recorded with the states that it set."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Ledger
from store.instant import moment, seconds
from store.numbering import next_number
from store.pool import put_state
from store.tables.incidents import turn, turned
from tamizdat.errors import LedgerError
from tamizdat.incident import Turn, Turns
from tamizdat.placement import MirrorId, MirrorState

_BACK = {MirrorState.RETIRED: MirrorState.ACTIVE, MirrorState.ACTIVE: MirrorState.SPARE}


class SqlTurns:
    """The turns in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def take(self, new: Turn) -> Turn:
        """Record a turn and set its mirrors' states; its number is given here.

        LedgerError where it names a mirror twice.
        """
        changes = _changes(new)
        if len(dict(changes)) != len(changes):
            raise LedgerError(f"the turn for {new.mirror} names a mirror twice")
        async with self._ledger.writing() as connection:
            numbered = replace(new, number=await next_number(connection, turn))
            await connection.execute(insert(turn).values(_row(numbered)))
            if changes:
                await connection.execute(insert(turned), _rows(numbered))
            for mirror, state in changes:
                await put_state(connection, mirror, state)
        return numbered

    async def undo(self, number: int, at: datetime) -> Turn:
        """Set the states back: what was promoted is a spare again, what was retired is active.

        LedgerError where there is none, where it is undone already, or where a later turn that is
        not undone changed one of the same mirrors.
        """
        async with self._ledger.writing() as connection:
            found = await _read(connection, select(turn).where(turn.c.number == number))
            if not found:
                raise LedgerError(f"there is no turn {number}")
            (one,) = found
            if one.undone is not None:
                raise LedgerError(f"turn {number} is undone already")
            await _refuse_what_others_rest_on(connection, one)
            undone = {"undone": seconds(at)}
            await connection.execute(update(turn).where(turn.c.number == number).values(undone))
            for mirror, state in _changes(one):
                await put_state(connection, mirror, _BACK[state])
        return replace(one, undone=moment(seconds(at)))

    async def get(self, number: int) -> Turn | None:
        """One by its number."""
        found = await self._found(select(turn).where(turn.c.number == number))
        return found[0] if found else None

    async def newest(self, count: int) -> Sequence[Turn]:
        """The newest, newest first."""
        query = select(turn).order_by(turn.c.number.desc()).limit(count)
        return (await self._found(query))[::-1]

    async def since(self, start: datetime) -> Sequence[Turn]:
        """Those taken at or after `start`, oldest first."""
        found = await self._found(select(turn).where(turn.c.at >= seconds(start)))
        return sorted(found, key=attrgetter("at"))

    async def _found(self, query: Select[Any]) -> Sequence[Turn]:
        async with self._ledger.reading() as connection:
            return await _read(connection, query)


async def _read(connection: AsyncConnection, turns: Select[Any]) -> Sequence[Turn]:
    """These turns with their mirrors, by number."""
    some = turns.subquery()
    query = (
        select(some, turned.c.mirror.label("changed"), turned.c.state)
        .outerjoin(turned, turned.c.turn == some.c.number)
        .order_by(some.c.number, turned.c.ordinal)
    )
    rows = (await connection.execute(query)).all()
    return [_turn(list(ours)) for _, ours in groupby(rows, attrgetter("number"))]


async def _refuse_what_others_rest_on(connection: AsyncConnection, one: Turn) -> None:
    query = (
        select(turned.c.turn, turned.c.mirror)
        .join(turn, turn.c.number == turned.c.turn)
        .where(
            turned.c.mirror.in_([*one.retired, *one.promoted]),
            turned.c.turn > one.number,
            turn.c.undone.is_(None),
        )
        .order_by(turned.c.turn.desc())
    )
    later = (await connection.execute(query.limit(1))).first()
    if later is not None:
        raise LedgerError(
            f"turn {later.turn} changed {later.mirror} after turn {one.number}: undo that one first"
        )


def _changes(one: Turn) -> Sequence[tuple[MirrorId, MirrorState]]:
    """The mirrors that a turn changes, with the states that it gives them."""
    retired = [(mirror, MirrorState.RETIRED) for mirror in one.retired]
    return [*retired, *((mirror, MirrorState.ACTIVE) for mirror in one.promoted)]


def _row(one: Turn) -> Mapping[str, object]:
    return {
        "number": one.number,
        "at": seconds(one.at),
        "mirror": one.mirror,
        "country": one.country,
        "automatic": one.automatic,
        "undone": seconds(one.undone) if one.undone else None,
    }


def _rows(one: Turn) -> Sequence[Mapping[str, object]]:
    return [
        {"turn": one.number, "ordinal": ordinal, "mirror": mirror, "state": state.value}
        for ordinal, (mirror, state) in enumerate(_changes(one))
    ]


def _turn(rows: Sequence[Row[Any]]) -> Turn:
    """The turn of these rows, one for each mirror that it changed, or one of none."""
    row = rows[0]
    return Turn(
        number=row.number,
        at=moment(row.at),
        mirror=MirrorId(row.mirror),
        country=row.country,
        retired=_given(rows, MirrorState.RETIRED),
        promoted=_given(rows, MirrorState.ACTIVE),
        automatic=row.automatic,
        undone=None if row.undone is None else moment(row.undone),
    )


def _given(rows: Sequence[Row[Any]], state: MirrorState) -> tuple[MirrorId, ...]:
    return tuple(MirrorId(row.changed) for row in rows if row.state == state.value)


_: type[Turns] = SqlTurns
