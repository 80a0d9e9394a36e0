"""Gone: names that no output bears any more, whatever a source or an editor says later."""

from collections.abc import Collection
from dataclasses import replace

from service.newsroom import Newsroom
from tamizdat.article import Article
from tamizdat.byline import hidden

GONE = "bylines that are gone"
"""The fact with their keyed digests."""


async def gone_bylines(room: Newsroom) -> frozenset[str]:
    """The keyed digests of names that no output bears any more."""
    return frozenset((await room.ledgers.facts.get(GONE) or "").split())


def without(article: Article, gone: Collection[str], salt: bytes) -> Article:
    """The article, signed by nobody who is gone."""
    if not gone:
        return article
    left = tuple(name for name in article.authors if hidden(salt, name) not in gone)
    return article if left == article.authors else replace(article, authors=left)
