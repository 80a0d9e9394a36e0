"""Naming: which blobs a ledger names, so that a copy of it can be told to be whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from store.sealed import Shelf, newest_number, take
from store.tables.articles import articles
from store.tables.letters import letter
from store.tables.mailboxes import mailbox, mailbox_letter
from store.tables.stories import draft, progress, translation
from tamizdat import paths
from tamizdat.digest import Digest
from tamizdat.letter import FINAL
from tamizdat.wire import Manifest

_EDITIONS = Shelf("edition")
_ALL = true()
_UNDER_WAY = letter.c.state.not_in([state.value for state in FINAL])


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a ledger names itself, by the folder it lies in; `newest` names more by its shards."""

    texts: frozenset[Digest]
    letters: frozenset[Digest]
    post: frozenset[Digest]
    newest: Manifest | None


async def named(connection: AsyncConnection, *, drafts: bool = True) -> Named:
    """What the ledger names, within one snapshot of it; without `drafts` only what was released."""
    number = await newest_number(connection, _EDITIONS)
    newest = await take(connection, _EDITIONS, number)
    texts = [articles.c.text, articles.c.entry, articles.c.page_sha256]
    texts += (
        [draft.c.text, progress.c.asked, progress.c.before, translation.c.seen] if drafts else []
    )
    return Named(
        texts=await _values(connection, texts),
        letters=await _values(connection, [letter.c.sha256, letter.c.lean], _UNDER_WAY),
        post=await _values(connection, [mailbox_letter.c.sha256, mailbox.c.label]),
        newest=Manifest.parse(newest.body, paths.manifest(number)) if newest else None,
    )


async def _values(
    connection: AsyncConnection,
    columns: "Sequence[Column[str]]",
    condition: ColumnElement[bool] = _ALL,
) -> frozenset[Digest]:
    found: set[Digest] = set()
    for column in columns:
        query = select(column).where(column.is_not(None), condition).distinct()
        rows = (await connection.execute(query)).scalars()
        found.update(Digest(one) for one in rows)
    return frozenset(found)
