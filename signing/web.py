"""A mirror on the web, as a stranger reads it: no cookies, no credentials, no other host."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from io import BytesIO
from types import MappingProxyType

import aiohttp
from yarl import URL

from signing.sources import Source
from tamizdat import paths
from tamizdat.digest import Digest
from tamizdat.edition import Stamp
from tamizdat.errors import SourceError

TIMEOUT = 60.0
"""One file must have come after so many seconds."""

_AT_ONCE = 8
_CHUNK = 64 * 1024
_HOPS = 3
_FOUND = 200
_ABSENT = frozenset({403, 404, 410})
_MOVED = frozenset({301, 302, 303, 307, 308})
_PASSING = ("latest.json", "here.json", "withdrawn.json")
_ForOne = Callable[[str, int], Awaitable[None]]
_HEADERS = MappingProxyType({"Accept-Encoding": "identity", "Accept": "*/*"})


def new_session() -> aiohttp.ClientSession:
    """A session that keeps nothing and unpacks nothing: what comes is hashed as it comes."""
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, headers=dict(_HEADERS)
    )


class UrlSource:
    """The mirror at `base`. What lies there cannot be listed, so nothing surplus is seen."""

    def __init__(
        self, base: str, session: aiohttp.ClientSession, *, timeout: float = TIMEOUT
    ) -> None:
        self._base = base if base.endswith("/") else base + "/"
        self._session = session
        self._timeout = timeout
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._passing: dict[str, bytes | None] = {}

    @property
    def name(self) -> str:
        """The mirror's address."""
        return self._base

    async def listing(self) -> None:
        """Nothing: a stranger sees no folder."""
        self._passing.clear()

    async def fetch(self, wanted: Mapping[str, int]) -> Mapping[str, bytes]:
        """The bytes of those paths that lie there."""
        found: dict[str, bytes] = {}

        async def one(path: str, limit: int) -> None:
            body, there = BytesIO(), False
            async for piece in self._pieces(path, limit):
                body.write(piece)
                there = True
            if there:
                found[path] = body.getvalue()  # not joined: it would lie in memory twice

        await self._each(one, wanted)
        self._passing.update({path: found.get(path) for path in wanted if path in _PASSING})
        return found

    async def stamps(self, wanted: Mapping[str, int]) -> Mapping[str, Stamp]:
        """The stamps of those paths that lie there, hashed as they come."""
        found: dict[str, Stamp] = {}

        async def one(path: str, limit: int) -> None:
            hashed, length, there = hashlib.sha256(), 0, False
            async for piece in self._pieces(path, limit):
                hashed.update(piece)
                length += len(piece)
                there = True
            if there:
                found[path] = Stamp(Digest(hashed.hexdigest()), length)

        await self._each(one, wanted)
        return found

    async def changed(self) -> bool:
        """Whether one of the files that change did so since it was read."""
        before = dict(self._passing)
        now = await self.fetch(dict.fromkeys(before, 1024 * 1024))
        return any(before[path] != now.get(path) for path in before)

    async def _each(self, one: _ForOne, wanted: Mapping[str, int]) -> None:
        """Run `one` for each path, a few at once; the first trouble ends them all, and is raised.

        What a host gives slowly is not waited for once it failed in one.
        """
        troubles: list[SourceError] = []
        tasks: list[asyncio.Task[None]] = []

        def stop(trouble: SourceError) -> None:
            troubles.append(trouble)
            for task in tasks:
                task.cancel()

        async def guarded(path: str, limit: int) -> None:
            try:
                async with self._turns, asyncio.timeout(self._timeout):
                    await one(path, limit)
            except TimeoutError:
                stop(SourceError(f"{self._base}{path}: no answer in time"))
            except (aiohttp.ClientError, ValueError, OSError) as error:
                stop(SourceError(f"{self._base}{path}: {_plain(error)}"))
            except SourceError as error:
                stop(error)

        async with asyncio.TaskGroup() as group:
            tasks += [group.create_task(guarded(path, limit)) for path, limit in wanted.items()]
        if troubles:
            raise troubles[0]

    async def _pieces(self, path: str, limit: int) -> AsyncIterator[bytes]:
        """The body, up to one byte over `limit`; nothing at all where nothing lies there."""
        address = URL(self._base + paths.check(path), encoded=True)
        host = (address.scheme, address.host, address.port)
        for _ in range(_HOPS):
            async with self._session.get(
                address, allow_redirects=False, headers=_HEADERS
            ) as answer:
                if answer.status in _MOVED:
                    address = address.join(URL(answer.headers.get("Location", "")))
                    if (address.scheme, address.host, address.port) != host:
                        told = "sends us to another host (formats 3.15)"
                        raise SourceError(f"{self._base}{path}: {told}")
                    continue
                if answer.status in _ABSENT:
                    return
                if answer.status != _FOUND:
                    raise SourceError(f"{self._base}{path}: answers {answer.status}")
                async for piece in _limited(answer, limit):
                    yield piece
                return
        raise SourceError(f"{self._base}{path}: sends us from place to place (formats 3.15)")


def _plain(error: Exception) -> str:
    """What went wrong, in letters that no host can use to speak to a terminal."""
    detail = str(error).splitlines()[0] if str(error) else type(error).__name__
    return "".join(letter if letter.isprintable() else "?" for letter in detail)[:200]


async def _limited(answer: aiohttp.ClientResponse, limit: int) -> AsyncIterator[bytes]:
    yield b""
    left = limit + 1
    while left and (piece := await answer.content.read(min(_CHUNK, left))):
        left -= len(piece)
        yield piece


_: type[Source] = UrlSource
