"""The composer: what the ledger says, rendered into the files of an edition.

Only what changed is rendered: its own page, the list pages it stands on, the fronts and feeds of
its language. Everything else is taken over from the edition before by digest.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import NamedTuple

from feeds import places
from feeds.page import (
    card,
    check_page,
    front,
    list_page,
    safety_page,
    section_front,
    withdrawn_page,
)
from feeds.paper import Card, Entry, Paper
from feeds.pen import Pen, pen
from feeds.sheets import sheets
from feeds.syndication import atom, entry_bytes, json_feed, rss
from tamizdat.article import ArticleId, Section, decode
from tamizdat.edition import Stamp
from tamizdat.ledgers import ListKey, Record, Rendered
from tamizdat.ports import Blobs

FRONT_CARDS = 14
SECTION_CARDS = 30
FEED_ENTRIES = 30
FEED_BYTES = 400_000
PAGE_CARDS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What the ledger says about everything that must be rendered again.

    `newest` holds the newest records of each touched list, newest first; `listed` the records of
    each touched list page with their positions; `sections` one record of each live section.
    """

    paper: Paper
    root_id: str
    root_words: str
    changed: Sequence[Record]
    languages: Sequence[str]
    newest: Mapping[ListKey, Sequence[Record]]
    listed: Mapping[tuple[ListKey, int], Sequence[tuple[int, Record]]]
    lengths: Mapping[ListKey, int]
    sections: Mapping[str, Sequence[Record]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Files by the shard that lists them: put there, or gone from it; and what was rendered."""

    put: dict[str, dict[str, Stamp]] = field(default_factory=lambda: defaultdict(dict))
    articles: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    gone: set[str] = field(default_factory=set)
    rendered: list[Rendered] = field(default_factory=list)


def article_shard(record: Record, year: int) -> str:
    """Key of the shard that lists an article, in an edition issued in `year` (formats 3.6)."""
    published = record.published
    if published.year < year:
        return f"{record.language}/{published.year:04d}"
    return f"{record.language}/{published.year:04d}-{published.month:02d}"


def list_shard(language: str, number: int) -> str:
    """Key of the shard that lists list page `number` (formats 3.6)."""
    return f"{language}/lists/{(number - 1) // 16}"


def page_number(position: int) -> int:
    """The list page on which a position stands, counted from the oldest end."""
    return (position - 1) // PAGE_CARDS + 1


def render(material: Material, blobs: Blobs, year: int) -> Pages:
    """Render everything in `material`; the bytes go to `blobs`, the stamps are given back."""
    pages = Pages()
    with pen(blobs) as held:
        bench = _Bench(material, blobs, held)
        bench.articles(pages, year)
        for (key, number), listed in material.listed.items():
            bench.list_page(key, number, listed, pages)
        for language in material.languages:
            bench.language(language, pages)
    return pages


class _Kept(NamedTuple):
    """A sheet whose page lies in the blobs."""

    page: Stamp
    pictures: Sequence[tuple[str, Stamp]]
    card: Card


class _Bench:
    """Where one edition is rendered: remembers the cards it has seen."""

    def __init__(self, material: Material, blobs: Blobs, held: Pen) -> None:
        self._paper = material.paper
        self._material = material
        self._blobs = blobs
        self._pen = held
        self._cards: dict[ArticleId, Card] = {}

    def articles(self, pages: Pages, year: int) -> None:
        """Render the changed ones, in any order, and note them in theirs."""
        changed = self._material.changed
        written = [(record.id, record.text) for record in changed if record.text is not None]
        kept: dict[ArticleId, _Kept] = {}
        with closing(sheets(self._paper, self._blobs, [text for _, text in written])) as rendered:
            for number, one in rendered:
                article, _ = written[number]
                kept[article] = _Kept(self._keep(one.body), one.pictures, one.card)
        for record in changed:
            self._note(record, kept.get(record.id), pages, year)

    def _note(self, record: Record, kept: _Kept | None, pages: Pages, year: int) -> None:
        shard = article_shard(record, year)
        path = f"{record.language}/{record.published.year:04d}/{record.id}.html"
        pages.articles[shard].append(path)
        if kept is None:
            page = self._keep(withdrawn_page(self._paper, record.language))
        else:
            page = kept.page
            self._cards[record.id] = kept.card
        pages.put[shard][path] = page
        pages.put[shard].update(kept.pictures if kept else ())
        pages.rendered.append(
            Rendered(id=record.id, revision=record.revision, page=page, entry=record.text)
        )

    def list_page(
        self, key: ListKey, number: int, listed: Sequence[tuple[int, Record]], pages: Pages
    ) -> None:
        language, slug = key
        section = self._section(key) if slug else None
        if slug and section is None:
            pages.gone.add(places.list_page(language, slug, number))
            return
        newest = number == page_number(self._material.lengths[key])
        cards = [self._card(record) for _, record in sorted(listed, key=_position, reverse=True)]
        body = list_page(self._paper, language, section, number, cards, newest=newest)
        path = places.list_page(language, slug, number)
        pages.put[list_shard(language, number)][path] = self._keep(body)

    def language(self, language: str, pages: Pages) -> None:
        put = pages.put["front"]
        self._fixed_pages(language, put)
        sections = self._sections(language)
        newest = self._material.newest[language, ""]
        cards = [self._card(record) for record in newest[:FRONT_CARDS]]
        length = self._material.lengths.get((language, ""), 0)
        spots = [places.front(language)]
        if language == self._paper.languages[0]:
            spots.append("index.html")
        for at in spots:
            count = page_number(length) if length else 0
            put[at] = self._keep(front(self._paper, language, cards, sections, count, at))
        self._section_fronts(language, sections, pages)
        self._feeds(language, newest, put)

    def _fixed_pages(self, language: str, put: dict[str, Stamp]) -> None:
        paper, material = self._paper, self._material
        put[places.withdrawn(language)] = self._keep(withdrawn_page(paper, language))
        put[places.safety(language)] = self._keep(safety_page(paper, language))
        put[places.check(language)] = self._keep(
            check_page(paper, language, material.root_words, material.root_id)
        )

    def _section_fronts(self, language: str, live: Sequence[Section], pages: Pages) -> None:
        slugs = {section.slug for section in live}
        for key, records in self._material.newest.items():
            if key[0] != language or not key[1]:
                continue
            path = places.section_front(language, key[1])
            section = self._section(key)
            if section is None or key[1] not in slugs:
                pages.gone.add(path)
                continue
            cards = [self._card(record) for record in records[:SECTION_CARDS]]
            count = page_number(self._material.lengths[key])
            body = section_front(self._paper, language, section, cards, count)
            pages.put["front"][path] = self._keep(body)

    def _feeds(self, language: str, newest: Sequence[Record], put: dict[str, Stamp]) -> None:
        entries: list[Entry] = []
        room = FEED_BYTES
        for record in newest[:FEED_ENTRIES]:
            entry = self._entry(record)
            room -= max(len(entry.atom), len(entry.rss), len(entry.json))
            if room < 0 and entries:
                break
            entries.append(entry)
        put[places.atom(language)] = self._keep(atom(self._paper, language, entries))
        put[places.rss(language)] = self._keep(rss(self._paper, language, entries))
        put[places.json_feed(language)] = self._keep(json_feed(self._paper, language, entries))

    def _sections(self, language: str) -> tuple[Section, ...]:
        cards = [self._card(record) for record in self._material.sections.get(language, ())]
        found = {c.section.slug: c.section for c in cards if c.section}
        return tuple(found[slug] for slug in sorted(found))

    def _section(self, key: ListKey) -> Section | None:
        language, slug = key
        return next((s for s in self._sections(language) if s.slug == slug), None)

    def _card(self, record: Record) -> Card:
        if record.id not in self._cards:
            if record.page is None or record.entry is None:
                raise ValueError(f"{record.id} was listed before it was rendered")
            article = decode(self._blobs.read(record.entry))
            self._cards[record.id] = card(article, record.page.length)
        return self._cards[record.id]

    def _entry(self, record: Record) -> Entry:
        if record.text is None:
            raise ValueError(f"{record.id} was withdrawn and stands in a feed")
        article = decode(self._blobs.read(record.text))
        in_atom, in_rss, in_json = entry_bytes(self._paper, article)
        return Entry(card=self._card(record), atom=in_atom, rss=in_rss, json=in_json)

    def _keep(self, body: bytes) -> Stamp:
        return Stamp(self._pen.write(body), len(body))


def _position(row: tuple[int, Record]) -> int:
    return row[0]
