"""A WordPress export (WXR 1.0 to 1.2), read as a stream: posts and pages, never comments.

Expat reads it rather than lxml: it hands out a long text piece by piece, so one post beyond every
limit costs no memory and does not end the import (libxml2 refuses the whole file there).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO
from urllib.parse import unquote
from xml.parsers import expat  # a DOCTYPE, and with it every entity, is refused

from feeds.incoming import Arrival, Incoming, SetAside
from feeds.letters import cut, line
from feeds.soup import plain
from feeds.sources import dates
from feeds.sources.paragraphs import paragraphed
from feeds.sources.shortcodes import without
from tamizdat.errors import SourceError

KIND = "wxr"
MAX_FILE = 512 * 1024 * 1024
MAX_TEXT = 20 * 1024 * 1024
"""Characters of one post, all its fields together."""
MAX_TOKEN = 4 * 1024 * 1024
"""Bytes of one tag or comment."""
MAX_AUTHORS = 10_000
MAX_FIELDS = 2_000
"""Categories and custom fields of one post."""

_CHUNK = 64 * 1024
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\r")
_REFERENCE = re.compile(rb"(\]?)&#(?:[xX]([0-9A-Fa-f]{1,32})|([0-9]{1,32}));")
_NO_LETTER = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]?|\xef\xbf[\xbe\xbf]")
"""Surrogates and U+FFFE, U+FFFF as UTF-8 would spell them."""
_UNDECIDED = re.compile(rb"(?:\]?(?:&(?:#[0-9A-Za-z]{0,33})?)?|\xed[\xa0-\xbf]?|\xef\xbf?)\Z")
"""The end of a chunk that the next one may turn into either of them."""
_UNDECIDED_MOST = 40
_ENCODING = re.compile(rb"""<\?xml[^>]{0,100}encoding\s*=\s*["']([\w.-]+)""")
_LEGAL = ((9, 10, 13), range(0x20, 0xD800), range(0xE000, 0xFFFE), range(0x10000, 0x110000))
_MAX_LABEL = 40
_TAKEN_TYPES = frozenset({"post", "page"})
_IGNORED_TYPES = frozenset(
    str.split(
        "attachment nav_menu_item revision custom_css customize_changeset oembed_cache user_request"
        " wp_block wp_template wp_template_part wp_global_styles wp_navigation wp_font_family"
        " wp_font_face feedback acf-field acf-field-group"
    )
)
_LANGUAGE_FIELDS = frozenset(
    {"_wpml_language", "_wpml_import_language_code", "_icl_lang", "_locale"}
)
_FIELDS = {
    "title": "title",
    "link": "link",
    "guid": "guid",
    "pubDate": "pub_date",
    "creator": "creator",
    "content:encoded": "content",
    "excerpt:encoded": "excerpt",
    "post_id": "post_id",
    "post_date": "post_date",
    "post_date_gmt": "post_date_gmt",
    "post_modified_gmt": "modified_gmt",
    "status": "status",
    "post_type": "post_type",
    "post_password": "password",
}


@dataclass(slots=True)
class _Post:
    """An `<item>` while it is read."""

    number: int
    text: dict[str, str] = field(default_factory=dict)
    categories: list[tuple[str, str, str]] = field(default_factory=list)
    language: str | None = None
    length: int = 0


def read(stream: BinaryIO) -> Iterator[Arrival]:
    """The articles of the export in `stream`, in its order.

    What is no published post or page is set aside with its status. Where the file breaks, what
    was whole before comes, then a SetAside that tells the line. Raises SourceError for what is no
    export at all, is over MAX_FILE bytes or declares a document type.
    """
    export = _Export()
    total = 0
    while chunk := stream.read(_CHUNK):
        total += len(chunk)
        if total > MAX_FILE:
            raise SourceError(
                f"export is over {MAX_FILE // 1024**2} MB: export fewer posts at once"
            )
        broken = export.feed(chunk)
        yield from export.arrivals()
        if broken:
            yield broken
            return
    if broken := export.close():
        yield broken


