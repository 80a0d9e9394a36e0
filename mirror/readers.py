"""Readers: a mirror as a stranger sees it, without credentials, cookies or cache."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, Self, runtime_checkable
from urllib.parse import urlsplit

from mirror import tree
from mirror.answer import Answer
from mirror.line import Fault, Line, LineError, Origin, Patience
from tamizdat import paths
from tamizdat.errors import BackendError
from tamizdat.ports import Reader

SECONDS = 15
"""How long a whole answer may take."""

_CONNECT_SECONDS = 5
_PATIENCE = Patience(connect=_CONNECT_SECONDS, silence=SECONDS)
_OK, _FORBIDDEN = 200, 403
_GONE = frozenset({404, 410})
_BUSY = frozenset({408, 425, 429})
_SERVER = 500
_HEADERS = {
    "Accept-Encoding": "identity",
    "Cache-Control": "no-cache",
    "User-Agent": "Mozilla/5.0",  # a stranger's, so that no mirror can treat us better
}
_FAULTS = {
    Fault.NAME: "the mirror's name is not found",
    Fault.NOBODY: "nobody answers there",
    Fault.CERTIFICATE: "its certificate is not valid",
    Fault.TIME: f"no answer in {SECONDS} s",
    Fault.LOST: "the connection failed",
    Fault.SHORT: "the answer broke off",
    Fault.BROKEN: "what answers is no web server",
}


class LostError(BackendError):
    """What was put there is not to be had any more, or comes back as other bytes."""


@runtime_checkable
class Expecting(Protocol):
    """A reader that can tell why what should lie there is not to be had."""

    async def expect(self, path: str, limit: int) -> bytes:
        """The bytes at `path`, which was put there; BackendError says why not."""
        ...


class Stranger:
    """Connections of somebody whom no mirror knows: no cookies, no environment, no proxy."""

    def __init__(self) -> None:
        self._lines: dict[Origin, Line] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for line in self._lines.values():
            line.close()

    def line(self, origin: Origin) -> Line:
        """The line to a server."""
        if origin not in self._lines:
            self._lines[origin] = Line(origin, _PATIENCE)
        return self._lines[origin]


class HttpReader:
    """A mirror on the web. `base` ends with `/`."""

    def __init__(self, base: str, stranger: Stranger) -> None:
        origin = Origin.of(base)
        self._base = base
        self._folder = urlsplit(base).path
        self._host = origin.named
        self._line = stranger.line(origin)

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
        body = _body(path, answer)
        if path.endswith(".html") and _is_download(answer):
            raise LostError(f"{path}: readers get a download, not a page", retry=False)
        return body

    async def look(self, path: str, limit: int, headers: Mapping[str, str] | None = None) -> Answer:
        """The whole answer, of any status; redirects are not followed."""
        asked = {"Host": self._host, **_HEADERS, **(headers or {})}
        lines = "".join([f"{name}: {value}\r\n" for name, value in asked.items()])
        head = f"GET {self._folder}{paths.check(path)} HTTP/1.1\r\n{lines}\r\n"
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self._line.ask(head.encode("ascii"), b"", limit)
        except TimeoutError as error:
            raise BackendError(f"{path}: {_FAULTS[Fault.TIME]}", retry=True) from error
        except LineError as error:
            retry = error.fault is not Fault.CERTIFICATE
            raise BackendError(f"{path}: {_FAULTS[error.fault]}", retry=retry) from error
        if answer.overlong:
            raise BackendError(f"{path}: answers over {limit} bytes", retry=False)
        return answer


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


def _is_download(answer: Answer) -> bool:
    return answer.headers.get("content-disposition", "").lower().startswith("attachment")


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
