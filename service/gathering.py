"""Gathering: read from the ledger just what the next edition must render again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from feeds.composer import FEED_ENTRIES, PAGE_CARDS, SECTION_CARDS, Material, page_number
from feeds.paper import Paper
from tamizdat.article import ArticleId
from tamizdat.ledgers import Articles, ListKey, Record

RUN_DAYS = 30
RUN_MOST = 200
RUN_LEAST = 50


class Shown(Protocol):
    """What gathering asks of articles: of all in the ledger, or of some of them."""

    async def changed(self) -> Sequence[Record]:
        """Those that the newest edition does not yet show as they are."""
        ...

    async def newest(self, key: ListKey, count: int) -> Sequence[Record]:
        """The newest of a list, newest first."""
        ...

    async def listed(self, key: ListKey, first: int, last: int) -> Sequence[tuple[int, Record]]:
        """Those at positions `first` to `last`, both included."""
        ...

    async def positions(
        self, ids: Sequence[ArticleId]
    ) -> Mapping[ArticleId, Sequence[tuple[ListKey, int]]]:
        """Where each stands."""
        ...

    async def lengths(self) -> Mapping[ListKey, int]:
        """The last position of every list."""
        ...


def live_languages(wanted: Sequence[str], lengths: Mapping[ListKey, int]) -> tuple[str, ...]:
    """Languages that have articles, in the config's order, then by tag; never none."""
    having = {language for language, slug in lengths if not slug}
    first = [language for language in wanted if language in having]
    return (*first, *sorted(having - set(first))) or (wanted[0],)


async def gather(
    articles: Shown,
    paper: Paper,
    *,
    root_id: str,
    root_words: str,
    whole: bool,
    languages_before: frozenset[str],
) -> Material:
    """The material of the next edition.

    `whole` renders everything; otherwise only what the ledger marks as changed, and all fronts
    where a language came or went since `languages_before`.
    """
    lengths = await articles.lengths()
    languages = live_languages(paper.languages, lengths)
    changed = await articles.changed()
    touched = sorted({record.language for record in changed})
    if whole or languages_before != frozenset(languages):
        touched = sorted(languages)
    numbers = _every_page(lengths) if whole else await _touched_pages(articles, changed)
    listed = {
        (key, number): await articles.listed(
            key, (number - 1) * PAGE_CARDS + 1, number * PAGE_CARDS
        )
        for key, number in sorted(numbers)
    }
    return Material(
        paper=replace(paper, languages=languages),
        root_id=root_id,
        root_words=root_words,
        changed=changed,
        languages=touched,
        newest=await _newest(articles, touched, {key for key, _ in numbers}),
        listed=listed,
        lengths=lengths,
        sections={language: await _sections(articles, language, lengths) for language in touched},
    )


async def run(articles: Articles, language: str, now: datetime) -> Sequence[Record]:
    """The current run of a language, which its bundles carry: the last 30 days, 50 to 200."""
    recent = await articles.since(language, now - timedelta(days=RUN_DAYS), RUN_MOST)
    return recent if len(recent) >= RUN_LEAST else await articles.newest((language, ""), RUN_LEAST)


def _every_page(lengths: Mapping[ListKey, int]) -> set[tuple[ListKey, int]]:
    return {(key, n) for key, last in lengths.items() for n in range(1, page_number(last) + 1)}


async def _touched_pages(articles: Shown, changed: Sequence[Record]) -> set[tuple[ListKey, int]]:
    fresh = {record.id for record in changed if record.page is None and record.withdrawn is None}
    positions = await articles.positions([record.id for record in changed])
    touched: set[tuple[ListKey, int]] = set()
    for article, places in positions.items():
        for key, position in places:
            number = page_number(position)
            touched.add((key, number))
            begins_page = position % PAGE_CARDS == 1
            if begins_page and number > 1 and article in fresh:
                touched.add((key, number - 1))
    return touched


async def _newest(
    articles: Shown, languages: Sequence[str], keys: Iterable[ListKey]
) -> dict[ListKey, Sequence[Record]]:
    newest = {
        (language, ""): await articles.newest((language, ""), FEED_ENTRIES)
        for language in languages
    }
    for key in sorted(set(keys)):
        if key[1]:
            newest[key] = await articles.newest(key, SECTION_CARDS)
    return newest


async def _sections(
    articles: Shown, language: str, lengths: Mapping[ListKey, int]
) -> Sequence[Record]:
    found: list[Record] = []
    for key in sorted(lengths):
        if key[0] == language and key[1]:
            found.extend(await articles.newest(key, 1))
    return found
