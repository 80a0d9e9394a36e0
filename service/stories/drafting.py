"""Drafting: look at working texts and release them."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from service.newsroom import Newsroom, Texts
from service.stories.importing import release_records, remember_again, to_record
from service.stories.moving import policy_of
from service.stories.revising import note_source, revised
from service.wiring import glanced, opened
from tamizdat.article import Article, ArticleId
from tamizdat.digest import Digest
from tamizdat.draft import Draft, decode
from tamizdat.errors import ConfigError
from tamizdat.ledgers import Record
from tamizdat.moves import Refused, Release, decide, met
from tamizdat.progress import CONSOLE, content_of


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
    noted = await _let_out(room, found, known)
    newer = [await revised(room, one, known.get(one.article.id), reason) for one in found]
    wanted = sorted((a for a in newer if a), key=lambda a: (a.published, a.id))
    released = {article.id for article in wanted}
    edited = {one.article.id: one for one in found if one.edited and one.article.id in released}
    for article, draft in edited.items():
        await note_source(room, draft, known.get(article))
    await release_records(room, [await to_record(room, article) for article in wanted])
    for made in wanted:
        if made.id not in edited:
            await remember_again(room, made)
        if made.id in noted:
            await room.ledgers.progresses.forget(made.id)
    return wanted


async def read(room: Texts, text: Digest) -> Draft:
    """The draft that is kept under this digest."""
    return decode(await asyncio.to_thread(room.blobs.read, text))


async def _let_out(
    room: Newsroom, found: Sequence[Draft], known: Mapping[ArticleId, Record]
) -> Collection[ArticleId]:
    """Those of which something was noted; ConfigError where one may not go out now."""
    rules, now = await policy_of(room), room.clock.now()
    ids = [one.article.id for one in found]
    noted = await room.ledgers.progresses.find(ids)
    for draft in found:
        article, record = draft.article.id, known.get(draft.article.id)
        at = met(noted.get(article), content_of(draft.article), record.text if record else None)
        outcome = decide(at, Release(person=CONSOLE), now, rules)
        if isinstance(outcome, Refused):
            raise ConfigError(f"{article}: {outcome.why}")
    return noted


async def _find(room: Texts, draft: ArticleId) -> Draft:
    text = await room.ledgers.drafts.get(draft)
    if text is None:
        raise ConfigError(f"{draft}: no such draft: `tamizdat draft list` shows them")
    return await read(room, text)
