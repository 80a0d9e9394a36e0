"""A gateway's feed, read as any feed reader reads it: Atom or RSS, one request."""

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from lxml import etree

from tamizdat.errors import SourceError
from tamizdat.letter import Entry, FeedPage

SECONDS = 30
MAX_FEED = 8 * 1024 * 1024
"""Bytes of a feed; gateways keep half a million characters."""

MAX_ENTRIES = 2000
MAX_ID = 500
MAX_TAG = 500
"""Characters of what a gateway lets us say with the next request."""

_ATOM = "{http://www.w3.org/2005/Atom}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_OK, _SAME = 200, 304
_HEADERS = {"User-Agent": "Mozilla/5.0", "Accept": "application/atom+xml, application/rss+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """The last answer, for a conditional request."""

    tags: Mapping[str, str]
    page: FeedPage


class ForeignFeed:
    """The feed at one address, which is a secret and never logged."""

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self._address = address
        self._session = session
        self._kept: _Kept | None = None

    async def read(self) -> FeedPage | None:
        """The whole feed as it stands; None where it cannot be had or read."""
        tags = self._kept.tags if self._kept else {}
        try:
            async with self._session.get(
                self._address,
                headers={**_HEADERS, **tags},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=SECONDS),
            ) as response:
                if response.status == _SAME and self._kept:
                    return self._kept.page
                if response.status != _OK:
                    return None
                page = parse(await _bounded(response))
        except (aiohttp.ClientError, OSError, TimeoutError, SourceError):
            return None
        found = {
            "If-None-Match": response.headers.get("ETag"),
            "If-Modified-Since": response.headers.get("Last-Modified"),
        }
        known = {name: value for name, value in found.items() if value and _is_plain(value)}
        self._kept = _Kept(tags=known, page=page) if known else None
        return page


def parse(body: bytes) -> FeedPage:
    """The entries of an Atom or RSS feed; SourceError where `body` is neither."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError("the gateway's feed is no XML") from error
    if root.tag == f"{_ATOM}feed":
        entries = [_atom(one) for one in root.iterfind(f"{_ATOM}entry")]
    elif root.tag == "rss":
        entries = [_rss(one) for one in root.iterfind("channel/item")]
    else:
        raise SourceError("the gateway's feed is neither Atom nor RSS")
    return FeedPage(entries=tuple(entries[:MAX_ENTRIES]))


def _is_plain(value: str) -> bool:
    """Whether it may stand in a header of ours: aiohttp raises ValueError for control characters.

    A gateway could end the whole service by them.
    """
    return len(value) <= MAX_TAG and value.isascii() and value.isprintable()


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    found = bytearray()
    async for piece in response.content.iter_any():
        found += piece
        if len(found) > MAX_FEED:
            raise SourceError(f"the gateway's feed is over {MAX_FEED} bytes")
    return bytes(found)


def _atom(entry: etree._Element) -> Entry:
    content = entry.find(f"{_ATOM}content")
    if content is None:
        content = entry.find(f"{_ATOM}summary")
    return Entry(
        id=_text(entry.find(f"{_ATOM}id"))[:MAX_ID],
        title=_text(entry.find(f"{_ATOM}title")),
        html="" if content is None else _html(content),
    )


def _rss(item: etree._Element) -> Entry:
    content = item.find(_CONTENT)
    if content is None:
        content = item.find("description")
    return Entry(
        id=_text(item.find("guid"))[:MAX_ID], title=_text(item.find("title")), html=_text(content)
    )


def _html(content: etree._Element) -> str:
    """The content of Atom as HTML; its XHTML form is spelled out again."""
    if content.get("type") != "xhtml":
        return _text(content)
    inner = "".join(
        etree.tostring(child, encoding="unicode", method="html", with_tail=True)
        for child in content
    )
    return (content.text or "") + inner


def _text(element: etree._Element | None) -> str:
    return "" if element is None else "".join(str(piece) for piece in element.itertext())
