"""Incidents: mirrors in trouble, and what is being done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Ledger
from store.instant import moment, seconds
from store.numbering import next_number
from store.tables.incidents import incident
from tamizdat.errors import LedgerError
from tamizdat.incident import Course, Incident, Incidents
from tamizdat.placement import MirrorId
from tamizdat.verdict import Board, Finding


class SqlIncidents:
    """The incidents in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def open(self, new: Incident) -> Incident:
        """Record a new one; its number is given here.

        LedgerError where one of the same mirror and country is open.
        """
        async with self._ledger.writing() as connection:
            numbered = replace(new, number=await next_number(connection, incident))
            await _refuse_a_second(connection, numbered)
            await connection.execute(insert(incident).values(_row(numbered)))
        return numbered

    async def update(self, changed: Incident) -> None:
        """Record what became of it. LedgerError where it is not known."""
        async with self._ledger.writing() as connection:
            await _refuse_a_second(connection, changed)
            ours = incident.c.number == changed.number
            change = update(incident).where(ours).values(_row(changed))
            if (await connection.execute(change)).rowcount != 1:
                raise LedgerError(f"there is no incident {changed.number}")

    async def get(self, number: int) -> Incident | None:
        """One by its number."""
        found = await self._found(select(incident).where(incident.c.number == number))
        return found[0] if found else None

    async def unclosed(self) -> Sequence[Incident]:
        """Those that are open, oldest first."""
        query = select(incident).where(incident.c.closed.is_(None))
        return await self._found(query.order_by(incident.c.opened, incident.c.number))

    async def newest(self, count: int) -> Sequence[Incident]:
        """The newest, newest first."""
        query = select(incident).order_by(incident.c.number.desc()).limit(count)
        return await self._found(query)

    async def since(self, start: datetime) -> Sequence[Incident]:
        """Those opened at or after `start`, oldest first."""
        query = select(incident).where(incident.c.opened >= seconds(start))
        return await self._found(query.order_by(incident.c.opened, incident.c.number))

    async def _found(self, query: Select[Any]) -> Sequence[Incident]:
        async with self._ledger.reading() as connection:
            return [_incident(row) for row in (await connection.execute(query)).all()]


async def _refuse_a_second(connection: AsyncConnection, one: Incident) -> None:
    if one.closed is not None:
        return
    query = select(incident.c.number).where(
        incident.c.mirror == one.mirror,
        incident.c.country == one.country,
        incident.c.closed.is_(None),
        incident.c.number != one.number,
    )
    known = (await connection.execute(query)).scalar()
    if known is not None:
        raise LedgerError(
            f"incident {known} of {one.mirror} in {one.country} is open: update that one"
        )


def _row(one: Incident) -> Mapping[str, object]:
    return {
        "number": one.number,
        "mirror": one.mirror,
        "country": one.country,
        "state": one.state.value,
        "finding": one.finding.value,
        "rule": one.rule,
        "since": seconds(one.since),
        "opened": seconds(one.opened),
        "course": one.course.value,
        "sighting": one.sighting,
        "closed": seconds(one.closed) if one.closed else None,
        "spare": one.spare,
        "turn": one.turn,
        "verified": seconds(one.verified) if one.verified else None,
        "detail": one.detail,
    }


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        number=row.number,
        mirror=MirrorId(row.mirror),
        country=row.country,
        state=Board(row.state),
        finding=Finding(row.finding),
        rule=row.rule,
        since=moment(row.since),
        opened=moment(row.opened),
        course=Course(row.course),
        sighting=row.sighting,
        closed=None if row.closed is None else moment(row.closed),
        spare=None if row.spare is None else MirrorId(row.spare),
        turn=row.turn,
        verified=None if row.verified is None else moment(row.verified),
        detail=row.detail,
    )


_: type[Incidents] = SqlIncidents
