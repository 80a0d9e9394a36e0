"""Sightings: rounds, the newest of each kind, and the raw observations they rest on."""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Ledger
from store.instant import moment, seconds
from store.raw import pack, unpack
from store.tables.facts import fact
from store.tables.sightings import newest_sighting, sighting, sighting_raw
from tamizdat.measurement import Failure, Stage
from tamizdat.placement import MirrorId
from tamizdat.sighting import Round, Sighting, Sightings
from tamizdat.verdict import Finding, Ruling

log = logging.getLogger(__name__)

_LAST = "last sighting"
"""The fact that holds the last number: a forgotten sighting's number is not given again."""

_RULINGS = 1024
"""So many rulings are shared by the rounds that have the same: most rounds of a day do."""

_NEWER = text(
    "INSERT INTO newest_sighting (mirror, country, vantage, at, number)"
    " VALUES (:mirror, :country, :vantage, :at, :number)"
    " ON CONFLICT (mirror, country, vantage) DO UPDATE"
    " SET at = excluded.at, number = excluded.number WHERE excluded.at >= newest_sighting.at"
)


class SqlSightings:
    """The sightings in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def keep(self, sightings: Sequence[Sighting]) -> Sequence[Round]:
        """Record new ones, all or none; each gets the next number.

        Raw observations that are too large (`store/raw.py`) are left out, with a warning.
        """
        if not sightings:
            return []
        bodies = await asyncio.to_thread(lambda: [pack(one.here, one.control) for one in sightings])
        async with self._ledger.writing() as connection:
            first = await _take_numbers(connection, len(sightings))
            rounds = [_numbered(one, number) for number, one in enumerate(sightings, first)]
            rows = [_row(one) for one in rounds]
            await connection.execute(insert(sighting), rows)
            await connection.execute(_NEWER, rows)
            kept = [_raw_row(*both) for both in zip(rounds, bodies, strict=True) if both[1]]
            if kept:
                await connection.execute(insert(sighting_raw), kept)
        for one, body in zip(rounds, bodies, strict=True):
            if body is None:
                log.warning("raw observations too large", extra={"sighting": one.number})
        return rounds

    async def since(self, start: datetime) -> Sequence[Round]:
        """Every round at or after `start`, oldest first (then by number)."""
        query = select(sighting).where(sighting.c.at >= seconds(start))
        return await self._found(query.order_by(sighting.c.at, sighting.c.number))

    async def newest(self) -> Sequence[Round]:
        """The newest round of each mirror, vantage and country, by mirror, country, vantage."""
        which = newest_sighting.c
        query = select(sighting).join(newest_sighting, which.number == sighting.c.number)
        return await self._found(query.order_by(which.mirror, which.country, which.vantage))

    async def raw(self, number: int) -> Sighting | None:
        """One with its raw observations; None where it is unknown or these are forgotten.

        LedgerError where they are damaged.
        """
        query = (
            select(sighting, sighting_raw.c.body)
            .join(sighting_raw, sighting_raw.c.sighting == sighting.c.number)
            .where(sighting.c.number == number)
        )
        async with self._ledger.reading() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            return None
        where = f"{self._ledger.where}: what was seen in sighting {number}"
        here, control = await asyncio.to_thread(unpack, bytes(row.body), where)
        return Sighting(here=here, control=control, ruling=_ruling(row), number=number)

    async def forget(self, *, raw_open: datetime, raw_bad: datetime, rounds: datetime) -> None:
        """Drop rounds before `rounds`, and raw observations of those that stay.

        These go before `raw_open` where a reader got signed content, else before `raw_bad`.
        """
        async with self._ledger.writing() as connection:
            for opened, before in ((True, raw_open), (False, raw_bad)):
                ours = sighting_raw.c.open == opened
                old = sighting_raw.c.at < seconds(max(before, rounds))
                await connection.execute(delete(sighting_raw).where(ours, old))
            for table in (newest_sighting, sighting):
                await connection.execute(delete(table).where(table.c.at < seconds(rounds)))

    async def _found(self, query: Select[Any]) -> Sequence[Round]:
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(query)).all()
        # A day of a large newsroom is 100,000 rounds: others must get a turn meanwhile.
        return await asyncio.to_thread(lambda: [_round(row) for row in rows])


async def _take_numbers(connection: AsyncConnection, count: int) -> int:
    """The first of the next `count` numbers."""
    known = await connection.execute(select(fact.c.value).where(fact.c.name == _LAST))
    last = int(known.scalar() or 0)
    await connection.execute(delete(fact).where(fact.c.name == _LAST))
    await connection.execute(insert(fact).values(name=_LAST, value=str(last + count)))
    return last + 1


def _numbered(one: Sighting, number: int) -> Round:
    return replace(one.round, number=number, at=one.here.at.replace(microsecond=0))


def _raw_row(one: Round, body: bytes | None) -> Mapping[str, object]:
    opened = one.seconds is not None
    return {"sighting": one.number, "open": opened, "at": seconds(one.at), "body": body}


def _row(one: Round) -> Mapping[str, object]:
    ruling = one.ruling
    return {
        "number": one.number,
        "mirror": one.mirror,
        "vantage": one.vantage,
        "country": one.country,
        "network": one.network,
        "at": seconds(one.at),
        "finding": ruling.finding.value,
        "rule": ruling.rule,
        "rules_version": ruling.rules_version,
        "stage": ruling.failure.stage.value if ruling.failure else None,
        "code": ruling.failure.code if ruling.failure else None,
        "flags": json.dumps(ruling.flags, separators=(",", ":")),
        "evidence": json.dumps(ruling.evidence, separators=(",", ":")),
        "seconds": one.seconds,
    }


def _round(row: Row[Any]) -> Round:
    return Round(
        number=row.number,
        mirror=MirrorId(row.mirror),
        vantage=row.vantage,
        country=row.country,
        network=row.network,
        at=moment(row.at),
        ruling=_ruling(row),
        seconds=row.seconds,
    )


def _ruling(row: Row[Any]) -> Ruling:
    return _told(
        row.finding, row.rule, row.rules_version, row.stage, row.code, row.flags, row.evidence
    )


@lru_cache(maxsize=_RULINGS)
def _told(
    finding: str,
    rule: str,
    rules_version: int,
    stage: str | None,
    code: str | None,
    flags: str,
    evidence: str,
) -> Ruling:
    return Ruling(
        finding=Finding(finding),
        rule=rule,
        rules_version=rules_version,
        failure=Failure(stage=Stage(stage), code=code) if stage and code else None,
        flags=tuple(json.loads(flags)),
        evidence=tuple(json.loads(evidence)),
    )


_: type[Sightings] = SqlSightings
