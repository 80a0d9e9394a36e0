"""Syndication: Atom, RSS and JSON feeds. The home of feedgen.

Each article becomes an entry once, in three spellings; a feed is a head, cached entries, a tail.
feedgen 1.0.0 writes Atom links without rel, type and hreflang; `_Ours` writes them again.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Lock

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from feeds import places
from feeds.figures import feed_image, placed
from feeds.letters import legal, line
from feeds.paper import Entry, Paper
from feeds.plain import brief, headline, led
from feeds.words import words_of
from tamizdat.article import Article, ArticleId, urn
from tamizdat.language import direction
from tamizdat.moment import spelled
from tamizdat.paths import PLACEHOLDER

EMPTY = datetime(2000, 1, 1, tzinfo=UTC)
"""What a feed without entries says it was updated at."""

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_JSON_FEED = "https://jsonfeed.org/version/1.1"
_LOCALE = Lock()  # feedgen sets the locale of the whole process while it spells a date for RSS


def entry_bytes(paper: Paper, article: Article) -> tuple[bytes, bytes, bytes]:
    """The article as an Atom entry, an RSS item and a JSON Feed item, to be kept and spliced.

    All addresses are absolute under the placeholder (formats 3.9); all times are UTC.
    """
    html = content(article)
    entry = _entry(article, html)
    with _LOCALE:
        in_atom, in_rss = entry.atom_entry(), entry.rss_entry()
    return _spelled_atom(in_atom), _spelled_rss(in_rss), _item(paper, article, html)


def atom(paper: Paper, language: str, entries: Sequence[Entry]) -> bytes:
    """The Atom 1.0 feed of a language; `entries` newest first."""
    head = _head(paper, language, entries, places.atom(language), "application/atom+xml")
    with _LOCALE:
        body: bytes = head.atom_str()
    return _spliced(body, b"</feed>", [entry.atom for entry in entries])


def rss(paper: Paper, language: str, entries: Sequence[Entry]) -> bytes:
    """The RSS 2.0 feed of a language; `entries` newest first."""
    head = _head(paper, language, entries, places.rss(language), "application/rss+xml")
    with _LOCALE:
        body: bytes = head.rss_str()
    return _spliced(body, b"</channel></rss>", [entry.rss for entry in entries])


def json_feed(paper: Paper, language: str, entries: Sequence[Entry]) -> bytes:
    """The JSON Feed 1.1 of a language; `entries` newest first."""
    head = {
        "version": _JSON_FEED,
        "title": line(paper.name),
        "description": _about(paper, language),
        "home_page_url": PLACEHOLDER + places.front(language),
        "feed_url": PLACEHOLDER + places.json_feed(language),
        "language": spoken(language),
        "authors": [{"name": line(paper.name)}],
        "items": [],
    }
    return _spliced(_json(head) + b"\n", b"]}\n", [entry.json for entry in entries], b",")


_MACROLANGUAGES = {
    # ISO 639-3 macrolanguage mappings; many feed readers know two letters only
    "arb": "ar",
    "azb": "az",
    "azj": "az",
    "ckb": "ku",
    "cmn": "zh",
    "kmr": "ku",
    "pbt": "ps",
    "pes": "fa",
    "prs": "fa",
    "sdh": "ku",
    "uzn": "uz",
    "yue": "zh",
}


class _Ours(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """Mends an entry: its link, its language, its authors in RSS."""

    language = ""
    address = ""
    creators: tuple[str, ...] = ()

    def extend_ns(self) -> dict[str, str]:
        return {"dc": _DC}

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        entry.set(_LANG, self.language)
        for link in entry.findall("link"):
            entry.remove(link)
        link = etree.SubElement(entry, "link", rel="alternate", type="text/html")
        link.set("href", self.address)
        link.set("hreflang", self.language)
        return entry

    def extend_rss(self, entry: etree._Element) -> etree._Element:
        for name in self.creators:
            etree.SubElement(entry, f"{{{_DC}}}creator").text = name
        return entry


class _Spaces(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """Names the namespaces that items use, at the top of the feed."""

    def extend_ns(self) -> dict[str, str]:
        return {"dc": _DC}


def spoken(language: str) -> str:
    """The tag as feed readers know it: a language of ISO 639-3 alone under its macrolanguage.

    The content's own `lang` stays exact.
    """
    first, _, rest = language.partition("-")
    return "-".join(filter(None, (_MACROLANGUAGES.get(first, first), rest)))


def _entry(article: Article, html: str) -> FeedEntry:
    entry = FeedEntry()
    entry.id(article.urn)
    entry.title(led(headline(article), article.language))
    entry.link(href=PLACEHOLDER + article.path, rel="alternate")
    entry.published(article.published)
    entry.updated(article.updated)
    names = [name for name in map(line, article.authors) if name]
    for name in names:
        entry.author({"name": name})
    for label in _labels(article):
        entry.category({"term": label})
    # an RSS item has its text in content:encoded only where it has a description too
    entry.summary(brief(article) or headline(article))
    entry.content(html, type="html")
    entry.register_extension("ours", _Ours)
    entry.ours.language = spoken(article.language)
    entry.ours.address = PLACEHOLDER + article.path
    entry.ours.creators = tuple(names)
    return entry


def _item(paper: Paper, article: Article, html: str) -> bytes:
    names = [name for name in map(line, article.authors) if name] or [line(paper.name)]
    return _json(
        {
            "id": article.urn,
            "url": PLACEHOLDER + article.path,
            "title": led(headline(article), article.language),
            "content_html": html,
            "summary": brief(article) or headline(article),
            "date_published": spelled(article.published),
            "date_modified": spelled(article.updated),
            "authors": [{"name": name} for name in names],
            "tags": _labels(article),
            "language": spoken(article.language),
        }
    )


def content(article: Article) -> str:
    """The text in a `div` that keeps its direction, for readers that ignore `xml:lang`."""
    text = placed(article, lambda picture: feed_image(picture, PLACEHOLDER + picture.path))
    turn = direction(article.language)
    return legal(f'<div dir="{turn}" lang="{article.language}">{text}</div>')


def _labels(article: Article) -> list[str]:
    names = [article.section.name] if article.section else []
    return list(dict.fromkeys(filter(None, map(line, [*names, *article.tags]))))


def _head(
    paper: Paper, language: str, entries: Sequence[Entry], path: str, media_type: str
) -> FeedGenerator:
    front, tag = PLACEHOLDER + places.front(language), spoken(language)
    head = FeedGenerator()
    head.register_extension("spaces", _Spaces, atom=False)
    head.id(urn(ArticleId(f"{paper.channel}/{language}")))
    head.title(line(paper.name))
    head.description(_about(paper, language))
    head.author({"name": line(paper.name)})
    # feedgen takes the address of an RSS channel from the link that comes last
    head.link(href=PLACEHOLDER + path, rel="self", type=media_type, hreflang=tag)
    head.link(href=front, rel="alternate", type="text/html", hreflang=tag)
    head.language(tag)
    updated = max((entry.card.updated for entry in entries), default=EMPTY)
    head.updated(updated)
    head.lastBuildDate(updated)
    head.generator("")
    head.docs("")
    return head


def _about(paper: Paper, language: str) -> str:
    """What the feed is, and the ways to us that last: a reader keeps it when its mirror is gone."""
    words = words_of(language)
    about = line(paper.name) if words.borrowed else words.texts["feed_about"]
    lasting = {"mail": paper.mail, "onion": paper.onion, "messenger": paper.messenger}
    ways = [f"{words.texts[name]}: {line(way)}" for name, way in lasting.items() if way]
    return words.between.join((about, *ways))


def _spelled_atom(entry: etree._Element) -> bytes:
    return etree.tostring(entry, encoding="utf-8")


def _spelled_rss(item: etree._Element) -> bytes:
    """The item alone, its prefixes those that `_head` declares."""
    spaces = {"dc": _DC, "atom": _ATOM, "content": _CONTENT}
    root = etree.Element("rss", nsmap=spaces)
    root.append(item)
    body = etree.tostring(item, encoding="utf-8")
    start, end, rest = body.partition(b">")
    return start.split(b" ", 1)[0] + end + rest


def _spliced(head: bytes, tail: bytes, entries: Sequence[bytes], between: bytes = b"") -> bytes:
    if not head.endswith(tail):
        raise ValueError(f"a feed ends with {tail!r}")
    return head.removesuffix(tail) + between.join(entries) + tail


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
