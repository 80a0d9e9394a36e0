"""A tree: the article pages of a corpus as files, for tools that know nothing of editions."""

from pathlib import Path

from feeds.cleaner import clean
from feeds.intake import section
from feeds.page import article_page
from feeds.paper import Paper
from feeds.sources.folder import html
from tamizdat.article import Article, article_id
from tests.kit.bench.corpus import LANGUAGES, Text, texts
from tests.kit.bench.sites import NAME

PAPER = Paper(name=NAME, languages=LANGUAGES, channel="0" * 32)
SALT = bytes(32)


def article(text: Text, *, again: str = "") -> Article:
    """The article that a text becomes; `again` is added to it as a paragraph."""
    return Article(
        id=article_id(SALT, "bench", text.name),
        revision=1,
        language=text.language,
        title=text.title,
        html=clean(html(text.markdown + again)),
        summary=text.summary,
        authors=(text.author,),
        section=section(text.section, None),
        tags=(),
        published=text.published,
        updated=text.published,
        pictures=(),
    )


def lay(folder: Path, count: int) -> int:
    """Write the pages of `count` articles below `folder`; gives their bytes."""
    return sum(_laid(folder, text) for text in texts(count))


def change(folder: Path, count: int, every: int = 100) -> int:
    """Change one page in `every`; gives how many."""
    changed = list(texts(count))[::every]
    for text in changed:
        _laid(folder, text, again="\n\nIt has changed.\n")
    return len(changed)


def page(text: Text) -> bytes:
    """The page of a text."""
    return article_page(PAPER, article(text))


def _laid(folder: Path, text: Text, again: str = "") -> int:
    one = article(text, again=again)
    path = folder / one.path
    path.parent.mkdir(parents=True, exist_ok=True)
    body = article_page(PAPER, one)
    path.write_bytes(body)
    return len(body)
