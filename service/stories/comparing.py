"""Comparing: what an approver reads, beside what approval was asked for before, or what is out."""

import asyncio
import re
from dataclasses import replace
from html import unescape

from service.newsroom import Newsroom
from service.stories.rewording import text as words
from service.stories.standing import Standing, standing
from tamizdat import draft as drafts
from tamizdat.approving import Comparison, Version
from tamizdat.article import Article, ArticleId
from tamizdat.digest import Digest
from tamizdat.errors import BlobMissingError

_BLOCK = re.compile(
    r"</?(?:p|h[1-6]|li|ul|ol|dl|dt|dd|blockquote|figure|figcaption|pre|table|tr|hr|div)\b[^<>]*>"
)
_PICTURE = re.compile(r'<img\b[^<>]*?\salt="([^"]*)"[^<>]*>|<img\b[^<>]*>')
_LINK = re.compile(r'<a\b[^<>]*?\shref="([^"]*)"[^<>]*>(.*?)</a>', re.DOTALL)


async def compared(room: Newsroom, article: ArticleId) -> Comparison | None:
    """What an approver compares; None where nothing is written."""
    found = await standing(room, article)
    if found is None or found.draft is None or found.card.progress.content is None:
        return None
    asked = await _asked_before(room, found)
    before = asked or found.released
    now = version(found.draft.article)
    if found.released and not now.correction:  # readers go on seeing the line that they see
        now = replace(now, correction=found.released.correction)
    return Comparison(
        content=found.card.progress.content,
        now=now,
        before=version(before) if before else None,
        since="asked" if asked else "out" if found.released else "nothing",
    )


def version(article: Article) -> Version:
    """A text as its parts are compared: pictures by what they show, links with their addresses."""
    return Version(
        title=article.title,
        summary=article.summary,
        authors=", ".join(article.authors),
        correction=article.correction,
        paragraphs=_paragraphs(article.html),
    )


def _paragraphs(html: str) -> tuple[str, ...]:
    shown = _PICTURE.sub(lambda hit: f" [picture: {hit[1] or ''}] ", html)
    shown = _LINK.sub(lambda hit: f"{hit[2]} [{hit[1]}]", shown)
    parts = (" ".join(unescape(words(part)).split()) for part in _BLOCK.split(shown))
    return tuple(part for part in parts if part)


async def _asked_before(room: Newsroom, found: Standing) -> Article | None:
    """The text that was asked for before this one, None where that is this one, or none."""
    progress = found.card.progress
    earlier: Digest | None = progress.before if progress.asked == found.text else progress.asked
    if earlier is None or earlier == found.text:
        return None
    try:
        return drafts.decode(await asyncio.to_thread(room.blobs.read, earlier)).article
    except BlobMissingError:
        return None
