"""Keeping: the marks of what was withdrawn lie in the ledger for a while, closed like drafts."""

import asyncio
import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from service.newsroom import Texts
from service.proof.marks import Marker, Marks, decode, encode, together, without
from service.proof.words import readings, words
from tamizdat import article as articles
from tamizdat.article import Article, ArticleId
from tamizdat.closing import Closing
from tamizdat.errors import TamizdatError
from tamizdat.ledgers import Facts, Record
from tamizdat.moment import moment, spelled

KEPT = timedelta(days=90)
"""After that nobody can look for it any more: a copy found by then is found by readers' words."""

PROOF = "proof"
"""What the marks are closed as; begins the names of their facts."""


class Keeper(Texts, Protocol):
    """What keeping marks takes of a newsroom."""

    @property
    def salt(self) -> bytes:
        """The key of all that is hidden here."""
        ...

    @property
    def closing(self) -> Closing:
        """Closes what lies on the disk."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A withdrawn article, and what is looked for of it; None where nothing is kept."""

    id: ArticleId
    path: str
    marks: Marks | None


async def remember(room: Keeper, record: Record, now: datetime) -> None:
    """Keep the marks of an article that is about to be withdrawn.

    A text that cannot be read any more is no reason to wait with its withdrawal.
    """
    if record.text is None:
        return
    try:
        marks = await asyncio.to_thread(_marked, room, record)
    except TamizdatError:
        return
    body = f"{spelled(now)}\n{encode(marks)}".encode()
    closed = await asyncio.to_thread(room.closing.close, body, PROOF)
    await room.ledgers.facts.set(_name(record.id), base64.b64encode(closed).decode("ascii"))


async def wanted(room: Keeper, record: Record, now: datetime) -> Wanted:
    """What is looked for of a withdrawn article, less what other articles say as well."""
    path = f"{record.language}/{record.published.year:04d}/{record.id}.html"
    told = await room.ledgers.facts.get(_name(record.id))
    marks = None
    if told:
        body = room.closing.open(base64.b64decode(told), PROOF)
        at, _, kept = body.decode().partition("\n")
        marks = decode(kept) if moment(at) + KEPT > now else None
    return Wanted(id=record.id, path=path, marks=marks)


async def distinct(room: Keeper, found: Sequence[Wanted]) -> tuple[Wanted, ...]:
    """Each without what also stands in articles that are out by right."""
    records = await room.ledgers.articles.texts()
    marks = together(one.marks for one in found if one.marks)
    common = await asyncio.to_thread(_common, room, records, marks)
    return tuple(
        replace(one, marks=without(one.marks, common)) if one.marks else one for one in found
    )


async def forget(facts: Facts, article: ArticleId) -> None:
    """Keep nothing of it any more."""
    await facts.set(_name(article), "")


async def forget_old(room: Keeper, now: datetime) -> None:
    """Forget marks that were kept long enough."""
    for record in await room.ledgers.articles.withdrawn():
        told = await room.ledgers.facts.get(_name(record.id))
        if told and record.withdrawn and record.withdrawn + KEPT <= now:
            await forget(room.ledgers.facts, record.id)


def _marked(room: Keeper, record: Record) -> Marks:
    if record.text is None:
        return Marks()
    return Marker(room.salt).marks(articles.decode(room.blobs.read(record.text)))


def _common(room: Keeper, records: Iterable[Record], marks: Marks) -> set[tuple[int, int]]:
    marker, common = Marker(room.salt), set[tuple[int, int]]()
    for record in records:
        if record.text is None or not marks.count:
            continue
        for said in _said(articles.decode(room.blobs.read(record.text))):
            common |= marker.found(said, marks)
    return common


def _said(article: Article) -> Iterable[list[str]]:
    lines = [article.title, article.summary, article.correction, *article.authors, *article.tags]
    lines += [picture.alt for picture in article.pictures]
    lines += [article.section.name] if article.section else []
    yield from ([*words(line)] for line in lines)
    yield from ([*words(text)] for text in readings(article.html))


def _name(article: ArticleId) -> str:
    return f"{PROOF} {article}"
