"""A newsroom's gateways by the command line, against our own gateway; and what is told to whom."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from gateway.check import check
from gateway.foreign import parse
from gateway.sender import Post, send
from service.keys.published import published_roots
from service.post.slip_gate import RootGate
from tamizdat.article import ArticleId
from tamizdat.letter import GatewayId, Letter, LetterState, Reply
from tamizdat.wire import Root
from tests.kit.newsroom import Made, made_newsroom, tamizdat
from tests.kit.office import HOST, Office, office
from tests.kit.post import TurnedClock
from tests.kit.rival import Faults, Rival

BLOCK = """
[[gateway]]
id = "ours"
host = "127.0.0.1"
port = {port}
tls = "none"
to = "to"
feed = "feed"
sender = "letters@heron.example"
reads_per_hour = 60
"""
_ARTICLE = ArticleId("a" * 13)
PLANTED = "reader-of-tehran@planted.example"


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Office]:
    folder = tmp_path / "gateway"
    folder.mkdir()
    async with office(folder, TurnedClock()) as opened:
        yield opened


@pytest.fixture
def made(tmp_path: Path, own: Office) -> Made:
    """A published newsroom that knows our gateway."""
    room = made_newsroom(tmp_path)
    (room.folder / "to").write_text(own.address)
    (room.folder / "feed").write_text(own.feed)
    with (room.folder / "tamizdat.toml").open("a") as config:
        config.write(BLOCK.format(port=own.smtp))
    return room


async def test_what_is_published_arrives_verified_and_names_no_address(
    made: Made, own: Office
) -> None:
    sent = await asyncio.to_thread(tamizdat, "-C", made.folder, "gateway", "send", "--json")
    again = await asyncio.to_thread(tamizdat, "-C", made.folder, "gateway", "send", "--json")
    told = await asyncio.to_thread(tamizdat, "-C", made.folder, "gateway", "status", "--json")

    assert sent.returncode == 0, sent.stderr
    standing = json.loads(sent.stdout)["gateways"][0]
    assert standing["delivered"] == standing["states"]["verified"] > 0
    assert json.loads(again.stdout) == json.loads(told.stdout) == json.loads(sent.stdout)
    assert len(own.arrivals) == standing["delivered"]
    root = Root.parse(published_roots(made.folder / "keys")[-1].body, "root")
    entries = [e for body in await own.whole_feed() for e in parse(body).entries]
    proofs = [check(entry, RootGate(root=root)) for entry in entries]
    assert {p.state for p in proofs if p} == {LetterState.VERIFIED}
    assert len(entries) == standing["delivered"]
    said = sent.stdout + sent.stderr + told.stdout + told.stderr
    state = b"".join(p.read_bytes() for p in (made.folder / "state").rglob("*") if p.is_file())
    for secret in (own.write, own.read):
        assert secret not in said
        assert secret.encode() not in state
    assert not [p for p in (made.folder / "state" / "letters").rglob("*") if p.is_file()]


async def test_a_newsroom_without_gateways_is_told_how_to_have_one(tmp_path: Path) -> None:
    folder = tmp_path / "room"
    await asyncio.to_thread(tamizdat, "init", folder)

    sent = await asyncio.to_thread(tamizdat, "-C", folder, "gateway", "send")

    assert sent.returncode == 2
    assert "[[gateway]]" in sent.stderr


async def test_a_gateway_that_quotes_addresses_is_not_repeated(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    rival = Rival(clock=TurnedClock(), faults=Faults(later={1}))
    async with rival.running():
        post = Post(
            host=HOST, port=rival.smtp, tls="none", to=PLANTED, sender=PLANTED, max_bytes=9999
        )
        letters = [_letter(1), _letter(2), _letter(3, b"x" * 10_000)]
        logging.getLogger("mail.log").disabled = True

        answers = await send(post, letters)

    assert [one.reply for one in answers] == [Reply.LATER, Reply.TAKEN, Reply.TOO_BIG]
    assert [one.detail for one in answers] == ["451", "250", "ours"]
    assert PLANTED not in "\n".join(str(record.__dict__) for record in caplog.records)


async def test_a_gateway_that_is_not_there_is_tried_later() -> None:
    post = Post(host=HOST, port=1, tls="none", to="a@b.example", sender="c@d.example", max_bytes=99)

    answers = await send(post, [_letter(1), _letter(2)])

    assert [one.reply for one in answers] == [Reply.LATER, Reply.LATER]


async def test_what_is_withdrawn_while_it_waits_never_leaves(own: Office) -> None:
    post = Post(
        host=HOST, port=own.smtp, tls="none", to=own.address, sender=PLANTED, max_bytes=9999
    )

    answers = await send(post, [_letter(1), _letter(2)], lambda one: one.message_id != "<1@x>")

    assert [one.reply for one in answers] == [Reply.NEVER, Reply.TAKEN]
    assert own.arrivals == ["Message-ID: <2@x>"]


async def test_a_gateway_that_hangs_does_not_hold_up_the_end() -> None:
    came = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(mute, HOST, 0) as server:
        port = server.sockets[0].getsockname()[1]
        post = Post(host=HOST, port=port, tls="none", to="a@b.c", sender="a@b.c", max_bytes=99999)
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            sending = group.create_task(send(post, [_letter(1)]))
            await came.wait()
            sending.cancel()

    assert sending.cancelled()


async def test_a_door_that_opens_again_takes_the_rest() -> None:
    rival = Rival(clock=TurnedClock(), faults=Faults(cut_before={1}, restart_at={3}))
    async with rival.running():
        post = Post(
            host=HOST, port=rival.smtp, tls="none", to=rival.address, sender=PLANTED, max_bytes=9999
        )

        first = await send(post, [_letter(number) for number in range(4)])
        await rival.restart()
        second = await send(post, [_letter(9)])
        async with aiohttp.ClientSession() as session, session.get(rival.feed) as response:
            entries = parse(await response.read()).entries

    assert [one.reply for one in first] == [Reply.UNSURE, Reply.TAKEN, Reply.UNSURE, Reply.TAKEN]
    assert second[0].reply is Reply.TAKEN
    assert len(entries) == 3


def _letter(number: int, more: bytes = b"") -> Letter:
    body = f"Message-ID: <{number}@x>\r\nSubject: {number}\r\n\r\nhello\r\n".encode() + more
    return Letter(
        gateway=GatewayId("rival"),
        article=_ARTICLE,
        revision=1,
        message_id=f"<{number}@x>",
        body=body,
    )
