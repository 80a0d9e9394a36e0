"""Readers ask by mail and are answered; nobody else is, and nothing of them stays."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import dkim
import pytest

from gateway.responder.shelf import OnShelf
from service.post.answer_keys import read_pairs
from service.post.responding import Answering, responding
from signing.token import read as token_in
from tamizdat.errors import ConfigError, LedgerError
from tests.kit.asking import (
    ADDRESS,
    OURS,
    PROVIDER,
    Relay,
    Zone,
    ask,
    founded,
    hand_in,
    letter,
    provider_key,
    relaying,
    signed,
    with_responder,
    zone,
)
from tests.kit.program import inside
from tests.kit.seeker import hits, needles, tree

READER = "reader.of.tehran@mail.example"


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published newsroom in three languages; each test works in a copy."""
    return founded(tmp_path_factory.mktemp("paper"), "en", "fa", "ru")


@pytest.fixture
def room(paper: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(paper, tmp_path / "room", symlinks=True))


@dataclass(frozen=True)
class Desk:
    """What a test has before it."""

    found: Answering
    relay: Relay
    names: Zone

    async def ask(self, *mails: bytes) -> list[int]:
        return await hand_in(self.found.port, *mails)

    async def answer(self, mail: bytes) -> EmailMessage:
        before = len(self.relay.taken)
        assert await self.ask(mail) == [250]
        await self.relay.until(before + 1)
        return self.relay.last()


@asynccontextmanager
async def answering(room: Path, more: str = "", silent: str = "") -> AsyncIterator[Desk]:
    relay = Relay()
    async with (
        relaying(relay) as port,
        zone(provider_key().records(PROVIDER), silent) as (resolver, names),
    ):
        await asyncio.to_thread(with_responder, room, relay=port, resolver=resolver, more=more)
        async with responding(room) as found:
            yield Desk(found, relay, names)


async def test_an_empty_mail_is_told_what_can_be_asked_in_all_languages(room: Path) -> None:
    async with answering(room) as desk:
        answer = await desk.answer(ask(READER))

    text = desk.relay.text()
    assert all(word in text for word in ("latest", "новости", "تازه‌ها"))
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["To"] == READER
    assert answer["From"] == ADDRESS
    assert answer["Date"].endswith("00:00:00 +0000")
    assert answer["In-Reply-To"] == answer["References"]
    assert answer["Reply-To"] is None
    assert desk.relay.taken[0][:2] == ("<>", READER)


async def test_mirrors_are_at_most_three_and_the_same_all_day(room: Path) -> None:
    with (room / "tamizdat.toml").open("a", encoding="utf-8") as config:
        for number in range(5):
            config.write(
                f'\n[[mirror]]\nid = "m{number}"\nbackend = "folder"\n'
                f'folder = "mirrors/m{number}"\n'
                f'url = "https://m{number}.host{number % 2}.example/"\n'
            )
        config.write(
            '\n[[mirror]]\nid = "hidden"\nbackend = "folder"\nfolder = "mirrors/h"\n'
            'url = "https://hidden.example/"\nexposure = "secret"\n'
        )

    async with answering(room) as desk:
        await desk.answer(ask(READER, "mirrors"))
        first = desk.relay.text()
        await desk.answer(ask(READER.replace("@", "+tag@"), "", "mirrors"))
        second = desk.relay.text()

    assert first == second
    assert first.count("https://m") == 3
    assert {"host0" in first, "host1" in first} == {True}
    assert "hidden" not in first


async def test_the_newest_articles_come_as_text_in_the_language_asked_for(room: Path) -> None:
    async with answering(room) as desk:
        answer = await desk.answer(ask(READER, "latest ru"))

    assert answer["Content-Language"] == "ru"
    assert "Новые статьи" in desk.relay.text()
    assert len(desk.relay.text()) > 500


async def test_a_text_that_is_cut_ends_with_an_article_and_says_so(room: Path) -> None:
    async with answering(room, more="text_kilobytes = 5") as desk:
        await desk.answer(ask(READER, "latest en"))

    told = desk.relay.text()
    assert "One mail holds no more than this" in told
    assert len(told.encode()) < 6_000


@pytest.mark.parametrize("kind", [0, 1, 2])
async def test_the_richest_bundle_that_fits_is_enclosed(
    room: Path, tmp_path: Path, kind: int
) -> None:
    async with answering(room) as desk:
        wanted = (await desk.found.responder.shelf.bundles("fa"))[kind]
        answer = await desk.answer(ask(READER, f"bundle fa {-(-wanted.length // 1000)}"))

    (file,) = answer.iter_attachments()
    body = file.get_payload(decode=True)
    assert isinstance(body, bytes)
    path = tmp_path / str(file.get_filename())
    path.write_bytes(body)
    assert len(body) == wanted.length
    root = (room / "root-id").read_text()
    verified = await asyncio.to_thread(inside, "verify", path, "--root", root)
    assert verified.code == 0


