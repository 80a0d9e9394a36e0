"""Progresses: how far stories are, who approved them, and when their time comes."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.articles import release_within
from store.drafts import keep_within
from store.engine import CHUNK, Ledger
from store.instant import moment, seconds
from store.tables.stories import approval, draft, progress
from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.errors import LedgerError
from tamizdat.ledgers import Record
from tamizdat.progress import PENDING, Approval, Progress, Progresses, Text, Why
from tamizdat.state import StoryState

_PENDING = progress.c.state.in_(sorted(state.value for state in PENDING))


class SqlProgresses:
    """How far stories are, in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def get(self, article: ArticleId) -> Progress | None:
        """Of one story; None where nothing was noted."""
        return (await self.find([article])).get(article)

    async def find(self, articles: Sequence[ArticleId]) -> Mapping[ArticleId, Progress]:
        """Of those that something was noted of."""
        found: dict[ArticleId, Progress] = {}
        async with self._ledger.reading() as connection:
            for start in range(0, len(articles), CHUNK):
                some = articles[start : start + CHUNK]
                query = select(progress).where(progress.c.article.in_(some))
                found |= await _found(connection, query)
        return found

    async def pending(self) -> Mapping[ArticleId, Progress]:
        """All that wait, are on a clock, or are held; by their time, those without one last."""
        async with self._ledger.reading() as connection:
            found = await _found(connection, select(progress).where(_PENDING))
        order = sorted(found, key=lambda one: (_due(found[one]), one))
        return {article: found[article] for article in order}

    async def step(
        self, article: ArticleId, before: Progress | None, after: Progress, text: Text | None = None
    ) -> None:
        """Note where it stands now; with `text`, keep that as its draft. All or nothing.

        Where nothing is written any more, its draft is dropped as well. LedgerError where `before`
        is not what stands there.
        """
        async with self._ledger.writing() as connection:
            await _replace(connection, article, before, after)
            if text is not None:
                await keep_within(connection, article, text.language, text.blob, text.at)
            elif after.content is None:
                await connection.execute(delete(draft).where(draft.c.article == article))

    async def release(
        self, article: ArticleId, before: Progress | None, after: Progress, record: Record
    ) -> None:
        """Release it: record, progress, and the draft dropped, in one transaction."""
        if record.id != article:
            raise LedgerError(f"ledger: {record.id} is not released as a step of {article}")
        async with self._ledger.writing() as connection:
            await _replace(connection, article, before, after)
            await release_within(connection, [record])
            await connection.execute(delete(draft).where(draft.c.article == article))

    async def forget(self, article: ArticleId) -> None:
        """Keep nothing: no clock, no approval, no digest."""
        async with self._ledger.writing() as connection:
            await forget_within(connection, article)


async def forget_within(connection: AsyncConnection, article: ArticleId) -> None:
    """Keep nothing of a story's progress, within the caller's transaction."""
    await connection.execute(delete(approval).where(approval.c.article == article))
    await connection.execute(delete(progress).where(progress.c.article == article))


async def _replace(
    connection: AsyncConnection, article: ArticleId, before: Progress | None, after: Progress
) -> None:
    query = select(progress).where(progress.c.article == article)
    found = (await _found(connection, query)).get(article)
    if found != (None if before is None else _as_kept(before)):
        raise LedgerError(f"ledger: {article} took another step meanwhile: look at it again")
    await forget_within(connection, article)
    if after.content is None:
        return  # at rest: nothing is to be remembered
    await connection.execute(insert(progress).values(_row(article, after)))
    approvals = [_approval_row(article, one) for one in after.approvals]
    if approvals:
        await connection.execute(insert(approval), approvals)


async def _found(
    connection: AsyncConnection, query: Select[*tuple[Any, ...]]
) -> dict[ArticleId, Progress]:
    rows = (await connection.execute(query)).all()
    given = await _approvals(connection, [row.article for row in rows])
    return {ArticleId(row.article): _read(row, given.get(row.article, ())) for row in rows}


async def _approvals(
    connection: AsyncConnection, articles: Sequence[str]
) -> Mapping[str, tuple[Approval, ...]]:
    found: dict[str, tuple[Approval, ...]] = {}
    for start in range(0, len(articles), CHUNK):
        some = articles[start : start + CHUNK]
        for row in await connection.execute(select(approval).where(approval.c.article.in_(some))):
            one = Approval(person=row.person, content=Digest(row.content), at=moment(row.at))
            found[row.article] = (*found.get(row.article, ()), one)
    return {article: _ordered(given) for article, given in found.items()}


def _ordered(given: Sequence[Approval]) -> tuple[Approval, ...]:
    return tuple(sorted(given, key=attrgetter("at", "person")))


def _due(one: Progress) -> int:
    return seconds(one.due) if one.due else 2**62


def _as_kept(one: Progress) -> Progress:
    """The same as it comes back: in whole seconds."""
    given = [
        Approval(person=a.person, content=a.content, at=moment(seconds(a.at)))
        for a in one.approvals
    ]
    return _read_fields(_row(ArticleId(""), one), _ordered(given))


def _read(row: Row[*tuple[Any, ...]], approvals: tuple[Approval, ...]) -> Progress:
    return _read_fields(row._mapping, approvals)  # noqa: SLF001 - by name


def _read_fields(row: Mapping[Any, Any], approvals: tuple[Approval, ...]) -> Progress:
    return Progress(
        state=StoryState(row["state"]),
        content=_digest(row["content"]),
        author=row["author"],
        approvals=approvals,
        due=None if row["due"] is None else moment(row["due"]),
        why=None if row["why"] is None else Why(row["why"]),
        out=_digest(row["out"]),
        asked=_digest(row["asked"]),
        before=_digest(row["before"]),
    )


def _digest(value: str | None) -> Digest | None:
    return None if value is None else Digest(value)


def _row(article: ArticleId, one: Progress) -> Mapping[str, object]:
    return {
        "article": article,
        "state": one.state.value,
        "content": one.content,
        "author": one.author,
        "due": seconds(one.due) if one.due else None,
        "why": one.why.value if one.why else None,
        "out": one.out,
        "asked": one.asked,
        "before": one.before,
    }


def _approval_row(article: ArticleId, one: Approval) -> Mapping[str, object]:
    return {
        "article": article,
        "person": one.person,
        "content": one.content,
        "at": seconds(one.at),
    }


_: type[Progresses] = SqlProgresses
