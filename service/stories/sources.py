"""Sources: a path or address, opened as what it is said to be."""

import asyncio
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from feeds.incoming import Arrival, SetAside
from feeds.sources import docx, feed, fetch, folder, ghost, html, wordpress, wxr
from service.stories.web import Web
from tamizdat.errors import SourceError


class Kind(StrEnum):
    """What a source can be."""

    WXR = "wxr"
    WORDPRESS = "wordpress"
    GHOST = "ghost"
    FEED = "feed"
    HTML = "html"
    DOCX = "docx"
    FOLDER = "folder"


NEAR_ONLY = frozenset({Kind.DOCX, Kind.FOLDER})
"""They lie on this machine."""

AWAY_ONLY = frozenset({Kind.WORDPRESS})

_ENDINGS = {
    **dict.fromkeys((".html", ".htm", ".xhtml"), Kind.HTML),
    **dict.fromkeys((".md", ".markdown"), Kind.FOLDER),
    **dict.fromkeys((*docx.SUFFIXES, *docx.OTHERS), Kind.DOCX),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be brought in: a path or an address, and what is told about it.

    `site` is the address of the site that a file comes from; `key` opens Ghost's Content API. Of a
    site that tells page by page, `pages` is how many are asked for, the newest first.
    """

    kind: Kind
    place: str
    site: str | None = None
    key: str | None = None
    pages: int | None = None


def kind_of(path: Path) -> Kind | None:
    """What a file with this name is read as; what can only be set aside says so when it is read."""
    return _ENDINGS.get(path.suffix.lower())


def arrivals(wanted: Wanted, web: Web) -> Iterator[Arrival]:
    """What lies there, one by one; to be read in a thread beside the loop.

    Raises SourceError, once it is read, where it cannot be opened at all.
    """
    if fetch.is_address(wanted.place):
        yield from _away(wanted, web)
        return
    path = Path(wanted.place)
    if not path.exists():
        raise SourceError(f"{wanted.place}: is not there")
    if wanted.kind in AWAY_ONLY:
        raise SourceError(f"{wanted.place}: name the address of a site, such as https://site/")
    yield from _NEAR[wanted.kind](path, wanted)


async def incoming(kind: Kind, source: str, *, allow_private: bool) -> Iterable[Arrival]:
    """The same for who waits on the loop, all of it at once; for single files."""
    web = Web(loop=asyncio.get_running_loop(), allow_private=allow_private)
    wanted = Wanted(kind=kind, place=source)
    return await asyncio.to_thread(lambda: list(arrivals(wanted, web)))


def _away(wanted: Wanted, web: Web) -> Iterable[Arrival]:
    if wanted.kind in NEAR_ONLY:
        raise SourceError(f"{wanted.place}: {wanted.kind.value} is a path here, not an address")
    if wanted.kind is Kind.WORDPRESS:
        return _wordpress(wanted, web)
    if wanted.kind is Kind.GHOST:
        return _ghost(wanted, web)
    got = web.fetched(wanted.place)
    return told(wanted, got)


def told(wanted: Wanted, got: fetch.Fetched) -> Iterable[Arrival]:
    """What one answer of the web holds."""
    if wanted.kind is Kind.FEED:
        return feed.read(got.body, address=got.address)
    if wanted.kind is Kind.WXR:
        return wxr.read(io.BytesIO(got.body))
    return iter([html.page(got.body, key=wanted.place, address=got.address, told=got.charset)])


def _wordpress(wanted: Wanted, web: Web) -> Iterator[Arrival]:
    pretty = True
    for kind in wordpress.TYPES:
        last = wanted.pages or wordpress.MAX_PAGES
        number = 0
        while number < last:
            number += 1
            place = wordpress.place(wanted.place, kind, number, pretty=pretty)
            try:
                got = web.fetched(place)
                found = list(wordpress.read(got.body))
            except SourceError as error:
                if number == 1 and kind == wordpress.TYPES[0]:
                    if not pretty:
                        raise
                    pretty, number = False, 0
                    continue
                yield SetAside(
                    kind=Kind.WORDPRESS, label=f"page {number} of {kind}", reason=str(error)
                )
                break
            yield from found
            last = min(last, got.pages)


def _ghost(wanted: Wanted, web: Web) -> Iterator[Arrival]:
    if wanted.key is None:
        raise SourceError("ghost: name a file with the Content API key of the site (--key-file)")
    for kind in ghost.TYPES:
        for number in range(1, (wanted.pages or ghost.MAX_PAGES) + 1):
            try:
                got = web.fetched(ghost.place(wanted.place, kind, number, wanted.key))
                found, follows = ghost.page(got.body, kind)
            except SourceError as error:
                if number == 1 and kind == ghost.TYPES[0]:
                    raise
                yield SetAside(kind=Kind.GHOST, label=f"page {number} of {kind}", reason=str(error))
                break
            yield from found
            if not follows:
                break


def _wxr(path: Path, _: Wanted) -> Iterator[Arrival]:
    try:
        stream = path.open("rb")
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from error
    with stream:
        yield from wxr.read(stream)


def _bytes(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(limit + 1)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})") from error
    if len(body) > limit:
        raise SourceError(f"{path}: is over {limit // 1024**2} MB")
    return body


_NEAR: dict[Kind, Callable[[Path, Wanted], Iterable[Arrival]]] = {
    Kind.WXR: _wxr,
    Kind.GHOST: lambda path, it: ghost.read(_bytes(path, ghost.MAX_FILE), site=it.site),
    Kind.FEED: lambda path, _: feed.read(_bytes(path, feed.MAX_BYTES)),
    Kind.HTML: lambda path, _: html.read(path),
    Kind.DOCX: lambda path, _: docx.read(path),
    Kind.FOLDER: lambda path, _: folder.read(path),
}