@dataclass(frozen=True)
class Heavy:
    """A shelf whose only file weighs much."""

    kilobytes: int

    async def languages(self) -> list[str]:
        return ["en"]

    async def texts(self, language: str) -> list[str]:
        return [f"A title in {language}"]

    async def bundles(self, language: str) -> list[OnShelf]:
        del language
        return [OnShelf(number=0, length=self.kilobytes * 1000 - 1)]

    async def enclosed(self, language: str, one: OnShelf) -> None:
        raise AssertionError(f"{language} {one}: was not to be sent")


@pytest.mark.parametrize(
    ("kilobytes", "said"), [(300, "bundle 300"), (9000, "more than we send by mail")]
)
async def test_where_no_file_fits_the_text_comes_and_how_to_ask(
    room: Path, kilobytes: int, said: str
) -> None:
    async with answering(room) as desk:
        desk.found.responder.shelf = Heavy(kilobytes)
        answer = await desk.answer(ask(READER, "bundle"))

    assert not list(answer.iter_attachments())
    assert said in desk.relay.text()
    assert "A title in en" in desk.relay.text()


async def test_answers_are_signed_so_that_another_program_believes_them(room: Path) -> None:
    pairs = await asyncio.to_thread(read_pairs, room / "secrets" / "responder")
    records = {name: text for one in pairs for name, text in one.records(OURS).items()}

    async with answering(room) as desk:
        answer = await desk.answer(ask(READER, "help"))

    def in_dns(name: bytes, timeout: int = 5) -> bytes:
        del timeout
        return records[name.decode().rstrip(".")].encode()

    assert dkim.verify(desk.relay.raw[0], dnsfunc=in_dns)
    assert len(answer.get_all("DKIM-Signature", [])) == 2


async def test_nothing_of_a_mail_is_quoted(room: Path) -> None:
    async with answering(room) as desk:
        await desk.answer(ask(READER, "help unmistakable subject", "unmistakable text"))

    assert b"unmistakable" not in desk.relay.raw[0]
    assert "unmistakable" not in desk.relay.text()


NEVER_ANSWERED = {
    "nobody vouches": letter(READER, "help"),
    "another domain vouches": signed(letter(READER, "help"), "evil.example"),
    "changed on the way": ask(READER, "help").replace(b"Subject: help", b"Subject: latest"),
    "another sender": ask(READER, "help").replace(b"reader.of", b"victim.of"),
    "to somebody else": signed(letter(READER, "help", to="friend@other.example")),
    "an automatic answer": ask(READER, "help", Auto_Submitted="auto-replied"),
    "a list": ask(READER, "help", List_Id="<a.mail.example>"),
    "bulk": ask(READER, "help", Precedence="bulk"),
    "a robot": ask("no-reply@mail.example", "help"),
    "our own address": signed(letter(ADDRESS, "help"), OURS),
    "in circles": b"Received: by a\r\n" * 31 + ask(READER, "help"),
    "long": ask(READER, "help", "x\n" * 40_000),
    "no head": b"nothing\r\n\r\nhelp\r\n",
    "hostile": b"From: " + b"<" * 900 + b"\r\nTo: news@paper.example\r\n\r\nhelp\r\n",
}


@pytest.mark.parametrize("name", NEVER_ANSWERED)
async def test_who_is_no_reader_gets_no_answer(room: Path, name: str) -> None:
    async with answering(room) as desk:
        codes = await desk.ask(NEVER_ANSWERED[name])
        await desk.answer(ask(READER, "help"))

    assert codes == [250]
    assert len(desk.relay.taken) == 1
    assert desk.found.responder.counts.total() == 2


async def test_our_own_answer_that_comes_back_is_not_answered(room: Path) -> None:
    async with answering(room) as desk:
        await desk.answer(ask(READER, "help"))
        await desk.ask(desk.relay.raw[0])
        await desk.answer(ask("other@mail.example", "help"))

    assert len(desk.relay.taken) == 2


async def test_bounces_long_mails_and_strangers_are_refused_at_the_door(room: Path) -> None:
    async with answering(room) as desk:
        port = desk.found.port
        bounce = await hand_in(port, ask(READER, "help"), sender="")
        long = await hand_in(port, ask(READER, "help", "x\n" * 600_000))

    assert (bounce, long) == ([554], [552])
    assert desk.relay.taken == []


async def test_an_asker_is_answered_three_times_a_day(room: Path) -> None:
    spellings = [READER, READER.upper(), READER.replace("@", "+a@"), READER, READER]

    async with answering(room) as desk:
        codes = await desk.ask(*(ask(one, "help") for one in spellings))
        await desk.relay.until(3)

    assert codes == [250] * 5
    assert len(desk.relay.taken) == 3
    assert desk.found.responder.counts["often enough today"] == 2


