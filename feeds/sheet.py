"""A sheet: one article as its page, its pictures and its card. Pure: a text comes in."""

from dataclasses import dataclass

from feeds.page import article_page, card
from feeds.paper import Card, Paper
from tamizdat.article import decode
from tamizdat.edition import Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The bytes of an article's page, the pictures it names by path, and how lists show it."""

    body: bytes
    pictures: tuple[tuple[str, Stamp], ...]
    card: Card


def sheet(paper: Paper, text: bytes) -> Sheet:
    """The article in `text`, rendered; FormatError where it is none."""
    article = decode(text)
    body = article_page(paper, article)
    return Sheet(
        body=body,
        pictures=tuple((p.path, Stamp(p.sha256, p.length)) for p in article.pictures),
        card=card(article, len(body)),
    )
