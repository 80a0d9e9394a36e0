"""An HTTP/1.1 exchange by hand: one GET, one answer, every size bounded."""

import asyncio
from dataclasses import dataclass, field

from reach.connection import Connection
from reach.failures import ERRORS, BrokenAnswerError, named
from reach.patience import Patience
from tamizdat.measurement import Exchange

MAX_HEAD = 32 * 1024
"""An answer's head is not longer, in bytes."""

MAX_HEADERS = 100
KEPT_START = 2048
"""So many bytes of a body are kept as evidence."""

_MAX_LINE = 8 * 1024
_INTERIM, _FIRST_FINAL, _LAST = 100, 200, 599
_NO_BODY = frozenset({204, 304})
_HEADERS = (
    "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language: en-US,en;q=0.5",
    "Accept-Encoding: identity",
    "Connection: close",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked, of whom. `host` is what the Host header says."""

    address: str
    port: int
    host: str
    path: str
    secure: bool
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of a request: raw values, the failure's name if any, and the body."""

    seen: Exchange
    code: str | None
    body: bytes


async def get(connection: Connection, request: Request, patience: Patience) -> Answered:
    """Ask, and read the answer to its end, to the limit, to a stall or to a failure."""
    told = _Told(connection=connection, stall=patience.stall)
    code = None
    try:
        async with asyncio.timeout(patience.exchange):
            await connection.send(_head(request))
            await told.read(request.limit)
    except ERRORS as error:
        code = named(error)
    return Answered(seen=_seen(request, told, code), code=code, body=bytes(told.body))


def _head(request: Request) -> bytes:
    lines = (f"GET {request.path} HTTP/1.1", f"Host: {request.host}", *_HEADERS, "", "")
    return "\r\n".join(lines).encode("ascii")


def _seen(request: Request, told: "_Told", code: str | None) -> Exchange:
    wire = told.connection.received
    stalled = code == "generic_timeout_error" and told.head_done
    return Exchange(
        address=request.address,
        port=request.port,
        host=request.host,
        path=request.path,
        secure=request.secure,
        status=told.status,
        headers=tuple(told.headers),
        body_length=len(told.body),
        body_start=bytes(told.body[:KEPT_START]),
        wire=wire,
        stalled_at=wire if stalled else None,
        seconds=max(0.0, told.last - told.first),
    )


@dataclass(kw_only=True)
class _Told:
    """What the server told so far."""

    connection: Connection
    stall: float
    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    first: float = 0.0
    last: float = 0.0
    head_done: bool = False
    _waiting: bytearray = field(default_factory=bytearray)

    async def read(self, limit: int) -> None:
        """The whole answer."""
        await self._head()
        while self.status is not None and _INTERIM <= self.status < _FIRST_FINAL:
            await self._head()
        self.head_done = True
        if self.status in _NO_BODY:
            return
        fields = {name.lower(): value for name, value in self.headers}
        if "chunked" in fields.get("transfer-encoding", "").lower():
            await self._chunks(limit)
        elif "content-length" in fields:
            length = _number(fields["content-length"], 10)
            _within(length, limit)
            await self._take(length)
        else:
            await self._rest(limit)

    async def _head(self) -> None:
        lines: list[bytes] = []
        size = 0
        while line := await self._line():
            lines.append(line)
            size += len(line)
            if size > MAX_HEAD or len(lines) > MAX_HEADERS + 1:
                raise BrokenAnswerError("http_response_too_large")
        self.status = _status(lines[0] if lines else b"")
        self.headers = [_header(line) for line in lines[1:]]

    async def _chunks(self, limit: int) -> None:
        while size := _number((await self._line()).partition(b";")[0].decode("latin-1"), 16):
            _within(len(self.body) + size, limit)
            await self._take(size)
            if await self._line():
                raise BrokenAnswerError("http_invalid_response")
        while await self._line():
            pass

    async def _take(self, count: int) -> None:
        """Move `count` bytes to the body."""
        while count:
            if not self._waiting and not await self._more():
                raise EOFError("the answer broke off")
            piece = self._waiting[:count]
            del self._waiting[:count]
            self._keep(piece)
            count -= len(piece)

    async def _rest(self, limit: int) -> None:
        """Everything until the server ends."""
        self._keep(self._waiting)
        self._waiting.clear()
        while await self._more():
            _within(len(self.body) + len(self._waiting), limit)
            self._keep(self._waiting)
            self._waiting.clear()

    def _keep(self, piece: bytes | bytearray) -> None:
        if not piece:
            return
        now = asyncio.get_running_loop().time()
        if not self.body:
            self.first = now
        self.last = now
        self.body += piece

    async def _line(self) -> bytes:
        while (end := self._waiting.find(b"\n")) < 0:
            if len(self._waiting) > _MAX_LINE:
                raise BrokenAnswerError("http_invalid_response")
            if not await self._more():
                raise EOFError("the answer broke off")
        if end > _MAX_LINE:
            raise BrokenAnswerError("http_invalid_response")
        line = bytes(self._waiting[:end])
        del self._waiting[: end + 1]
        return line.removesuffix(b"\r")

    async def _more(self) -> bool:
        async with asyncio.timeout(self.stall):
            piece = await self.connection.receive()
        self._waiting += piece
        return bool(piece)


def _status(line: bytes) -> int:
    words = line.split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():  # noqa: PLR2004
        raise BrokenAnswerError("http_invalid_response")
    status = int(words[1][:4])
    if not _INTERIM <= status <= _LAST:
        raise BrokenAnswerError("http_invalid_response")
    return status


def _header(line: bytes) -> tuple[str, str]:
    name, colon, value = line.decode("latin-1").partition(":")
    if not colon or not name or name != name.strip():
        raise BrokenAnswerError("http_invalid_response")
    return name, value.strip()


def _number(text: str, radix: int) -> int:
    """A length as HTTP spells it: digits and nothing else, at most 16 of them."""
    text = text.strip()
    digits = "0123456789abcdefABCDEF" if radix == 16 else "0123456789"  # noqa: PLR2004
    if not 0 < len(text) <= 16 or any(sign not in digits for sign in text):  # noqa: PLR2004
        raise BrokenAnswerError("http_invalid_response")
    return int(text, radix)


def _within(length: int, limit: int) -> None:
    if length > limit:
        raise BrokenAnswerError("http_response_too_large")
