"""Revising: a draft as the next revision of its story, dated, and its source remembered."""

import asyncio
from dataclasses import replace

from service.newsroom import Newsroom
from service.stories.importing import revision
from service.stories.origins import Origin, note, origin, remember
from tamizdat.article import Article
from tamizdat.article import decode as decode_article
from tamizdat.article import encode as encode_article
from tamizdat.digest import digest
from tamizdat.draft import Draft
from tamizdat.ledgers import Record


async def revised(
    room: Newsroom, draft: Draft, record: Record | None, reason: str = ""
) -> Article | None:
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


async def note_source(room: Newsroom, draft: Draft, record: Record | None) -> None:
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
