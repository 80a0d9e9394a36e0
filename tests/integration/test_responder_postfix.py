"""Behind a real mail server: readers' mail comes in through Postfix, answers leave through it."""

import asyncio
import shutil
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import dkim
import pytest

from service.post.answer_keys import read_pairs
from service.post.responding import Answering, responding
from tests.kit.asking import (
    ADDRESS,
    OURS,
    PROVIDER,
    ask,
    founded,
    letter,
    provider_key,
    signed,
    with_responder,
    zone,
)
from tests.kit.postfix import Postfix, postfix
from tests.kit.strangers import HOST

pytestmark = pytest.mark.needs_postfix
READER = "reader@mail.example"


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return founded(tmp_path_factory.mktemp("paper"), "en", "fa")


@pytest.fixture
def room(paper: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(paper, tmp_path / "room", symlinks=True))


@dataclass(frozen=True)
class Town:
    """A newsroom that answers, and the mail server before it."""

    found: Answering
    server: Postfix

    async def post(self, *mails: bytes, sender: str = READER) -> list[int]:
        return await asyncio.to_thread(self._post, mails, sender)

    def _post(self, mails: tuple[bytes, ...], sender: str) -> list[int]:
        codes = []
        for mail in mails:
            with smtplib.SMTP(HOST, self.server.door, timeout=60) as client:
                try:
                    codes.append(len(client.sendmail(sender, [ADDRESS], mail)) or 250)
                except smtplib.SMTPResponseException as error:
                    codes.append(error.smtp_code)
        return codes

    async def seen(self, count: int) -> None:
        """Wait until the responder came to an end with so many mails."""
        counts = self.found.responder.counts
        await self.server.until(lambda: counts.total() >= count)

    async def settled(self) -> None:
        """Wait until nothing is under way any more."""
        await self.found.responder.outbox.emptied()
        await self.server.until(lambda: self.server.waiting() == 0)


@asynccontextmanager
async def town(room: Path, more: str = "") -> AsyncIterator[Town]:
    async with postfix() as server, zone(provider_key().records(PROVIDER)) as (resolver, _):
        await asyncio.to_thread(
            with_responder, room, relay=server.relay, resolver=resolver, more=more
        )
        async with responding(room) as found:
            await asyncio.to_thread(server.to, found.port)
            yield Town(found, server)


async def test_a_readers_mail_is_answered_through_a_real_server(room: Path) -> None:
    pairs = await asyncio.to_thread(read_pairs, room / "secrets" / "responder")
    records = {name: text for one in pairs for name, text in one.records(OURS).items()}

    async with town(room) as place:
        codes = await place.post(ask(READER, "latest fa"), ask(READER, "", "bundle en 100"))
        await place.server.until(lambda: len(place.server.mails()) == 2)
        raw = [path.read_bytes() for path in place.server.place.glob("mail/all/new/*")]
        told = place.server.mails()

    def in_dns(name: bytes, timeout: int = 5) -> bytes:
        del timeout
        return records[name.decode().rstrip(".")].encode()

    assert codes == [250, 250]
    assert [one["Return-Path"] for one in told] == ["<>", "<>"]
    assert [one["Auto-Submitted"] for one in told] == ["auto-replied"] * 2
    assert sorted(len(list(one.iter_attachments())) for one in told) == [0, 1]
    # the mail server adds CRLF as its own line ends: the Maildir has line feeds
    assert [dkim.verify(one, dnsfunc=in_dns) for one in raw] == [True, True]


async def test_nobody_hears_of_mail_that_is_no_readers(room: Path) -> None:
    bad = [
        letter(READER, "help"),
        signed(letter(READER, "help"), "evil.example"),
        ask(READER, "help").replace(b"reader@mail", b"victim@mail"),
        ask(READER, "help", Auto_Submitted="auto-replied"),
        ask(READER, "help", Precedence="bulk"),
        ask(READER, "help", List_Id="<x.mail.example>"),
        signed(letter(ADDRESS, "help"), OURS),
        ask("mailer-daemon@mail.example", "help"),
    ]

    async with town(room) as place:
        codes = await place.post(*bad)
        long = await place.post(ask(READER, "help", "x\n" * 60_000))
        bounce = await place.post(ask(READER, "help"), sender="")
        await place.seen(len(bad))
        await place.settled()
        told = place.server.mails()

    assert codes == [250] * len(bad)
    assert (long, bounce) == ([552], [250])
    assert told == []


async def test_who_asks_too_often_hears_nothing_more(room: Path) -> None:
    async with town(room) as place:
        await place.post(*(ask(READER, "help", f"{n}") for n in range(6)))
        await place.seen(6)
        await place.settled()
        told = place.server.mails()

    assert len(told) == 3


async def test_our_own_answer_sent_back_ends_there(room: Path) -> None:
    async with town(room) as place:
        await place.post(ask(READER, "help"))
        await place.server.until(lambda: len(place.server.mails()) == 1)
        (path,) = place.server.place.glob("mail/all/new/*")
        await place.post(path.read_bytes())
        await place.seen(2)
        await place.settled()
        told = place.server.mails()

    assert len(told) == 1
