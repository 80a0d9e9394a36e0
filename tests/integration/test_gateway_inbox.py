"""Our own gateway: what it answers by SMTP is true, and its feed holds what it took."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import aiosmtplib
import feedparser
import pytest

from gateway.inbox import Limits
from gateway.letter import letter, text_of
from gateway.mailbox import hidden
from gateway.postmaster import close_mailbox, sweep
from tamizdat.letter import GatewayId
from tests.kit.office import DOMAIN, HOST, Office, office
from tests.kit.post import SENDER, TurnedClock, article
from tests.unit.gateway.test_letter_check import slip_for

FROM = "reader.of.tehran@planted.example"
SMALL = Limits(letter_bytes=20_000, mailbox_letters=60)


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def own(tmp_path: Path, clock: TurnedClock) -> AsyncIterator[Office]:
    async with office(tmp_path, clock, limits=SMALL) as opened:
        yield opened


def mail(number: int = 1, **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"Reader <{FROM}>"
    message["Subject"] = f"letter {number}"
    message["Message-ID"] = f"<{number}@planted.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(f"Hello {number}\n\n<b>bye</b>")
    message.add_alternative(
        f"<p onclick=x>Hello <b>{number}</b><script>x</script></p>", subtype="html"
    )
    return message


async def say(own: Office, body: bytes, *, to: str | None = None, sender: str = FROM) -> int:
    """The code that a letter gets at the end."""
    client = aiosmtplib.SMTP(hostname=HOST, port=own.smtp, use_tls=False, start_tls=False)
    async with client:
        try:
            await client.ehlo()
            await client.mail(sender)
            await client.rcpt(to or own.address)
            return (await client.data(body)).code
        except aiosmtplib.SMTPResponseException as error:
            return error.code


async def greeting_or_nothing(port: int) -> bytes:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        return await reader.read(100)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def everything_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def get(url: str, **headers: str) -> tuple[int, bytes, Mapping[str, str]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with aiohttp.ClientSession() as session, session.get(url, headers=named) as response:
        return response.status, await response.read(), response.headers


async def test_a_letter_is_taken_cleaned_and_shown_in_three_formats(own: Office) -> None:
    assert await say(own, mail().as_bytes()) == 250

    found = [await get(own.base + name) for name in ("atom.xml", "rss.xml", "feed.json")]

    assert [status for status, _, _ in found] == [200, 200, 200]
    assert [headers["Content-Type"].split(";")[0] for _, _, headers in found] == [
        "application/atom+xml",
        "application/rss+xml",
        "application/feed+json",
    ]
    for _, body, _ in found:
        assert b"script>" not in body
        assert b"script&gt;" not in body
        assert b"onclick" not in body
        assert b"planted.example" not in body
        assert b"letter 1" in body
    parsed = [feedparser.parse(body) for _, body, _ in found[:2]]
    assert [one.bozo for one in parsed] == [False, False]
    assert parsed[0].entries[0].id == parsed[1].entries[0].id


REFUSED: list[tuple[str, Callable[[Office], tuple[bytes, str, str]], int]] = [
    ("nobody's mailbox", lambda _: (mail().as_bytes(), f"nobody@{DOMAIN}", FROM), 550),
    ("the read id", lambda o: (mail().as_bytes(), f"{o.read}@{DOMAIN}", FROM), 550),
    ("another domain", lambda o: (mail().as_bytes(), f"{o.write}@else.example", FROM), 550),
    ("a bounce", lambda o: (mail().as_bytes(), o.address, ""), 554),
    (
        "an automatic answer",
        lambda o: (mail(Auto_Submitted="auto-replied").as_bytes(), o.address, FROM),
        554,
    ),
    (
        "a circle",
        lambda o: (b"Received: by x\r\n" * 31 + mail().as_bytes(), o.address, FROM),
        554,
    ),
    (
        "no text",
        lambda o: (b"Message-ID: <a@b>\r\nContent-Type: image/png\r\n\r\nx", o.address, FROM),
        554,
    ),
    ("too much", lambda o: (mail().as_bytes() + b"x\r\n" * 9000, o.address, FROM), 552),
]


@pytest.mark.parametrize(("what", "told", "code"), REFUSED, ids=[row[0] for row in REFUSED])
async def test_what_is_not_kept_is_refused(
    own: Office, what: str, told: Callable[[Office], tuple[bytes, str, str]], code: int
) -> None:
    body, to, sender = told(own)

    answer = await say(own, body, to=to, sender=sender)

    assert answer == code, what
    assert b"<entry" not in (await get(own.feed))[1]


async def test_size_is_announced_and_refused_before_the_letter_comes(own: Office) -> None:
    client = aiosmtplib.SMTP(hostname=HOST, port=own.smtp, use_tls=False, start_tls=False)
    async with client:
        await client.ehlo()
        announced = client.esmtp_extensions["size"]
        with pytest.raises(aiosmtplib.SMTPSenderRefused) as refused:
            await client.mail(FROM, options=["SIZE=20001"])

    assert announced == "20000"
    assert refused.value.code == 552


async def test_the_same_letter_again_is_one_entry(own: Office) -> None:
    codes = [await say(own, mail().as_bytes()) for _ in range(3)]

    assert codes == [250, 250, 250]
    assert (await get(own.feed))[1].count(b"<entry>") == 1


async def test_a_known_letter_with_another_text_leaves_no_bytes(own: Office) -> None:
    blobs = own.store.blobs.bodies  # type: ignore[attr-defined]
    await say(own, mail().as_bytes())
    before = set(blobs)

    code = await say(own, mail().as_bytes().replace(b"Hello", b"Other"))

    assert code == 250
    assert set(blobs) == before


async def test_who_says_nothing_does_not_hold_up_the_end(
    tmp_path: Path, clock: TurnedClock
) -> None:
    async with AsyncExitStack() as stack:
        own = await stack.enter_async_context(office(tmp_path, clock))
        reader, writer = await asyncio.open_connection(HOST, own.smtp)
        await reader.readline()
        asked, asking = await asyncio.open_connection(HOST, own.http)
        asking.write(b"GET / HTTP/1.1\r\n")
        began = asyncio.get_running_loop().time()

        await stack.aclose()

        took = asyncio.get_running_loop().time() - began
        async with asyncio.timeout(5):
            left = await reader.read() + await asked.read()
        for one in (writer, asking):
            one.close()
            await one.wait_closed()

    assert took < 2
    assert left == b""


async def test_a_connection_that_lasts_too_long_is_ended(
    tmp_path: Path, clock: TurnedClock
) -> None:
    async with office(tmp_path, clock, limits=Limits(seconds=0.2)) as own, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection(HOST, own.smtp)
        await reader.readline()

        left = await reader.read()

        writer.close()
        await writer.wait_closed()
        assert left == b""
        assert await say(own, mail().as_bytes()) == 250


async def test_beyond_the_limit_nobody_comes_in(tmp_path: Path, clock: TurnedClock) -> None:
    async with office(tmp_path, clock, limits=Limits(connections=2)) as own, asyncio.timeout(20):
        inside = [await asyncio.open_connection(HOST, own.smtp) for _ in range(2)]
        greetings = [await reader.readline() for reader, _ in inside]

        said = await greeting_or_nothing(own.smtp)

        for _, writer in inside:
            writer.close()
    assert all(line.startswith(b"220") for line in greetings)
    assert said == b""


async def test_a_withdrawn_entry_leaves_current_and_closed_documents(own: Office) -> None:
    for number in range(1, 53):
        made = text_of(article(number), pictures=None, ways=())
        await say(own, letter(made, slip_for(made), GatewayId("gate"), SENDER).body)
    before = await own.whole_feed()

    gone = await own.store.mailboxes.withdraw([article(number).urn for number in (2, 51)])
    await sweep(own.store)
    after = await own.whole_feed()

    urns = [article(number).urn.encode() for number in (2, 51)]
    assert gone == 2
    assert [any(urn in body for body in before) for urn in urns] == [True, True]
    assert not [body for body in after for urn in urns if urn in body]
    assert len(own.store.blobs.bodies) == 51  # type: ignore[attr-defined]


@pytest.mark.parametrize("order", [(1, 2, 1), (2, 1), (1, 3, 2)])
async def test_a_newer_revision_takes_the_place_of_the_older(
    own: Office, clock: TurnedClock, order: tuple[int, ...]
) -> None:
    for revision in order:
        made = text_of(article(1, revision=revision), pictures=None, ways=())
        body = letter(made, slip_for(made), GatewayId("gate"), SENDER).body
        await say(own, body.replace(b"Message-ID: <", f"Message-ID: <{revision}".encode()))
        clock.at += timedelta(seconds=5)

    parsed = feedparser.parse((await get(own.feed))[1])

    assert [entry.id for entry in parsed.entries] == [article(1).urn]
    assert f"revision {max(order)}" in parsed.entries[0].content[0].value


async def test_a_mailbox_may_keep_every_revision(tmp_path: Path, clock: TurnedClock) -> None:
    async with office(tmp_path, clock, keep_all=True) as own:
        for revision in (1, 2):
            made = text_of(article(1, revision=revision), pictures=None, ways=())
            await say(own, letter(made, slip_for(made), GatewayId("gate"), SENDER).body)

        parsed = feedparser.parse((await get(own.feed))[1])

    assert [entry.id for entry in parsed.entries] == [f"{article(1).urn}:2", article(1).urn]


async def test_a_full_mailbox_says_so_and_forgets_nothing(own: Office) -> None:
    for number in range(SMALL.mailbox_letters):
        assert await say(own, mail(number).as_bytes()) == 250

    assert await say(own, mail(99).as_bytes()) == 452

    documents = await own.whole_feed()
    ids = {entry.id for body in documents for entry in feedparser.parse(body).entries}
    assert len(ids) == SMALL.mailbox_letters


async def test_a_full_store_asks_to_come_again(tmp_path: Path, clock: TurnedClock) -> None:
    async with office(tmp_path, clock, limits=Limits(total_bytes=100)) as own:
        assert await say(own, mail().as_bytes()) == 451


async def test_archives_never_change_and_lead_on(own: Office, clock: TurnedClock) -> None:
    for number in range(51):
        await say(own, mail(number).as_bytes())
    first = await get(f"{own.base}archive/1/atom.xml")

    await say(own, mail(52).as_bytes())
    clock.at += timedelta(days=1)
    again = await get(f"{own.base}archive/1/atom.xml")
    ahead = await get(f"{own.base}archive/2/atom.xml")
    beyond = await get(f"{own.base}archive/3/atom.xml")

    assert first[:2] == again[:2]
    assert b"archive/2/atom.xml" in first[1]
    assert b"<fh:archive" in first[1]
    assert b"prev-archive" not in first[1]
    assert "immutable" in first[2]["Cache-Control"]
    assert ahead[1] == (await get(own.feed))[1]
    assert beyond[0] == 404


async def test_what_a_reader_has_already_is_not_sent_again(own: Office, clock: TurnedClock) -> None:
    await say(own, mail(1).as_bytes())
    fresh = await get(own.feed)
    clock.at += timedelta(seconds=10)
    settled = await get(own.feed)

    by_tag = await get(own.feed, If_None_Match=settled[2]["ETag"])
    by_date = await get(own.feed, If_Modified_Since=settled[2]["Last-Modified"])
    await say(own, mail(2).as_bytes())
    changed = await get(own.feed, If_None_Match=settled[2]["ETag"])

    assert "Last-Modified" not in fresh[2]
    assert (by_tag[0], by_tag[1], by_date[0], changed[0]) == (304, b"", 304, 200)


async def test_nobody_reads_with_another_id(own: Office) -> None:
    urls = [own.feed.replace(own.read, name) for name in (own.write, "x", "x" * 99)]
    urls += [f"{own.base}other.xml", f"{own.base}archive/0/atom.xml"]

    assert {(await get(url))[0] for url in urls} == {404}
    assert (await own.store.mailboxes.by_read(hidden(own.write))) is None


async def test_a_closed_mailbox_takes_and_shows_nothing(own: Office) -> None:
    await say(own, mail().as_bytes())

    assert await close_mailbox(own.store, own.read)

    assert await say(own, mail(2).as_bytes()) == 550
    assert (await get(own.feed))[0] == 404
    assert await close_mailbox(own.store, own.read) is False


async def test_who_writes_and_who_reads_stands_nowhere(
    own: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await say(own, mail().as_bytes())
    await say(own, mail(2, Auto_Submitted="auto-replied").as_bytes())
    await say(own, mail(3).as_bytes(), to=f"nobody-{FROM}")
    await get(own.feed, User_Agent="planted-agent")
    _, writer = await asyncio.open_connection(HOST, own.http)
    writer.write(b"\x16\x03\x01 broken\r\n\r\n")
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    kept = everything_below(tmp_path)
    kept += b"".join(own.store.blobs.bodies.values())  # type: ignore[attr-defined]
    told = "\n".join(str(record.__dict__) for record in caplog.records)

    for planted in (FROM, "planted.example", own.write, own.read, "planted-agent"):
        assert planted.encode() not in kept
        assert planted not in told
    assert not [r for r in caplog.records if HOST in r.getMessage()]


async def test_a_date_from_the_future_becomes_now(own: Office) -> None:
    later = datetime(2099, 1, 1, tzinfo=UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")

    await say(own, mail(Date=later).as_bytes())

    assert b"<published>2026-03-14T09:26:53Z</published>" in (await get(own.feed))[1]
