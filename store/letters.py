"""Letters: what is under way to which gateway, and how often each feed was read."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    union,
    update,
)

from store.engine import CHUNK, Ledger
from store.instant import moment, seconds
from store.tables.letters import gateway_read, letter
from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.errors import LedgerError
from tamizdat.letter import FINAL, GatewayId, LetterState, Posting
from tamizdat.letters import Letters

KEPT = timedelta(days=1)
"""How long a reading is remembered: budgets are by the hour."""

_FAILED = [LetterState.ALTERED.value, LetterState.LOST.value]
_OPEN = [state.value for state in LetterState if state not in FINAL]
_KEY = ("gateway", "article", "revision")
_CHANGING = tuple(column.name for column in letter.c if column.name not in _KEY)


class SqlLetters:
    """The letters in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def queue(self, postings: Sequence[Posting]) -> None:
        """Record new letters, all or none; one that is known already stays as it is."""
        async with self._ledger.writing() as connection:
            for one in postings:
                known = select(letter.c.revision).where(*_where(one))
                if (await connection.execute(known)).first() is None:
                    await connection.execute(insert(letter).values(_row(one)))

    async def update(self, postings: Sequence[Posting]) -> None:
        """Record what became of known letters, all or none. LedgerError where one is not known."""
        change = (
            update(letter)
            .where(*(letter.c[name] == bindparam(f"its_{name}") for name in _KEY))
            .values({name: bindparam(f"new_{name}") for name in _CHANGING})
        )
        async with self._ledger.writing() as connection:
            for one in postings:
                row = _row(one)
                named = {f"its_{name}": row[name] for name in _KEY}
                named |= {f"new_{name}": row[name] for name in _CHANGING}
                if (await connection.execute(change, named)).rowcount != 1:
                    raise LedgerError(
                        f"no letter of {one.article} revision {one.revision} was queued"
                    )

    async def of(
        self, gateway: GatewayId, articles: Sequence[ArticleId] | None = None
    ) -> Sequence[Posting]:
        """Every letter to a gateway, oldest first; of these articles only where any are named."""
        query = select(letter).where(letter.c.gateway == gateway)
        if articles is None:
            return await self._found(query.order_by(letter.c.queued, letter.c.article))
        found = [
            one
            for chunk in _chunks(articles)
            for one in await self._found(query.where(letter.c.article.in_(chunk)))
        ]
        return sorted(found, key=_age)

    async def counts(self, gateway: GatewayId) -> Mapping[LetterState, int]:
        """How many letters to a gateway are in each state; states without any are left out."""
        query = select(letter.c.state, func.count()).where(letter.c.gateway == gateway)
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(query.group_by(letter.c.state))).all()
        return {LetterState(state): count for state, count in rows}

    async def failed(self, gateway: GatewayId) -> Sequence[Posting]:
        """Those letters to a gateway that were altered or lost, oldest first."""
        ours = (letter.c.gateway == gateway, letter.c.state.in_(_FAILED))
        query = select(letter).where(*ours)
        return await self._found(query.order_by(letter.c.queued, letter.c.article))

    async def open(self, gateway: GatewayId) -> Sequence[Posting]:
        """Those letters to a gateway that are not final, oldest first."""
        ours = (letter.c.gateway == gateway, letter.c.state.in_(_OPEN))
        return sorted(await self._found(select(letter).where(*ours)), key=_age)

    async def forget(self, articles: Sequence[ArticleId]) -> None:
        """Drop every letter of these articles (they were withdrawn)."""
        async with self._ledger.writing() as connection:
            for chunk in _chunks(articles):
                await connection.execute(delete(letter).where(letter.c.article.in_(chunk)))

    async def bodies(self) -> Sequence[Digest]:
        """The blobs that letters which are not final still need."""
        ours = letter.c.state.in_(_OPEN)
        query = union(
            select(letter.c.sha256).where(ours),
            select(letter.c.lean).where(ours, letter.c.lean.is_not(None)),
        )
        async with self._ledger.reading() as connection:
            return [Digest(found) for found in (await connection.execute(query)).scalars()]

    async def reads(self, gateway: GatewayId, start: datetime) -> Sequence[datetime]:
        """When its feed was read since `start`, oldest first."""
        ours = (gateway_read.c.gateway == gateway, gateway_read.c.at >= seconds(start))
        query = select(gateway_read.c.at).where(*ours).order_by(gateway_read.c.at)
        async with self._ledger.reading() as connection:
            return [moment(found) for found in (await connection.execute(query)).scalars()]

    async def record_read(self, gateway: GatewayId, at: datetime) -> None:
        """Its feed is about to be read. Readings of over a day before are forgotten."""
        old = gateway_read.c.at < seconds(at - KEPT)
        async with self._ledger.writing() as connection:
            await connection.execute(delete(gateway_read).where(old))
            await connection.execute(insert(gateway_read).values(gateway=gateway, at=seconds(at)))

    async def _found(self, query: Select[Any]) -> Sequence[Posting]:
        async with self._ledger.reading() as connection:
            return [_posting(row) for row in (await connection.execute(query)).all()]


def _chunks(articles: Sequence[ArticleId]) -> Iterator[Sequence[ArticleId]]:
    return (articles[start : start + CHUNK] for start in range(0, len(articles), CHUNK))


def _age(one: Posting) -> tuple[datetime, ArticleId, int]:
    return one.queued, one.article, one.revision


def _where(one: Posting) -> tuple[ColumnElement[bool], ...]:
    return (
        letter.c.gateway == one.gateway,
        letter.c.article == one.article,
        letter.c.revision == one.revision,
    )


def _row(one: Posting) -> Mapping[str, object]:
    return {
        "gateway": one.gateway,
        "article": one.article,
        "revision": one.revision,
        "urn": one.urn,
        "message_id": one.message_id,
        "sha256": one.sha256,
        "length": one.length,
        "lean": one.lean,
        "state": one.state.value,
        "queued": seconds(one.queued),
        "due": seconds(one.due),
        "tried": seconds(one.tried) if one.tried else None,
        "unsure": one.unsure,
        "attempts": one.attempts,
        "refusals": one.refusals,
        "looks": one.looks,
        "entry": one.entry,
        "detail": one.detail,
    }


def _posting(row: Row[Any]) -> Posting:
    return Posting(
        gateway=GatewayId(row.gateway),
        article=ArticleId(row.article),
        revision=row.revision,
        urn=row.urn,
        message_id=row.message_id,
        sha256=Digest(row.sha256),
        length=row.length,
        lean=Digest(row.lean) if row.lean else None,
        state=LetterState(row.state),
        queued=moment(row.queued),
        due=moment(row.due),
        tried=None if row.tried is None else moment(row.tried),
        unsure=row.unsure,
        attempts=row.attempts,
        refusals=row.refusals,
        looks=row.looks,
        entry=row.entry,
        detail=row.detail,
    )


_: type[Letters] = SqlLetters
