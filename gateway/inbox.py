"""The inbox: letters come in by SMTP, and every answer is the truth about what became of them."""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiosmtpd.smtp import SMTP, Envelope, Session

from gateway.dropbox import DropBox
from gateway.mailbox import encode, hidden
from gateway.responder.reception import Reception
from gateway.shutting import shut
from gateway.taking import Refused, Taken, take
from tamizdat.digest import digest
from tamizdat.errors import LedgerError
from tamizdat.letters import Kept, Mailbox, Mailboxes
from tamizdat.ports import Blobs, Cleaner, Clock

SECONDS = 60
"""How long the other side may be silent."""

LONGEST = 900
"""Seconds that a connection may last, however busy it is."""

STOP_SECONDS = 0.5
"""How long connections may take to end when we stop; what is left is cut."""

MAX_RECIPIENTS = 10
FULL = "451 4.3.1 The store is full, try again later"
UNKNOWN = "550 5.1.1 No such mailbox here"
AGAIN = "250 2.0.0 It was here already"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What strangers may ask of us. `total_bytes` is for all mailboxes together."""

    letter_bytes: int = 1024 * 1024
    mailbox_letters: int = 100_000
    mailbox_bytes: int = 256 * 1024 * 1024
    mailbox_hourly: int = 1000
    total_bytes: int = 1024 * 1024 * 1024
    connections: int = 100
    seconds: float = LONGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Where letters are kept, and what they pass on the way.

    `keeping` is held while a letter is laid down, and while bytes that nothing names are deleted.
    """

    mailboxes: Mailboxes
    blobs: Blobs
    clock: Clock
    clean: Cleaner
    keeping: asyncio.Lock = field(default_factory=asyncio.Lock)


class Inbox:
    """What is answered to each command; aiosmtpd finds these methods by name."""

    def __init__(self, domain: str, store: Store, limits: Limits) -> None:
        self._domain = domain.lower()
        self._store = store
        self._limits = limits

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The sender: bounces (which aiosmtpd names `<>`) are no letters."""
        if address in {"", "<>"}:
            return "554 5.7.1 Bounces are not taken"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A recipient: known or not, said at once."""
        local, _, domain = address.rpartition("@")
        if domain.lower() != self._domain:
            return "550 5.7.1 We pass nothing on"
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients at once"
        try:
            known = await self._store.mailboxes.by_write(hidden(local))
        except LedgerError:
            return FULL
        if known is None:
            return UNKNOWN
        envelope.rcpt_tos.append(local)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """The letter: `250` means that it lies safely in every mailbox named."""
        body = envelope.content
        if not isinstance(body, bytes):
            return "554 5.6.0 This letter cannot be read"
        now = self._store.clock.now()
        taken = await asyncio.to_thread(take, body, self._store.clean, now)
        if isinstance(taken, Refused):
            return taken.answer
        try:
            async with self._store.keeping:
                answers = [await self._keep(local, taken) for local in envelope.rcpt_tos]
        except LedgerError:
            log.warning("a letter could not be kept")
            return FULL
        return next((one for one in answers if not one.startswith("250")), answers[0])

    async def handle_exception(self, error: Exception) -> str:
        """A bug of ours: the letter is not lost, its sender will try again."""
        log.error("the inbox failed", extra={"kind": type(error).__name__})
        return "451 4.3.0 Something is wrong here, try again later"

    async def _keep(self, local: str, taken: Taken) -> str:
        store = self._store
        mailbox = await store.mailboxes.by_write(hidden(local))
        if mailbox is None:
            return UNKNOWN
        body = encode(taken.content)
        letter = _kept(taken, body, store.clock.now())
        if await store.mailboxes.knows(mailbox.number, letter):
            return AGAIN
        refusal = await self._over(mailbox, len(body))
        if refusal:
            return refusal
        await asyncio.to_thread(store.blobs.write, body)
        new = await store.mailboxes.keep(mailbox.number, letter)
        return "250 2.0.0 Taken" if new else AGAIN

    async def _over(self, mailbox: Mailbox, length: int) -> str | None:
        limits, mailboxes = self._limits, self._store.mailboxes
        if (
            mailbox.count >= limits.mailbox_letters
            or mailbox.length + length > limits.mailbox_bytes
        ):
            return "452 4.2.2 The mailbox is full"
        hour_ago = self._store.clock.now() - timedelta(hours=1)
        if await mailboxes.came_since(mailbox.number, hour_ago) >= limits.mailbox_hourly:
            return "450 4.7.1 Too many letters within an hour"
        total = sum(one.length for one in await mailboxes.all())
        return FULL if total + length > limits.total_bytes else None


