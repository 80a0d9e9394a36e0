"""Readers: a mirror as a stranger sees it, without credentials, cookies or cache."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import aiohttp

from mirror import tree
from tamizdat import paths
from tamizdat.errors import BackendError
from tamizdat.ports import Reader

SECONDS = 15
"""How long a whole answer may take."""

_CONNECT_SECONDS = 5
_OK, _PARTIAL, _FORBIDDEN = 200, 206, 403
_GONE = frozenset({404, 410})
_BUSY = frozenset({408, 425, 429})
_SERVER = 500
_HEADERS = {
    "Accept-Encoding": "identity",
    "Cache-Control": "no-cache",
    "User-Agent": "Mozilla/5.0",  # a stranger's, so that no mirror can treat us better
}


class LostError(BackendError):
    """What was put there is not to be had any more, or comes back as other bytes."""


@runtime_checkable
class Expecting(Protocol):
    """A reader that can tell why what should lie there is not to be had."""

    async def expect(self, path: str, limit: int) -> bytes:
        """The bytes at `path`, which was put there; BackendError says why not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a web server answered: header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def stranger() -> aiohttp.ClientSession:
    """The session that `HttpReader` wants: no cookies, no environment, no compression undone."""
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=SECONDS, sock_connect=_CONNECT_SECONDS),
        connector=aiohttp.TCPConnector(limit=0, limit_per_host=32),
    )


class HttpReader:
    """A mirror on the web. `base` ends with `/`; make `session` with `stranger`."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        if not isinstance(session.cookie_jar, aiohttp.DummyCookieJar):
            raise ValueError("a stranger takes no cookies: make the session with stranger()")
        self._base = base
        self._session = session

    @property
    def base(self) -> str:
        """The address under which it reads."""
        return self._base

    async def fetch(self, path: str, limit: int) -> bytes | None:
        """The bytes at `path`; None for 404 and 410, and for 403, as buckets say it for missing."""
        answer = await self.look(path, limit)
        if answer.status in _GONE or answer.status == _FORBIDDEN:
            return None
        return _body(path, answer)

    async def expect(self, path: str, limit: int) -> bytes:
        """The bytes at `path`, which was put there; BackendError says why not."""
        answer = await self.look(path, limit)
        if answer.status == _FORBIDDEN:
            raise LostError(
                f"{path}: is forbidden to strangers (403): let anyone read the mirror", retry=False
            )
        if answer.status in _GONE:
            raise LostError(f"{path}: is not there ({answer.status})", retry=True)
        return _body(path, answer)

    async def look(self, path: str, limit: int, headers: Mapping[str, str] | None = None) -> Answer:
        """The whole answer, of any status; redirects are not followed."""
        url = self._base + paths.check(path)
        try:
            async with self._session.get(
                url,
                headers={**_HEADERS, **(headers or {})},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=SECONDS, sock_connect=_CONNECT_SECONDS),
            ) as response:
                body = await _bounded(response, path, limit)
                found = {name.lower(): value for name, value in response.headers.items()}
                return Answer(status=response.status, headers=found, body=body)
        except TimeoutError as error:
            raise BackendError(f"{path}: no answer in {SECONDS} s", retry=True) from error
        except aiohttp.ClientConnectorDNSError as error:
            raise BackendError(f"{path}: the mirror's name is not found", retry=True) from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise BackendError(f"{path}: its certificate is not valid", retry=False) from error
        except aiohttp.ClientConnectorError as error:
            raise BackendError(f"{path}: nobody answers there", retry=True) from error
        except aiohttp.ClientPayloadError as error:
            raise BackendError(f"{path}: the answer broke off", retry=True) from error
        except (aiohttp.ClientError, OSError) as error:
            raise BackendError(f"{path}: the connection failed", retry=True) from error


class FolderReader:
    """A mirror that is a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # its own threads: a folder that hangs (a network disk) must not take those of others
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="folder-reader")

    async def fetch(self, path: str, limit: int) -> bytes | None:
        """The bytes at `path`."""
        paths.check(path)
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._read, path, limit)

    async def expect(self, path: str, limit: int) -> bytes:
        """The bytes at `path`, which was put there."""
        body = await self.fetch(path, limit)
        if body is None:
            raise LostError(f"{path}: is not there", retry=True)
        return body

    def _read(self, path: str, limit: int) -> bytes | None:
        with tree.translated(path):
            body = tree.read(self._folder, path, limit + 1)
        if body is not None and len(body) > limit:
            raise BackendError(f"{path}: answers over {limit} bytes", retry=False)
        return body


async def _bounded(response: aiohttp.ClientResponse, path: str, limit: int) -> bytes:
    """The body, which may be long only where the answer is one that we asked for."""
    most = limit if response.status in {_OK, _PARTIAL} else min(limit, 64 * 1024)
    found = bytearray()
    async for piece in response.content.iter_any():
        found += piece
        if len(found) > most:
            if response.status not in {_OK, _PARTIAL}:
                return b""
            raise BackendError(f"{path}: answers over {limit} bytes", retry=False)
    return bytes(found)


def _body(path: str, answer: Answer) -> bytes:
    if answer.status != _OK:
        retry = answer.status >= _SERVER or answer.status in _BUSY
        raise BackendError(f"{path}: answers {answer.status}", retry=retry)
    encoding = answer.headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        raise BackendError(f"{path}: comes compressed, though asked not to", retry=False)
    return answer.body


_: type[Reader] = HttpReader
_folder: type[Reader] = FolderReader
_expecting: type[Expecting] = HttpReader