async def test_a_provider_that_hands_over_mail_gets_no_answer(room: Path) -> None:
    async with answering(room, more='refused = ["mail.example"]') as desk:
        await desk.ask(ask(READER, "help"))

    assert desk.relay.taken == []
    assert desk.found.responder.counts == {"provider refused": 1}
    assert desk.names.asked == []


@pytest.mark.parametrize(("more", "lane"), [("", "group"), ('slow = ["mail.example"]', "public")])
async def test_readers_of_a_provider_that_is_slow_learn_public_mirrors_only(
    room: Path, more: str, lane: str
) -> None:
    class Groups:
        async def for_asker(self, asker: str, day: int) -> list[str]:
            assert len(asker) == 64
            assert READER not in asker
            assert day > 700_000
            return ["https://group.example/"] * 9

    relay = Relay()
    async with (
        relaying(relay) as port,
        zone(provider_key().records(PROVIDER)) as (resolver, _),
    ):
        await asyncio.to_thread(with_responder, room, relay=port, resolver=resolver, more=more)
        async with responding(room, Groups()) as found:
            await hand_in(found.port, ask(READER, "mirrors"))
            await relay.until(1)

    assert relay.text().count("https://group.example/") == (3 if lane == "group" else 0)


async def test_readers_hold_a_token_where_the_config_names_a_channel(room: Path) -> None:
    with (room / "tamizdat.toml").open("a", encoding="utf-8") as config:
        config.write('\n[[mirror]]\nid = "m"\nbackend = "folder"\nfolder = "mirrors/m"\n')
        config.write('url = "https://m.example/"\n[[channel]]\nid = "mail"\n')

    async with answering(room, more='channel = "mail"') as desk:
        await desk.answer(ask(READER, "mirrors"))

    status = await asyncio.to_thread(inside, "-C", room, "ways", "status", "--json")
    (link,) = [word for word in desk.relay.text().split() if "#" in word]
    assert link.startswith("https://m.example/ways.html#")
    assert token_in(link).letters == link.partition("#")[2]
    assert status.json["channels"][0]["handed_out"] == 1


async def test_a_channel_that_is_not_there_is_refused_by_name(room: Path) -> None:
    await asyncio.to_thread(
        with_responder, room, relay=1, resolver="127.0.0.1", more='channel = "x"'
    )

    with pytest.raises(ConfigError, match="x: no such channel"):
        async with responding(room):
            pass


async def test_where_dns_is_silent_nobody_is_answered(room: Path) -> None:
    async with answering(room, silent="mail.example") as desk:
        desk.found.responder.names._resolver.lifetime = 0.2  # type: ignore[attr-defined]
        codes = await desk.ask(ask(READER, "help"))

    assert codes == [250]
    assert desk.found.responder.counts == {"DNS is silent": 1}


async def test_a_relay_that_puts_off_is_tried_again(room: Path) -> None:
    async with answering(room) as desk:
        desk.relay.closed = True
        await desk.ask(ask(READER, "help"))
        desk.relay.closed = False
        await desk.relay.until(1)

    assert len(desk.relay.taken) == 1


async def test_while_the_outbox_is_full_the_servers_before_us_wait(room: Path) -> None:
    async with answering(room, more="queue = 1\nanswers = 100") as desk:
        desk.relay.closed = True
        codes = await desk.ask(*(ask(READER, "help", str(n)) for n in range(30)))
        desk.relay.closed = False

    assert 451 in codes
    assert desk.found.responder.counts["too much"] == codes.count(451)


async def test_nothing_of_those_who_ask_is_found_afterwards(
    room: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    askers = [f"planted{n:04}person@mail.example" for n in range(1000)]

    async with answering(room, more="other_answers = 1000") as desk:
        for start in range(0, 1000, 100):
            await desk.ask(*(ask(one, "latest") for one in askers[start : start + 100]))
        await desk.relay.until(1000)
        responder = desk.found.responder

    assert {to for _, to, _ in desk.relay.taken} == set(askers)
    scanned = {**tree(room), "log": caplog.text.encode()}
    assert hits(scanned, needles("planted0", "person@mail")) == []
    assert "planted" not in repr(vars(responder.limiter)) + repr(vars(responder.outbox))


async def test_a_second_program_that_answers_is_refused(room: Path) -> None:
    async with answering(room):
        with pytest.raises(LedgerError):
            async with responding(room):
                pass


async def test_without_a_block_or_a_key_it_says_what_to_do(room: Path) -> None:
    with pytest.raises(ConfigError, match=r"\[responder\] block"):
        async with responding(room):
            pass

    shutil.rmtree(room / "secrets" / "responder")
    await asyncio.to_thread(with_responder, room, relay=25, resolver="127.0.0.1")
    with pytest.raises(ConfigError, match="responder key rotate"):
        async with responding(room):
            pass
