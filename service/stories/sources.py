"""Sources: a path or address, opened as what it is said to be."""

import asyncio
import io
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

from feeds.incoming import Arrival
from feeds.sources import feed, fetch, folder, html, wxr
from tamizdat.errors import SourceError


class Kind(StrEnum):
    """What a source can be."""

    WXR = "wxr"
    HTML = "html"
    FEED = "feed"
    FOLDER = "folder"


async def incoming(kind: Kind, source: str, *, allow_private: bool) -> Iterable[Arrival]:
    """What `source` holds, one by one. SourceError where it cannot be opened at all."""
    if fetch.is_address(source):
        return await _from_web(kind, source, allow_private=allow_private)
    path = Path(source)
    if not await asyncio.to_thread(path.exists):
        raise SourceError(f"{source}: is not there")
    if kind is Kind.WXR:
        return _wxr(path)
    if kind is Kind.FEED:
        return feed.read(await asyncio.to_thread(_bytes, path, fetch.MAX_BYTES))
    return html.read(path) if kind is Kind.HTML else folder.read(path)


async def _from_web(kind: Kind, source: str, *, allow_private: bool) -> Iterable[Arrival]:
    if kind is Kind.FOLDER:
        raise SourceError(f"{source}: a folder is a path on this machine, not an address")
    got = await fetch.fetch(source, allow_private=allow_private)
    if kind is Kind.FEED:
        return feed.read(got.body, address=got.address)
    if kind is Kind.WXR:
        return wxr.read(io.BytesIO(got.body))
    return iter([html.page(got.body, key=source, address=got.address, told=got.charset)])


def _wxr(path: Path) -> Iterator[Arrival]:
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
        raise SourceError(f"{path}: is over {limit} bytes")
    return body
