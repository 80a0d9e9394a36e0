"""A rival gateway with the manners of kill-the-newsletter, and faults to inject.

It answers 250 to what it throws away, looks for no duplicates, drops what is over 512 KiB without
a SIZE, lets its feed be read 11 times an hour, knows no ETag, forgets the oldest beyond 2^19
characters, adds a footer to each content, and gives ids of its own.
"""

import asyncio
import uuid
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from html import escape

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from tamizdat.ports import Clock

LARGEST = 512 * 1024
HOLDS = 2**19
READS = 11
FOOTER = '<hr /><p style="color: gray"><small><a href="https://rival.example/">settings</a></small>'
HOST = "127.0.0.1"


@dataclass
class Faults:
    """What goes wrong with the n-th letter (from 1), and with readings."""

    cut_after: set[int] = field(default_factory=set)  # kept, then the connection is cut
    cut_before: set[int] = field(default_factory=set)  # lost, then the connection is cut
    later: set[int] = field(default_factory=set)  # 451
    swallowed: set[int] = field(default_factory=set)  # 250, and thrown away
    too_big: int | None = None  # 552 beyond so many bytes
    restart_at: set[int] = field(default_factory=set)  # 421, and the door closes


@dataclass
class Rival:
    """Its state. `letters` counts what reached DATA; `refused` counts readings over the limit."""

    clock: Clock
    local: str = "inbox"
    faults: Faults = field(default_factory=Faults)
    footer: str = FOOTER
    change: tuple[str, str] = ("", "")
    entries: deque[tuple[str, str, str]] = field(default_factory=deque)
    letters: int = 0
    reads: list[datetime] = field(default_factory=list)
    refused: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    smtp: int = 0
    http: int = 0
    _server: asyncio.Server | None = None

    @property
    def feed(self) -> str:
        return f"http://{HOST}:{self.http}/feeds/{self.local}.xml"

    @property
    def address(self) -> str:
        return f"{self.local}@rival.example"

    def keep(self, body: bytes) -> None:
        message = message_from_bytes(body, policy=default)
        part = message.get_body(("html", "plain"))
        assert part is not None
        html = str(part.get_content()) + self.footer
        html = html.replace(*self.change) if self.change[0] else html
        title = str(message["Subject"])
        self.taken[str(message["Message-ID"])] += 1
        self.entries.appendleft((uuid.uuid4().urn, title, html))
        while sum(len(title) + len(html) for _, title, html in self.entries) > HOLDS:
            self.entries.pop()

    async def handle_EHLO(  # noqa: N802
        self, _: SMTP, session: Session, __: Envelope, name: str, answers: list[str]
    ) -> list[str]:
        session.host_name = name
        return [*answers[:-1], f"250-SIZE {LARGEST}", answers[-1]]

    async def handle_MAIL(  # noqa: N802
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        size = next((int(word[5:]) for word in options if word.upper().startswith("SIZE=")), 0)
        if self.faults.too_big and size > self.faults.too_big:
            return "552 5.3.4 Too big for us"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _: Session, envelope: Envelope
    ) -> str:
        self.letters += 1
        number, body = self.letters, envelope.content
        assert isinstance(body, bytes)
        if number in self.faults.later:
            return f"451 4.3.0 Try again later, {envelope.rcpt_tos[0]}"
        if number in self.faults.restart_at:
            self.cut(server)
            return "421 4.3.2 Restarting"
        thrown = number in self.faults.swallowed or number in self.faults.cut_before
        known = self.address in envelope.rcpt_tos and envelope.mail_from not in {None, "", "<>"}
        if known and not thrown and len(body) <= LARGEST:
            self.keep(body)
        if number in self.faults.cut_before | self.faults.cut_after:
            self.cut(server)
        return "250 OK"

    def cut(self, server: SMTP) -> None:
        assert isinstance(server.transport, asyncio.Transport)
        server.transport.abort()

    async def read(self, _: web.Request) -> web.Response:
        now = self.clock.now()
        hour = [at for at in self.reads if at > now - timedelta(hours=1)]
        self.reads.append(now)
        if len(hour) >= READS:
            self.refused += 1
            return web.Response(status=429)
        entries = "".join(
            f"<entry><id>{name}</id><title>{escape(title)}</title>"
            f'<content type="html">{escape(html)}</content></entry>'
            for name, title, html in self.entries
        )
        body = f'<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id>{entries}</feed>'
        return web.Response(text=body, content_type="application/atom+xml")

    async def restart(self) -> None:
        """Close the door for good and open it again at the same port."""
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()
        await self._open()

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, hostname="rival", data_size_limit=None, loop=loop),
            HOST,
            self.smtp,
        )
        self.smtp = self._server.sockets[0].getsockname()[1]

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Rival"]:
        app = web.Application()
        app.router.add_get("/feeds/{name}", self.read)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, HOST, 0).start()
        self.http = runner.addresses[0][1]
        await self._open()
        try:
            yield self
        finally:
            assert self._server is not None
            self._server.close()
            await self._server.wait_closed()
            await runner.cleanup()
