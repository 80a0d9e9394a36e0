"""Asking by mail: readers whose provider signs, its DNS, and a relay that takes answers."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from functools import cache
from pathlib import Path
from typing import cast

import aiosmtplib
import dns.message
import dns.rcode
import dns.rrset
from aiosmtpd.smtp import SMTP, Envelope, Session

from gateway.responder.own_key import Pair
from service.post.answer_keys import add_pair
from tests.kit.program import inside
from tests.kit.strangers import HOST

PATIENCE = 60.0
PROVIDER = "mail.example"
OURS = "paper.example"
ADDRESS = f"news@{OURS}"

BLOCK = """
[responder]
address = "news@paper.example"
smtp = "127.0.0.1:{smtp}"
host = "127.0.0.1"
port = {relay}
tls = "none"
resolver = "{resolver}"
per_second = 1000
{more}
"""


@cache
def provider_key() -> Pair:
    return Pair.made(date(2026, 11, 1))


def letter(
    sender: str,
    subject: str = "",
    text: str = "",
    *,
    to: str = ADDRESS,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A mail as a reader's program writes it, not signed yet."""
    made = EmailMessage()
    made["From"] = f"A Reader <{sender}>"
    made["To"] = to
    made["Subject"] = subject
    made["Message-ID"] = f"<{abs(hash((sender, subject, text)))}@{PROVIDER}>"
    for name, value in (headers or {}).items():
        made[name] = value
    made.set_content(text or "\n")
    return made.as_bytes(policy=POLICY)


def signed(mail: bytes, domain: str = PROVIDER) -> bytes:
    """The same as the reader's provider sends it."""
    return provider_key().signed(mail, domain)


def ask(sender: str, subject: str = "", text: str = "", **headers: str) -> bytes:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return signed(letter(sender, subject, text, headers=named))


@dataclass
class Relay:
    """A mail server that takes answers, or puts them off while it is `closed`."""

    closed: bool = False
    taken: list[tuple[str, str, EmailMessage]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        envelope.mail_from = address or "<>"
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.closed:
            return "451 4.3.0 Not now"
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        found = message_from_bytes(envelope.content, EmailMessage, policy=POLICY)
        self.taken += [(str(envelope.mail_from), to, found) for to in envelope.rcpt_tos]
        async with self.came:
            self.came.notify_all()
        return "250 Taken"

    async def until(self, count: int, patience: float = PATIENCE) -> None:
        """Wait until so many answers came."""
        async with asyncio.timeout(patience), self.came:
            await self.came.wait_for(lambda: len(self.taken) >= count)

    def last(self) -> EmailMessage:
        return self.taken[-1][2]

    def text(self) -> str:
        """What the last answer says."""
        part = self.last().get_body(("plain",))
        assert part is not None
        return str(part.get_content())


@asynccontextmanager
async def relaying(relay: Relay) -> AsyncIterator[int]:
    """The relay, until the block ends; gives its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(relay, hostname=HOST, loop=loop, data_size_limit=50_000_000), HOST, 0
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


class Zone(asyncio.DatagramProtocol):
    """A DNS server that knows text records; of a name that is `silent` it never tells."""

    def __init__(self, records: Mapping[str, str], silent: str = "") -> None:
        self.records, self.silent = records, silent
        self.asked: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)  # it is none by its class

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        if self.silent and name.endswith(self.silent):
            return
        answer = dns.message.make_response(query)
        text = self.records.get(name)
        if text is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            pieces = " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))
            answer.answer.append(dns.rrset.from_text(f"{name}.", 300, "IN", "TXT", pieces))
        self.transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def zone(records: Mapping[str, str], silent: str = "") -> AsyncIterator[tuple[str, Zone]]:
    """A DNS server, until the block ends: where it is, and what it was asked."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: Zone(records, silent), local_addr=(HOST, 0)
    )
    try:
        yield f"{HOST}:{transport.get_extra_info('sockname')[1]}", server
    finally:
        transport.close()


async def hand_in(port: int, *mails: bytes, sender: str = "x@mail.example") -> list[int]:
    """The codes that mails get, one connection for all."""
    async with aiosmtplib.SMTP(hostname=HOST, port=port, timeout=PATIENCE) as client:
        return [await _one(client, mail, sender) for mail in mails]


async def _one(client: aiosmtplib.SMTP, mail: bytes, sender: str) -> int:
    try:
        await client.mail(sender)
        await client.rcpt(ADDRESS)
        return (await client.data(mail)).code
    except aiosmtplib.SMTPResponseException as error:
        await client.rset()
        return error.code


def founded(folder: Path, *languages: str) -> Path:
    """A published newsroom that has a key for answers, without a [responder] block."""
    room = folder / "room"
    options = [word for one in languages or ("en",) for word in ("--language", one)]
    samples = Path(__file__).parents[2] / "service" / "samples"
    made = inside("init", room, *options, "--json")
    assert made.code == 0
    assert inside("-C", room, "import", "folder", samples, "--release").code == 0
    assert inside("-C", room, "publish").code == 0
    add_pair(room / "secrets" / "responder", date(2026, 11, 1))
    (room / "root-id").write_text(made.json["root"])
    return room


def with_responder(room: Path, *, relay: int, resolver: str, more: str = "", smtp: int = 0) -> None:
    """Add the block to its config."""
    block = BLOCK.format(smtp=smtp, relay=relay, resolver=resolver, more=more)
    with (room / "tamizdat.toml").open("a", encoding="utf-8") as config:
        config.write(block)
