"""A line: connections to one web server that are kept, and requests that go over them by hand.

Small files by the thousand are what a push and its reading back are made of. A client made for
everything spends several times as long on each as the request itself takes (ADR 0022).
"""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from socket import gaierror
from typing import Self, cast
from urllib.parse import urlsplit

from mirror.answer import Answer, BrokenAnswerError, Incoming
from tamizdat.errors import TamizdatError

IDLE_SECONDS = 10.0
"""A connection that nobody used for so long is closed: most servers do it soon after."""

_PIECE = 64 * 1024
_EYEBALLS = 0.25
_PORTS = {"http": 80, "https": 443}


class Fault(StrEnum):
    """Why there is no answer."""

    NAME = "name"
    NOBODY = "nobody"
    CERTIFICATE = "certificate"
    TIME = "time"
    LOST = "lost"
    SHORT = "short"
    BROKEN = "broken"


class LineError(TamizdatError):
    """A request that got no answer."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"no answer: {fault}")
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A web server: what its address says."""

    host: str
    port: int
    secure: bool

    @classmethod
    def of(cls, url: str) -> Self:
        """The server of an http or https address."""
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
        return cls(host=parts.hostname or "", port=port, secure=parts.scheme == "https")

    @property
    def named(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = _PORTS["https" if self.secure else "http"]
        return host if self.port == usual else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds that connecting may take, and that a server may be silent."""

    connect: float
    silence: float


class Line:
    """Connections to one server. As many are opened as requests are made at once.

    `authority` is a file: who signed the server's certificate, where this machine does not know it.
    """

    def __init__(self, origin: Origin, patience: Patience, authority: Path | None = None) -> None:
        self._origin = origin
        self._patience = patience
        self._authority = authority
        self._idle: list[_Connection] = []
        self._busy: set[_Connection] = set()
        self._round: asyncio.TimerHandle | None = None

    async def ask(self, head: bytes, body: bytes, limit: int) -> Answer:
        """The answer to a request that may be made twice; raises LineError.

        A kept connection may have been closed by the server just now. So where one ends before
        anything came, the request is made once more, on a new one.
        """
        with _translated():
            while self._idle:
                kept = self._idle.pop()
                if kept.usable:
                    try:
                        return await self._exchange(kept, head, body, limit)
                    except _UnansweredError:
                        break
            return await self._exchange(await self._connect(), head, body, limit)

    def close(self) -> None:
        """Let go of all connections that wait."""
        if self._round is not None:
            self._round.cancel()
            self._round = None
        for kept in self._idle:
            kept.close()
        self._idle.clear()

    async def _exchange(
        self, connection: "_Connection", head: bytes, body: bytes, limit: int
    ) -> Answer:
        self._busy.add(connection)
        if self._round is None:
            self._look_later()
        try:
            answer = await connection.exchange(head, body, limit)
        except BaseException:
            connection.close()
            raise
        finally:
            self._busy.discard(connection)
        if connection.usable:
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    def _look_later(self) -> None:
        rest = self._patience.silence / 8
        self._round = asyncio.get_running_loop().call_later(rest, self._look)

    def _look(self) -> None:
        """Servers that are silent for too long are given up; what nobody used goes.

        One timer for all: one for each request costs as much as signing it.
        """
        now = asyncio.get_running_loop().time()
        for one in self._busy:
            if one.used < now - self._patience.silence:
                one.give_up()
        old = [one for one in self._idle if one.used < now - IDLE_SECONDS]
        self._idle = [one for one in self._idle if one not in old]
        for one in old:
            one.close()
        self._round = None
        if self._busy or self._idle:
            self._look_later()

    async def _connect(self) -> "_Connection":
        origin, loop = self._origin, asyncio.get_running_loop()
        async with asyncio.timeout(self._patience.connect):
            _, connection = await loop.create_connection(
                lambda: _Connection(loop),
                origin.host,
                origin.port,
                ssl=_trusting(self._authority) if origin.secure else None,
                happy_eyeballs_delay=_EYEBALLS,
            )
        return connection


class _UnansweredError(TamizdatError):
    """The connection ended before anything came."""


class _Connection(asyncio.Protocol):
    """One connection, with at most one request under way."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._asked: asyncio.Future[Answer] | None = None
        self._incoming = Incoming(0)
        self._room = asyncio.Event()
        self._room.set()
        self._begun = False
        self.usable = True
        self.used = loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone: what came until now may be an answer."""
        self.usable = False
        self._transport = None
        answer = self._incoming.end() if exc is None else None
        if answer is not None:
            self._settle(answer)
        else:
            self._settle(LineError(Fault.SHORT) if self._begun else _UnansweredError())

    def data_received(self, data: bytes) -> None:
        """Part of an answer, or words that nobody asked for."""
        if self._asked is None or self._asked.done():
            self.close()
            return
        self._begun = True
        self.used = self._loop.time()
        try:
            answer = self._incoming.take(data)
        except BrokenAnswerError as error:
            self._settle(error)
        else:
            if answer is not None:
                self._settle(answer)

    def pause_writing(self) -> None:
        """The server takes no more for now."""
        self._room.clear()

    def resume_writing(self) -> None:
        """It goes on."""
        self.used = self._loop.time()
        self._room.set()

    async def exchange(self, head: bytes, body: bytes, limit: int) -> Answer:
        """Ask, and wait for the whole answer."""
        self._asked, self._incoming = self._loop.create_future(), Incoming(limit)
        self._begun = False
        self.used = self._loop.time()
        if len(body) <= _PIECE:
            self._write(head + body)
        else:
            await self._pour(head, body, self._asked)
        answer = await self._asked
        self.usable = self.usable and self._incoming.lasting
        return answer

    def give_up(self) -> None:
        """Wait no longer for the answer."""
        self._settle(LineError(Fault.TIME))

    def close(self) -> None:
        """End it at once."""
        self.usable = False
        if self._transport is not None:
            self._transport.abort()

    def _write(self, piece: bytes | memoryview) -> None:
        if self._transport is not None:
            self._transport.write(piece)

    async def _pour(self, head: bytes, body: bytes, asked: "asyncio.Future[Answer]") -> None:
        """A long body goes as the server takes it, so that it is not held twice."""
        self._write(head)
        whole = memoryview(body)
        for start in range(0, len(body), _PIECE):
            await self._room.wait()
            if asked.done():  # the server knew its answer before it had all
                self.usable = False
                return
            self._write(whole[start : start + _PIECE])

    def _settle(self, outcome: Answer | TamizdatError) -> None:
        self._room.set()
        if self._asked is None or self._asked.done():
            return
        if isinstance(outcome, Answer):
            self._asked.set_result(outcome)
        else:
            self._asked.set_exception(outcome)


@contextmanager
def _translated() -> Iterator[None]:
    """Every way to fail, as a LineError."""
    try:
        yield
    except _UnansweredError as error:
        raise LineError(Fault.LOST) from error
    except BrokenAnswerError as error:
        raise LineError(Fault.BROKEN) from error
    except TimeoutError as error:
        raise LineError(Fault.TIME) from error
    except ssl.SSLCertVerificationError as error:
        raise LineError(Fault.CERTIFICATE) from error
    except (gaierror, UnicodeError) as error:
        raise LineError(Fault.NAME) from error
    except OSError as error:
        raise LineError(Fault.NOBODY) from error


def _trusting(authority: Path | None) -> ssl.SSLContext:
    """What judges a server's certificate: whom this machine trusts, or one authority alone."""
    return _context() if authority is None else _alone(authority)


@cache
def _context() -> ssl.SSLContext:
    """One for all: to read what certificates to trust takes tens of milliseconds."""
    return ssl.create_default_context()


@cache
def _alone(authority: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority)
