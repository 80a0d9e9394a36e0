"""A fetch from the open web: for imports, and never into our own network."""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from tamizdat.errors import SourceError

MAX_BYTES = 64 * 1024 * 1024
"""After decompression."""
MAX_REDIRECTS = 5
TIMEOUT = 60.0
"""Seconds for everything, redirects included."""

_CHUNK = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NAT64 = IPv6Network("64:ff9b::/96")
_ASKS = {
    "User-Agent": "Mozilla/5.0 (compatible)",
    "Accept": "application/atom+xml, application/rss+xml, application/feed+json, text/html;q=0.9,"
    " */*;q=0.5",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came, the address it came from in the end, and the charset that the server told."""

    body: bytes
    address: str
    charset: str | None


def is_address(place: str) -> bool:
    """Whether `place` is an address of the web rather than a path."""
    return place.lower().startswith(("http://", "https://"))


async def fetch(address: str, *, allow_private: bool = False) -> Fetched:
    """The bytes at an http or https address.

    Names are resolved once, the answer is checked, and the connection goes to what was checked;
    so it is after each redirect. `allow_private` lets it reach loopback and private networks.
    Raises SourceError with one line for all that can go wrong.
    """
    resolver = _Guard(allow_private=allow_private)
    connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
    try:
        # Its own session: the guard sits in the connector, and no cookie outlives the fetch.
        async with (
            asyncio.timeout(TIMEOUT),
            aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), headers=_ASKS
            ) as session,
        ):
            return await _follow(session, address, allow_private=allow_private)
    except TimeoutError as error:
        raise SourceError(f"{_host(address)}: no answer in {TIMEOUT:.0f} s") from error
    except aiohttp.ClientPayloadError as error:
        raise SourceError(f"{_host(address)}: the answer broke off") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        refused = resolver.refused
        detail = refused or f"cannot be reached ({type(error).__name__})"
        raise SourceError(f"{_host(address)}: {detail}") from error


def is_public(text: str) -> bool:
    """Whether `text` is an address of the open internet, also within its IPv6 disguises."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


class _Guard(AbstractResolver):
    """A resolver that gives public addresses only."""

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
            self.refused = "is an address of a private network"
            raise OSError(self.refused)
        return good

    async def close(self) -> None:
        await self._inner.close()


async def _follow(session: aiohttp.ClientSession, address: str, *, allow_private: bool) -> Fetched:
    for _ in range(MAX_REDIRECTS + 1):
        _check(address, allow_private=allow_private)
        async with session.get(address, allow_redirects=False) as answer:
            if answer.status in _REDIRECTS:
                address = _next(address, answer.headers.get("Location", ""))
                continue
            if answer.status != 200:  # noqa: PLR2004 - OK
                raise SourceError(f"{_host(address)}: answers {answer.status}")
            return Fetched(
                body=await _body(answer), address=str(answer.url), charset=answer.charset
            )
    raise SourceError(f"{_host(address)}: over {MAX_REDIRECTS} redirects")


def _next(address: str, location: str) -> str:
    """Where a redirect leads."""
    try:
        return urljoin(address, location)
    except ValueError as error:
        raise SourceError(f"{location[:60]!r} is no address") from error


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """The decompressed body; it stops soon after the limit, whatever the server packed."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > MAX_BYTES:
            raise SourceError(f"{answer.host}: sends over {MAX_BYTES // 1024**2} MB")
    return bytes(body)


def _check(address: str, *, allow_private: bool) -> None:
    """Refuse what is not plain web, and numbers of private networks (names: see _Guard)."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise SourceError(f"{address[:60]!r} is no address") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise SourceError(f"{address[:60]!r} is no http or https address")
    if parts.username is not None:
        raise SourceError(f"{host}: addresses with a user name are not fetched")
    if not allow_private and _is_number(host) and not is_public(host):
        raise SourceError(f"{host}: is an address of a private network")


def _is_number(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, Teredo, NAT64)."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or address[:60]
    except ValueError:
        return address[:60]