@asynccontextmanager
async def receiving(
    inbox: Inbox | DropBox | Reception,
    limits: Limits,
    door: socket.socket,
    *,
    name: str,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """Listen at `door`, a bound socket, until the block ends; gives the port.

    `name` is what the greeting says.
    """
    logging.getLogger("mail.log").disabled = True  # aiosmtpd logs peers and addresses there
    hall = _Hall(limits.connections)

    def entered() -> _Door:
        return _Door(inbox, limits, hall, name, tls)

    server = await asyncio.get_running_loop().create_server(entered, sock=door)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        await shut(server, door)
        await hall.emptied()
        async with asyncio.timeout(SECONDS):
            await server.wait_closed()


def _kept(taken: Taken, body: bytes, now: datetime) -> Kept:
    return Kept(
        position=0,
        message=taken.message,
        urn=taken.content.urn,
        revision=taken.content.revision,
        at=now,
        sha256=digest(body),
        length=len(body),
    )


class _Hall:
    """The connections that are open."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._doors: set[_Door] = set()
        self._works: set[asyncio.Task[None]] = set()
        self._empty = asyncio.Event()

    def has(self, door: "_Door") -> bool:
        """Whether it came in before."""
        return door in self._doors

    def full(self) -> bool:
        """Whether nobody more may come in."""
        return len(self._doors) >= self._most

    def enter(self, door: "_Door") -> None:
        """Somebody came in."""
        self._doors.add(door)
        self._empty.clear()

    def busy(self, work: asyncio.Task[None]) -> None:
        """Somebody is answered by `work`, which may outlast the connection."""
        self._works.add(work)
        work.add_done_callback(self._works.discard)

    def leave(self, door: "_Door") -> None:
        """Somebody left."""
        self._doors.discard(door)
        if not self._doors:
            self._empty.set()

    async def emptied(self) -> None:
        """Show everyone out; who does not go is cut off."""
        for one in tuple(self._doors):
            if one.transport is not None:
                one.transport.close()
        if self._doors:
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await self._empty.wait()
        for one in tuple(self._doors):
            one.cut()
        if self._works:  # they may still write to a ledger that is closed after us
            await asyncio.wait(self._works, timeout=SECONDS)


class _Door(SMTP):
    """One connection."""

    def __init__(
        self,
        inbox: Inbox | DropBox | Reception,
        limits: Limits,
        hall: _Hall,
        name: str,
        tls: ssl.SSLContext | None,
    ) -> None:
        super().__init__(
            inbox,
            data_size_limit=limits.letter_bytes,
            hostname=name,
            ident="letters",
            tls_context=tls,
            timeout=SECONDS,
            loop=asyncio.get_running_loop(),
        )
        self._hall = hall
        self._longest = limits.seconds
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody came in; beyond the limit the door closes at once."""
        full = self._hall.full() and not self._hall.has(self)
        if full and isinstance(transport, asyncio.Transport):
            transport.abort()
            return
        self._hall.enter(self)
        if self._end is None:  # STARTTLS comes by here again
            self._end = asyncio.get_running_loop().call_later(self._longest, self.cut)
        super().connection_made(transport)
        if self._handler_coroutine is not None:
            self._hall.busy(self._handler_coroutine)

    def connection_lost(self, error: Exception | None) -> None:
        """Somebody left."""
        if self._hall.has(self):
            self._hall.leave(self)
            if self._end is not None:
                self._end.cancel()
            super().connection_lost(error)

    def cut(self) -> None:
        """End it at once."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
