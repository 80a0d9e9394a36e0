"""A view: what templates are told of an article."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from feeds.day import short, spelled
from feeds.letters import cut, line
from feeds.paper import Card
from feeds.template import mark, part
from feeds.words import Words, words_of

LEAD_SIGNS = 240
ROWS = 4096
"""Rows of lists that are remembered while an edition is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """What a template tells of an article."""

    id: str
    title: str
    kick: str
    dek: str
    between: str
    authors: Sequence[str]
    day: str
    date: str
    changed: str
    correction: str
    text: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """What a template shows of a card on one page."""

    href: str
    title: str
    summary: str
    kick: str
    line: str


def shown(one: Card, href: str, words: Words, *, year: bool) -> CardView:
    """The view of a card on a page that links to it by `href`; the day with its year or without."""
    when = one.published.date()
    told = [
        spelled(when, words) if year else short(when, words),
        words.filled("minutes", one.minutes),
        words.filled("kilobytes", one.kilobytes),
    ]
    if one.corrected:
        told.append(words.texts["corrected"])
    return CardView(
        href=href,
        title=one.title,
        summary=cut(one.summary, LEAD_SIGNS),
        kick=line(one.section.name) if one.section else "",
        line=words.between.join(told),
    )


@lru_cache(ROWS)
def row(one: Card, href: str, language: str) -> Markup:
    """A card in a list: it stands in that of its language, and in that of its section."""
    words = words_of(language)
    return part("card", shown(one, href, words, year=True), 2, mark(words, language))
