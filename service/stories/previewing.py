"""Previewing: a story through the renderers of editions, feeds and letters, kept nowhere."""

import asyncio
from dataclasses import replace

from feeds.bundle import single_html
from feeds.cleaner import clean
from feeds.page import article_page
from feeds.paper import Paper
from feeds.syndication import content, entry_bytes
from gateway.letter import text_of
from service.newsroom import Newsroom
from service.stories.revising import revised
from service.stories.standing import standing
from tamizdat.article import Article, ArticleId
from tamizdat.errors import SourceError
from tamizdat.language import direction
from tamizdat.paths import PLACEHOLDER
from tamizdat.preview import Preview, Sheet

TURNED = "fa"
"""Whose words stand around a page from right to left, where the paper has no such language."""


async def preview(room: Newsroom, article: ArticleId) -> Preview | None:
    """The story as it would go out now: dated and numbered as a release does it."""
    found = await standing(room, article)
    if found is None or found.article is None:
        return None
    due = await revised(room, found.draft, found.record) if found.draft else None
    languages = room.config.newsroom.languages
    turned = next((one for one in languages if direction(one) == "rtl"), TURNED)
    return await asyncio.to_thread(rendered, room.paper, due or found.article, turned)


def rendered(paper: Paper, article: Article, turned: str) -> Preview:
    """The article by every renderer; `turned` is a language that runs from right to left."""
    atom, _, _ = entry_bytes(paper, article)
    return Preview(
        path=article.path,
        page=article_page(paper, article),
        turned=article_page(paper, _turned(article, turned)),
        text=single_html(paper, article.language, [article], None),
        entry=Sheet(title=article.title, body=content(article).replace(PLACEHOLDER, "")),
        atom=atom.decode(),
        letter=_letter(article),
    )


def _turned(article: Article, language: str) -> Article:
    if direction(article.language) == "rtl":
        return article
    html = clean(f'<div dir="ltr">{article.html}</div>')
    return replace(article, language=language, html=html)


def _letter(article: Article) -> Sheet:
    try:
        text = text_of(article, pictures=None, ways=())
    except SourceError as error:
        return Sheet(body="", title=article.title, fault=str(error))
    return Sheet(body=text.html, title=text.title)
