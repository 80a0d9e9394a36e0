"""Our own gateway on loopback, with a wire before it that can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import aiohttp
from aiosmtpd.smtp import SMTP, Envelope, Session
from lxml import etree

from feeds.cleaner import clean
from gateway.inbox import Inbox, Limits, Store, receiving
from gateway.postmaster import open_mailbox
from gateway.reading import Readings, serving
from service.door import door
from store.blobs import MemoryBlobs
from store.engine import open_ledger
from store.mailboxes import SqlMailboxes
from tamizdat.ports import Clock
from tests.kit.rival import Faults

HOST = "127.0.0.1"
DOMAIN = "gate.example"
ATOM = "{http://www.w3.org/2005/Atom}"


class FaultyInbox(Inbox):
    """Our inbox, but that the network fails it."""

    def __init__(self, store: Store, limits: Limits, faults: Faults) -> None:
        super().__init__(DOMAIN, store, limits)
        self.faults = faults
        self.arrivals: list[str] = []

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        name = next(x for x in envelope.content.split(b"\r\n") if x.startswith(b"Message-ID"))
        self.arrivals.append(name.decode())
        number = len(self.arrivals)
        if number in self.faults.later:
            return "451 4.3.0 Try again later"
        if number in self.faults.swallowed:
            return "250 2.0.0 Taken"
        answer = "421 4.3.2 Restarting"
        if number not in self.faults.cut_before | self.faults.restart_at:
            answer = await super().handle_DATA(server, session, envelope)
        if number in self.faults.cut_before | self.faults.cut_after | self.faults.restart_at:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer


@dataclass
class Office:
    """Our gateway with one mailbox."""

    smtp: int
    http: int
    write: str
    read: str
    store: Store
    arrivals: list[str]
    reads: list[datetime] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"{self.write}@{DOMAIN}"

    @property
    def base(self) -> str:
        return f"http://{HOST}:{self.http}/{self.read}/"

    @property
    def feed(self) -> str:
        return f"{self.base}atom.xml"

    async def whole_feed(self) -> list[bytes]:
        """Every document, from the current one back through all archives."""
        documents: list[bytes] = []
        address: str | None = self.feed
        async with aiohttp.ClientSession() as session:
            while address:
                async with session.get(address) as response:
                    documents.append(await response.read())
                links = etree.fromstring(documents[-1]).findall(f"{ATOM}link")
                found = [x.get("href") for x in links if x.get("rel") == "prev-archive"]
                address = found[0] if found else None
        return documents


@asynccontextmanager
async def office(
    folder: Path,
    clock: Clock,
    faults: Faults | None = None,
    limits: Limits | None = None,
    *,
    keep_all: bool = False,
) -> AsyncIterator[Office]:
    limits = limits or Limits()
    async with AsyncExitStack() as stack:
        ledger = await open_ledger(f"sqlite:{folder / 'gateway.db'}")
        stack.push_async_callback(ledger.close)
        store = Store(mailboxes=SqlMailboxes(ledger), blobs=MemoryBlobs(), clock=clock, clean=clean)
        ids = await open_mailbox(store, "The Heron, by mail", keep_all=keep_all)
        inbox = FaultyInbox(store, limits, faults or Faults())
        smtp = await stack.enter_async_context(
            receiving(inbox, limits, door("smtp", f"{HOST}:0"), name=DOMAIN)
        )
        probe = Readings("http://unset/", store)
        http = await stack.enter_async_context(serving(probe, door("http", f"{HOST}:0")))
        probe.base = f"http://{HOST}:{http}/"
        yield Office(smtp, http, ids.write, ids.read, store, inbox.arrivals)
