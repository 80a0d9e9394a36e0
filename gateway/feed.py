"""A mailbox's feed as Atom, RSS and JSON Feed: the same entries in the same order. Pure.

Paged as RFC 5005 says: the current document bears the newest entries, archive documents bear the
rest and never change. A revision is a newer entry under the same id.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Literal, cast

from lxml import etree

from gateway.mailbox import Content
from tamizdat.moment import spelled

PAGE = 50
"""Entries of a document."""

Format = Literal["atom.xml", "rss.xml", "feed.json"]

MEDIA_TYPES: Mapping[Format, str] = {
    "atom.xml": "application/atom+xml",
    "rss.xml": "application/rss+xml",
    "feed.json": "application/feed+json",
}

_ATOM = "http://www.w3.org/2005/Atom"
_HISTORY = "http://purl.org/syndication/history/1.0"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_NAMES = cast("dict[str, str]", {None: _ATOM, "fh": _HISTORY})  # the stubs know no None
_CREATOR = "http://purl.org/dc/elements/1.1/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An entry of a document; `updated` is when it came."""

    content: Content
    id: str
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A page of a feed. `base` is the address of the feed, `/` last.

    `archive` is the number of an archive document, None for the current one; `before` is the
    number of the archive before it, None where it is the first.
    """

    base: str
    urn: str
    title: str
    updated: datetime
    entries: tuple[Shown, ...]
    archive: int | None
    before: int | None


def archives(count: int) -> int:
    """How many archive documents `count` entries fill."""
    return count // PAGE


def before_current(count: int) -> int | None:
    """The archive with the entries just before those of the current document."""
    return -(-(count - PAGE) // PAGE) if count > PAGE else None


def newest_of_each(entries: Sequence[Shown]) -> tuple[Shown, ...]:
    """Newest first, each id once, in its highest revision (entries come oldest first)."""
    last: dict[str, tuple[int, int]] = {}
    for place, one in enumerate(entries):
        last[one.id] = max(last.get(one.id, (0, 0)), (one.content.revision, place))
    shown = sorted((place for _, place in last.values()), reverse=True)
    return tuple(entries[place] for place in shown)


def render(document: Document, kind: Format) -> bytes:
    """The document's bytes: the same document gives the same bytes."""
    makers: Mapping[Format, Callable[[Document], bytes]] = {
        "atom.xml": _atom,
        "rss.xml": _rss,
        "feed.json": _json,
    }
    return makers[kind](document)


def _links(document: Document, kind: Format) -> list[tuple[str, str]]:
    here = f"archive/{document.archive}/{kind}" if document.archive else kind
    links = [("self", document.base + here)]
    if document.archive:
        links.append(("current", document.base + kind))
        links.append(("next-archive", f"{document.base}archive/{document.archive + 1}/{kind}"))
    if document.before:
        links.append(("prev-archive", f"{document.base}archive/{document.before}/{kind}"))
    return links


def _atom(document: Document) -> bytes:
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap=_NAMES)
    _add(feed, f"{{{_ATOM}}}id", document.urn)
    _add(feed, f"{{{_ATOM}}}title", document.title)
    _add(feed, f"{{{_ATOM}}}updated", spelled(document.updated))
    for rel, address in _links(document, "atom.xml"):
        etree.SubElement(feed, f"{{{_ATOM}}}link", {"rel": rel, "href": address})
    if document.archive:
        etree.SubElement(feed, f"{{{_HISTORY}}}archive")
    for one in document.entries:
        entry = etree.SubElement(feed, f"{{{_ATOM}}}entry")
        _add(entry, f"{{{_ATOM}}}id", one.id)
        _add(entry, f"{{{_ATOM}}}title", one.content.title)
        _add(entry, f"{{{_ATOM}}}published", spelled(one.content.published))
        _add(entry, f"{{{_ATOM}}}updated", spelled(one.updated))
        author = etree.SubElement(entry, f"{{{_ATOM}}}author")
        _add(author, f"{{{_ATOM}}}name", one.content.author or document.title)
        _add(entry, f"{{{_ATOM}}}content", one.content.html, {"type": "html"})
    return _spelled_out(feed)


def _rss(document: Document) -> bytes:
    names = {"atom": _ATOM, "fh": _HISTORY, "content": _CONTENT, "dc": _CREATOR}
    rss = etree.Element("rss", {"version": "2.0"}, nsmap=names)
    channel = etree.SubElement(rss, "channel")
    _add(channel, "title", document.title)
    _add(channel, "link", document.base + "rss.xml")
    _add(channel, "description", document.title)
    _add(channel, "lastBuildDate", format_datetime(document.updated))
    for rel, address in _links(document, "rss.xml"):
        etree.SubElement(channel, f"{{{_ATOM}}}link", {"rel": rel, "href": address})
    if document.archive:
        etree.SubElement(channel, f"{{{_HISTORY}}}archive")
    for one in document.entries:
        entry = etree.SubElement(channel, "item")
        _add(entry, "guid", one.id, {"isPermaLink": "false"})
        _add(entry, "title", one.content.title)
        _add(entry, "pubDate", format_datetime(one.content.published))
        _add(entry, f"{{{_CREATOR}}}creator", one.content.author or document.title)
        _add(entry, f"{{{_CONTENT}}}encoded", one.content.html)
    return _spelled_out(rss)


def _json(document: Document) -> bytes:
    links = dict(_links(document, "feed.json"))
    feed: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": document.title,
        "feed_url": links["self"],
        "items": [
            {
                "id": one.id,
                "title": one.content.title,
                "content_html": one.content.html,
                "date_published": spelled(one.content.published),
                "date_modified": spelled(one.updated),
                "authors": [{"name": one.content.author or document.title}],
            }
            for one in document.entries
        ],
    }
    if "prev-archive" in links:
        feed["next_url"] = links["prev-archive"]
    return (json.dumps(feed, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _add(
    parent: etree._Element, name: str, text: str, attributes: Mapping[str, str] | None = None
) -> None:
    etree.SubElement(parent, name, dict(attributes or {})).text = text


def _spelled_out(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="utf-8") + b"\n"
