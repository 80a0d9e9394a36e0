"""Drafting: look at working texts and release them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from service.importing import release_records, remember_again, revision, to_record
from service.newsroom import Newsroom
from service.wiring import opened
from tamizdat.article import Article, ArticleId, decode
from tamizdat.digest import Digest
from tamizdat.errors import ConfigError


async def drafts(folder: Path) -> Sequence[Article]:
    """Every draft, oldest first."""
    async with opened(folder) as room:
        return [await _read(room, text) for _, _, text, _ in await room.ledgers.drafts.all()]


async def show(folder: Path, draft: ArticleId) -> Article:
    """One draft; ConfigError where there is none."""
    async with opened(folder) as room:
        return await _find(room, draft)


async def release(folder: Path, ids: Sequence[ArticleId] | None) -> Sequence[ArticleId]:
    """Release the drafts of `ids` (None: all), oldest first, all or none."""
    async with opened(folder) as room:
        if ids is None:
            ids = [article for article, _, _, _ in await room.ledgers.drafts.all()]
        found = [await _find(room, draft) for draft in ids]
        known = await room.ledgers.articles.find(ids)
        newer = [await revision(room, draft, known.get(draft.id)) for draft in found]
        wanted = sorted((a for a in newer if a), key=lambda a: (a.published, a.id))
        await release_records(room, [await to_record(room, article) for article in wanted])
        for article in wanted:
            await remember_again(room, article)
        return [article.id for article in wanted]


async def _find(room: Newsroom, draft: ArticleId) -> Article:
    text = await room.ledgers.drafts.get(draft)
    if text is None:
        raise ConfigError(f"{draft}: no such draft: `tamizdat draft list` shows them")
    return await _read(room, text)


async def _read(room: Newsroom, text: Digest) -> Article:
    return decode(await asyncio.to_thread(room.blobs.read, text))