class _Mender:
    """The bytes without the characters that XML forbids: one would end the import."""

    def __init__(self) -> None:
        self._tail = b""
        self._begun = self._utf16 = False
        self._utf8 = True

    def mended(self, chunk: bytes) -> bytes:
        """What is certain of the stream up to the end of `chunk`."""
        if not self._begun:
            self._begun = True
            self._utf16 = chunk[:2] in {b"\xff\xfe", b"\xfe\xff"}
            told = _ENCODING.search(chunk[:200])
            self._utf8 = told is None or told.group(1).lower() in {b"utf-8", b"utf8"}
        if self._utf16:
            return chunk
        chunk = self._tail + chunk.translate(None, _CONTROL)
        hit = _UNDECIDED.search(chunk, max(0, len(chunk) - _UNDECIDED_MOST))
        end = hit.start() if hit else len(chunk)
        self._tail = chunk[end:]
        return self._legal(chunk[:end])

    def rest(self) -> bytes:
        """What was held back, now that nothing follows."""
        tail, self._tail = self._tail, b""
        return self._legal(tail)

    def _legal(self, text: bytes) -> bytes:
        if self._utf8:
            text = _NO_LETTER.sub("\ufffd".encode(), text)
        return _REFERENCE.sub(_settled, text)


def _settled(hit: re.Match[bytes]) -> bytes:
    """The reference as it stands, or nothing where XML forbids its character."""
    bracket, sixteen, ten = hit.groups()
    code = int(sixteen, 16) if sixteen else int(ten)
    if any(code in legal for legal in _LEGAL):
        return hit.group()
    # Between `]]` and `>` something must stay, or a reader's comment could leave its CDATA.
    return b"]&#xFFFD;" if bracket else b""


class _Export:
    """The parser's listener: gathers one post at a time and never more than its limit."""

    def __init__(self) -> None:
        self._language: str | None = None
        self._authors: dict[str, str] = {}
        self._post: _Post | None = None
        self._ready: list[Arrival] = []
        self._path: list[str] = []
        self._pieces: list[str] = []
        self._attributes: dict[str, str] = {}
        self._named: dict[str, str] = {}
        self._count = 0
        self._is_export = False
        self._mender = _Mender()
        self._fed = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes) -> SetAside | None:
        """Read on; the SetAside tells where the file broke."""
        chunk = self._mender.mended(chunk)
        try:
            self._parser.Parse(chunk, False)  # noqa: FBT003 - expat takes no name here
        except expat.ExpatError as error:
            return self._broken(error)
        self._fed += len(chunk)
        if self._fed - max(self._parser.CurrentByteIndex, 0) > MAX_TOKEN:
            return SetAside(
                kind=KIND,
                label=f"line {self._parser.CurrentLineNumber}",
                reason=f"a tag or comment is over {MAX_TOKEN // 1024**2} MB; all before was read",
            )
        return None

    def close(self) -> SetAside | None:
        """The end of the file has come."""
        try:
            self._parser.Parse(self._mender.rest(), True)  # noqa: FBT003
        except expat.ExpatError as error:
            return self._broken(error)
        if not self._is_export:
            raise SourceError("file is no WordPress export (found no <rss> with a <channel>)")
        return None

    def arrivals(self) -> Iterator[Arrival]:
        """The posts that became whole since the last call."""
        ready, self._ready = self._ready, []
        yield from ready

    def _broken(self, error: expat.ExpatError) -> SetAside:
        if not self._is_export:
            raise SourceError(f"file is no WordPress export (no XML at line {error.lineno})")
        return SetAside(
            kind=KIND,
            label=f"line {error.lineno}",
            reason=f"the file breaks at line {error.lineno} ({expat.ErrorString(error.code)});"
            f" {self._count} whole items came before",
        )

    def _doctype(self, *_: object) -> None:
        raise SourceError("export declares a document type, which WordPress never does")  # bombs

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        short = _short(name)
        self._path.append(short)
        self._pieces = []
        self._attributes = attributes
        self._is_export = self._is_export or self._path == ["rss", "channel"]
        if self._path == ["rss", "channel", "item"]:
            self._post = _Post(number=self._count + 1)
        elif short == "author" and len(self._path) == 3:  # noqa: PLR2004 - rss, channel, author
            self._named = {}

    def _data(self, text: str) -> None:
        if self._post is None:
            self._pieces = [*self._pieces, text[:1000]][:10]
            return
        if self._path[3:4] == ["comment"]:
            return
        self._post.length += len(text)
        if self._post.length <= MAX_TEXT:
            self._pieces.append(text)
        else:
            self._pieces = []

    def _end(self, name: str) -> None:
        text = "".join(self._pieces)
        depth, short = len(self._path), _short(name)
        if self._post is not None and depth > 3:  # noqa: PLR2004 - within rss, channel, item
            self._field(self._post, short, text)
        elif self._post is not None and depth == 3:  # noqa: PLR2004
            self._finish(self._post)
        elif self._path == ["rss", "channel", "language"]:
            self._language = text.strip() or None
        elif self._path[2:3] == ["author"]:
            self._author(short, text)
        self._pieces = []
        self._path.pop()

    def _author(self, short: str, text: str) -> None:
        self._named[short] = text.strip()
        if short == "author" and len(self._authors) < MAX_AUTHORS:
            login = self._named.get("author_login", "")
            self._authors[login] = self._named.get("author_display_name", "")

    def _field(self, post: _Post, short: str, text: str) -> None:
        if self._path[3:] == ["category"] and len(post.categories) < MAX_FIELDS:
            domain = self._attributes.get("domain", "category")
            post.categories.append((domain, self._attributes.get("nicename", ""), text))
        elif self._path[3:] == ["postmeta", "meta_key"]:
            self._named["meta_key"] = text.strip()
        elif self._path[3:] == ["postmeta", "meta_value"]:
            if self._named.pop("meta_key", "") in _LANGUAGE_FIELDS and text.strip():
                post.language = text.strip()[:40]
        elif len(self._path) == 4 and short in _FIELDS:  # noqa: PLR2004 - directly in the item
            post.text[_FIELDS[short]] = text

    def _finish(self, post: _Post) -> None:
        self._post = None
        self._count += 1
        label = _label(post)
        if post.length > MAX_TEXT:
            reason = f"is over {MAX_TEXT // 1024**2} million characters: shorten it"
        elif (kind := post.text.get("post_type", "post").strip()) in _IGNORED_TYPES:
            return
        elif kind not in _TAKEN_TYPES:
            reason = f"is of type {kind[:40]!r}, not a post or a page"
        elif (status := post.text.get("status", "publish").strip()) != "publish":
            reason = status[:40] or "no status"
        elif post.text.get("password", "").strip():
            reason = "protected by a password"
        else:
            try:
                self._ready.append(_incoming(post, self._authors, self._language))
            except SourceError as error:
                self._ready.append(SetAside(kind=KIND, label=label, reason=str(error)))
            return
        self._ready.append(SetAside(kind=KIND, label=label, reason=reason))


