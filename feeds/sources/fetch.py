"""A fetch from the open web: for imports, and never into our own network."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from feeds.sources.public import is_public
from tamizdat.errors import SourceError

MAX_BYTES = 64 * 1024 * 1024
"""After decompression."""
MAX_REDIRECTS = 5
TIMEOUT = 60.0
"""Seconds for everything, redirects included."""
MAX_VALIDATOR = 300
"""Characters of an ETag or a Last-Modified; a longer one is forgotten."""

_CHUNK = 64 * 1024
_OK, _UNCHANGED = 200, 304
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PRIVATE = "is an address of a private network"
_ASKS = {
    "User-Agent": "Mozilla/5.0 (compatible)",
    "Accept": "application/atom+xml, application/rss+xml, application/feed+json, text/html;q=0.9,"
    " */*;q=0.5",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a server told of the version that we have: sent back, it need not send it again."""

    etag: str = ""
    modified: str = ""

    def asks(self) -> Mapping[str, str]:
        """The headers of a conditional request."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came, the address it came from in the end, and the charset that the server told."""

    body: bytes
    address: str
    charset: str | None
    seen: Seen = field(default_factory=Seen)
    pages: int = 1
    """Of how many pages it is the first, as WordPress tells it."""


def is_address(place: str) -> bool:
    """Whether `place` is an address of the web rather than a path."""
    return place.lower().startswith(("http://", "https://"))


async def fetch(
    address: str,
    *,
    allow_private: bool = False,
    most: int = MAX_BYTES,
    seconds: float = TIMEOUT,
) -> Fetched:
    """The bytes at an http or https address, at most `most` within `seconds`.

    Names are resolved once, and the connection goes to the address that was checked, after each
    redirect too. `allow_private` lets it reach loopback and private networks. Raises SourceError
    with one line for all that can go wrong; of an address it names the host only.
    """
    got = await _asked(address, {}, allow_private=allow_private, most=most, seconds=seconds)
    if got is None:
        raise SourceError(f"{_host(address)}: answers {_UNCHANGED}")
    return got


async def fetch_newer(
    address: str, seen: Seen, *, allow_private: bool = False, most: int = MAX_BYTES
) -> Fetched | None:
    """As `fetch`; None where it is still what was `seen`."""
    asks = seen.asks()
    return await _asked(address, asks, allow_private=allow_private, most=most, seconds=TIMEOUT)


async def _asked(
    address: str, asks: Mapping[str, str], *, allow_private: bool, most: int, seconds: float
) -> Fetched | None:
    guard = _Guard(allow_private=allow_private)
    connector = aiohttp.TCPConnector(
        resolver=guard, socket_factory=guard.socket, use_dns_cache=False, force_close=True
    )
    try:
        # Its own session: the guard sits in the connector, and no cookie outlives the fetch.
        async with (
            asyncio.timeout(seconds),
            aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), headers={**_ASKS, **asks}
            ) as session,
        ):
            return await _follow(session, address, most, conditional=bool(asks))
    except TimeoutError as error:
        raise SourceError(f"{_host(address)}: no answer in {seconds:.0f} s") from error
    except aiohttp.ClientPayloadError as error:
        raise SourceError(f"{_host(address)}: the answer broke off") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        detail = guard.refused or f"cannot be reached ({type(error).__name__})"
        raise SourceError(f"{_host(address)}: {detail}") from error


class _Guard(AbstractResolver):
    """Stands before each connection: the names that are looked up, and each socket's address.

    The second is the one that counts. aiohttp looks up no name that is a number, and it takes
    more for a number than we would: `http://127。0。0。1/` once reached this machine.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._inner = ThreadedResolver()
        self._allow_private = allow_private
        self.refused = ""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        good = [one for one in found if self._allow_private or is_public(one["host"])]
        if not good:
            self.refused = _PRIVATE
            raise OSError(self.refused)
        return good

    def socket(self, found: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:
        """A socket for the address that is to be connected to."""
        family, kind, protocol, _, place = found
        if not self._allow_private and not is_public(str(place[0])):
            self.refused = _PRIVATE
            raise OSError(self.refused)
        return socket.socket(family, kind, protocol)

    async def close(self) -> None:
        await self._inner.close()


async def _follow(
    session: aiohttp.ClientSession, address: str, most: int, *, conditional: bool
) -> Fetched | None:
    for _ in range(MAX_REDIRECTS + 1):
        _check(address)
        async with session.get(address, allow_redirects=False) as answer:
            if answer.status in _REDIRECTS:
                address = _next(address, answer.headers.get("Location", ""))
                continue
            if answer.status == _UNCHANGED and conditional:
                return None
            if answer.status != _OK:
                raise SourceError(f"{_host(address)}: answers {answer.status}")
            return Fetched(
                body=await _body(answer, most),
                address=str(answer.url),
                charset=answer.charset,
                seen=_seen(answer),
                pages=_pages(answer.headers.get("X-WP-TotalPages", "")),
            )
    raise SourceError(f"{_host(address)}: over {MAX_REDIRECTS} redirects")


def _next(address: str, location: str) -> str:
    """Where a redirect leads."""
    try:
        return urljoin(address, location)
    except ValueError as error:
        raise SourceError(f"{location[:60]!r} is no address") from error


async def _body(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """The decompressed body; it stops soon after the limit, whatever the server packed."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > most:
            raise SourceError(f"{answer.host}: sends over {most // 1024**2} MB")
    return bytes(body)


def _seen(answer: aiohttp.ClientResponse) -> Seen:
    told = [answer.headers.get(name, "") for name in ("ETag", "Last-Modified")]
    fit = [one.isascii() and one.isprintable() and len(one) <= MAX_VALIDATOR for one in told]
    etag, modified = (one if fits else "" for one, fits in zip(told, fit, strict=True))
    return Seen(etag=etag, modified=modified)


def _pages(told: str) -> int:
    return int(told) if told.isascii() and told.isdigit() and len(told) < 7 else 1  # noqa: PLR2004


def _check(address: str) -> None:
    """Refuse what is not plain web; where it leads is for the guard."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise SourceError(f"{address[:60]!r} is no address") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise SourceError(f"{address[:60]!r} is no http or https address")
    if parts.username is not None:
        raise SourceError(f"{host}: addresses with a user name are not fetched")


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or address[:60]
    except ValueError:
        return address[:60]
