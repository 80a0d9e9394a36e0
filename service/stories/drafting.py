"""Drafting: look at working texts and release them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from service.newsroom import Newsroom, Texts
from service.stories.importing import release_records, remember_again, revision, to_record
from service.stories.origins import Origin, note, origin, remember
from service.wiring import glanced, opened
from tamizdat.article import Article, ArticleId
from tamizdat.article import decode as decode_article
from tamizdat.article import encode as encode_article
from tamizdat.digest import Digest, digest
from tamizdat.draft import Draft, decode
from tamizdat.errors import ConfigError
from tamizdat.ledgers import Record


async def drafts(folder: Path) -> Sequence[Article]:
    """Every draft, oldest first."""
    async with glanced(folder) as room:
        all_of_them = await room.ledgers.drafts.all()
        return [(await read(room, text)).article for _, _, text, _ in all_of_them]


async def show(folder: Path, draft: ArticleId) -> Article:
    """One draft; ConfigError where there is none."""
    async with glanced(folder) as room:
        return (await _find(room, draft)).article


async def release(folder: Path, ids: Sequence[ArticleId] | None) -> Sequence[ArticleId]:
    """Release the drafts of `ids` (None: all), oldest first, all or none."""
    async with opened(folder) as room:
        return [article.id for article in await release_drafts(room, ids)]


async def release_drafts(
    room: Newsroom, ids: Sequence[ArticleId] | None, reason: str = ""
) -> Sequence[Article]:
    """Release the drafts of `ids` (None: all), oldest first, all or none.

    A draft that says nothing new is left where it is. `reason` is the line that readers see where
    an earlier revision is corrected. ConfigError where there is no such draft.
    """
    if ids is None:
        ids = [article for article, _, _, _ in await room.ledgers.drafts.all()]
    found = [await _find(room, draft) for draft in ids]
    known = await room.ledgers.articles.find(ids)
    newer = [await _next(room, one, known.get(one.article.id), reason) for one in found]
    wanted = sorted((a for a in newer if a), key=lambda a: (a.published, a.id))
    released = {article.id for article in wanted}
    edited = {one.article.id: one for one in found if one.edited and one.article.id in released}
    for article, draft in edited.items():
        await _note_source(room, draft, known.get(article))
    await release_records(room, [await to_record(room, article) for article in wanted])
    for made in wanted:
        if made.id not in edited:
            await remember_again(room, made)
    return wanted


async def read(room: Texts, text: Digest) -> Draft:
    """The draft that is kept under this digest."""
    return decode(await asyncio.to_thread(room.blobs.read, text))


async def _find(room: Texts, draft: ArticleId) -> Draft:
    text = await room.ledgers.drafts.get(draft)
    if text is None:
        raise ConfigError(f"{draft}: no such draft: `tamizdat draft list` shows them")
    return await read(room, text)


async def _next(room: Newsroom, draft: Draft, record: Record | None, reason: str) -> Article | None:
    """The draft as the next revision; None where it says nothing new.

    What began at the desk is dated now, for its readers; what came in keeps its source's date.
    """
    article, now = draft.article, room.clock.now()
    if draft.edited:
        published = article.published if record or draft.source else now
        article = replace(article, published=published, updated=max(now, published))
    if record and reason:
        article = replace(article, correction=reason)
    return await revision(room, article, record)


async def _note_source(room: Newsroom, draft: Draft, record: Record | None) -> None:
    """Note what the source said of a text that an editor changed, before it goes out.

    Otherwise the same source, imported again, would undo what the editor did.
    """
    article = draft.article.id
    if draft.source:
        text = digest(encode_article(draft.article))
        await note(room, article, Origin(draft.source, text))
    elif record and record.text and await origin(room, article) is None:
        body = await asyncio.to_thread(room.blobs.read, record.text)
        await remember(room, decode_article(body), record.text)
