"""A feed of another site (RSS, Atom, JSON Feed), read for the articles in it."""

import json
from calendar import timegm
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import feedparser

from feeds.incoming import Arrival, Incoming, SetAside
from feeds.letters import line
from feeds.soup import plain
from feeds.sources import dates
from tamizdat.errors import SourceError

KIND = "feed"
MAX_BYTES = 16 * 1024 * 1024
MAX_ENTRIES = 5000
MAX_TEXT = 5 * 1024 * 1024
"""Characters of one entry."""
_JSON_FEED = "https://jsonfeed.org/version/1"
_Object = Mapping[str, object]


def read(body: bytes, *, address: str | None = None) -> Iterator[Arrival]:
    """The articles of the feed in `body`, found at `address` if any, in its order.

    An entry is known by its id or guid, else by its link. Raises SourceError where `body` is no
    feed, or is over MAX_BYTES.
    """
    if len(body) > MAX_BYTES:
        raise SourceError(f"feed is over {MAX_BYTES // 1024**2} MB")
    is_json = body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"
    entries = _json_entries(body) if is_json else _xml_entries(body, address)
    known: set[str] = set()
    for number, entry in enumerate(entries, 1):
        if number > MAX_ENTRIES:
            reason = f"comes after {MAX_ENTRIES} others: import the rest from the site's export"
            yield SetAside(kind=KIND, label=f"entry {number}", reason=reason)
            return
        if isinstance(entry, str):
            yield SetAside(kind=KIND, label=f"entry {number}", reason=entry)
        elif entry.key in known:
            reason = "has the same id as an entry before it"
            yield SetAside(kind=KIND, label=f"entry {number}", reason=reason)
        elif len(entry.html) > MAX_TEXT:
            reason = f"is over {MAX_TEXT // 1024**2} million characters"
            yield SetAside(kind=KIND, label=f"entry {number}", reason=reason)
        else:
            known.add(entry.key)
            yield entry


def _xml_entries(body: bytes, address: str | None) -> Iterator[Incoming | str]:
    """Each entry, or why it cannot be taken."""
    found = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    if not found.get("version") and not found.get("entries"):
        raise SourceError("what came is no RSS, Atom or JSON Feed")
    language = _text(found.feed, "language") or None
    site = _web(_text(found.feed, "link")) or address
    for entry in found.entries:
        key = _text(entry, "id") or _text(entry, "link")
        yield _entry(entry, key, language, site) if key else "has no id and no link to be known by"


def _entry(entry: Any, key: str, language: str | None, site: str | None) -> Incoming:  # noqa: ANN401
    content = max(entry.get("content") or [{}], key=lambda one: len(_text(one, "value")))
    summary = _text(entry, "summary")
    html = _text(content, "value")
    described = _markup(entry.get("summary_detail") or {}) or summary
    people = entry.get("authors") or []
    return Incoming(
        kind=KIND,
        key=key,
        title=_title(entry.get("title_detail") or {}),
        html=_markup(content) if html else described,
        language=_text(content, "language") or _text(entry, "language") or language,
        published=_when(entry, "published_parsed") or _when(entry, "updated_parsed"),
        updated=_when(entry, "updated_parsed"),
        authors=tuple(line(_text(one, "name")) for one in people if _text(one, "name")),
        tags=tuple(line(_text(one, "term")) for one in entry.get("tags") or []),
        summary=plain(summary) if html and html != summary else "",
        base=_web(_text(content, "base")) or _web(_text(entry, "link")) or site,
    )


def _markup(detail: Any) -> str:  # noqa: ANN401 - feedparser's own dictionary
    """The HTML of a part; text that says it is plain becomes paragraphs."""
    value = _text(detail, "value")
    return _paragraphs(value) if detail.get("type") == "text/plain" else value


def _title(detail: Any) -> str:  # noqa: ANN401
    value = _text(detail, "value")
    return line(value) if detail.get("type") == "text/plain" and "&" not in value else plain(value)


def _json_entries(body: bytes) -> Iterator[Incoming | str]:
    try:
        feed = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceError("what came is no RSS, Atom or JSON Feed") from error
    version = feed.get("version") if isinstance(feed, dict) else None
    if not isinstance(version, str) or not version.startswith(_JSON_FEED):
        raise SourceError("what came is JSON, but no JSON Feed")
    items = feed.get("items")
    for entry in items if isinstance(items, list) else []:
        key = (_text(entry, "id") or _text(entry, "url")) if isinstance(entry, dict) else ""
        yield _json_entry(entry, key, feed) if key else "has no id and no url to be known by"


def _json_entry(entry: _Object, key: str, feed: _Object) -> Incoming:
    people = entry.get("authors") or [entry.get("author")]
    people = people if isinstance(people, list) else []
    tags = entry.get("tags")
    published = dates.iso(_text(entry, "date_published"))
    return Incoming(
        kind=KIND,
        key=key,
        title=line(_text(entry, "title")),
        html=_text(entry, "content_html") or _paragraphs(_text(entry, "content_text")),
        language=_text(entry, "language") or _text(feed, "language") or None,
        published=published,
        updated=dates.iso(_text(entry, "date_modified")),
        authors=tuple(line(_text(one, "name")) for one in people if isinstance(one, dict)),
        tags=tuple(line(one) for one in tags if isinstance(one, str))
        if isinstance(tags, list)
        else (),
        summary=line(_text(entry, "summary")),
        base=_web(_text(entry, "url")) or _web(_text(feed, "home_page_url")),
    )


def _paragraphs(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"<p>{one}</p>" for one in escaped.split("\n\n") if one.strip())


def _text(part: Any, name: str) -> str:  # noqa: ANN401 - a stranger's dictionary
    """The field as text, empty where it is missing or something else."""
    value = part.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # JSON Feed ids may be numbers
    return value.strip() if isinstance(value, str) else ""


def _when(entry: dict[str, Any], name: str) -> datetime | None:
    """The moment in nine numbers, in UTC, as feedparser gives it."""
    parsed = dict.get(entry, name)  # its own `get` gives one date for another
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _web(text: str) -> str | None:
    return text if text.startswith(("http://", "https://")) else None