def _short(name: str) -> str:
    """The name without its namespace, but for the two that are both called `encoded`."""
    space, _, short = name.rpartition(" ")
    if short != "encoded":
        return short
    return "excerpt:encoded" if "excerpt" in space else "content:encoded"


def _label(post: _Post) -> str:
    """The number of the item and, where it has one, how its title begins."""
    title = cut(plain(post.text.get("title", "")[: _MAX_LABEL * 10]), _MAX_LABEL)
    return f'item {post.number} "{title}"' if title else f"item {post.number}"


def _incoming(post: _Post, authors: dict[str, str], language: str | None) -> Incoming:
    told = post.text
    link = told.get("link", "").strip()
    key = told.get("guid", "").strip() or link or told.get("post_id", "").strip()
    if not key:
        raise SourceError("has no guid, link or number to be known by")
    sections = [c for c in post.categories if c[0] == "category" and c[1] != "uncategorized"]
    tags = [c for c in post.categories if c[0] in {"post_tag", "tag"}] + sections[1:]
    spoken = next((c[1] for c in post.categories if c[0] == "language" and c[1]), None)
    published = _published(told)
    updated = _wordpress(told.get("modified_gmt", ""))
    return Incoming(
        kind=KIND,
        key=key,
        title=plain(told.get("title", "")),
        html=paragraphed(without(told.get("content", ""))),
        language=post.language or spoken or language,
        published=published,
        updated=updated,
        authors=_authors(told.get("creator", "").strip(), authors),
        section_name=plain(sections[0][2]) if sections else None,
        section_slug=unquote(sections[0][1]) or None if sections else None,
        tags=tuple(dict.fromkeys(plain(c[2]) for c in tags)),
        summary=plain(without(told.get("excerpt", ""))),
        base=link if link.startswith(("http://", "https://")) else None,
    )


def _authors(login: str, known: dict[str, str]) -> tuple[str, ...]:
    """The name shown for `login`; an account's name is shown only by exports that list no names."""
    name = known.get(login, "") if known else login
    return (line(name),) if name.strip() else ()


def _published(told: dict[str, str]) -> datetime | None:
    return (
        _wordpress(told.get("post_date_gmt", ""))
        or dates.mail(told.get("pub_date", ""))
        or _wordpress(told.get("post_date", ""))
    )


def _wordpress(text: str) -> datetime | None:
    """WordPress writes `0000-00-00 00:00:00` for a date that it does not know."""
    return None if text.startswith("0000") else dates.iso(text)
