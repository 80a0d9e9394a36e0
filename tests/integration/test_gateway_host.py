"""Our own gateway as any newsroom runs it: a process, its verbs, and what it keeps of whom."""

import asyncio
import json
import smtplib
import socket
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import feedparser
import pytest

from service.post.posting import hosted
from tamizdat.article import ArticleId, urn
from tests.integration.test_gateway_tls import certificate
from tests.kit.newsroom import made_newsroom
from tests.kit.posthouse import (
    DOMAIN,
    SENDER,
    everything_below,
    founded,
    get,
    hosting,
    in_time,
    mail,
    opened,
    post,
    with_post,
)
from tests.kit.program import Program, inside
from tests.kit.strangers import HOST

WRITERS, ENOUGH = 3, 30
PLANTED = (
    SENDER,
    "planted.example",
    "198.51.100.77",
    "planted-host",
    "planted-mailer",
    "planted-reader",
)


@pytest.fixture
def room(tmp_path: Path) -> Path:
    return founded(tmp_path)


def test_a_box_opened_while_the_host_runs_is_written_read_and_closed(room: Path) -> None:
    with hosting(room) as host:
        told = opened(room)

        code = post(host.smtp, told["to"], mail())

        found = [get(url) for url in told["feeds"]]
        again = [get(told["feeds"][n], If_None_Match=one[2]) for n, one in enumerate(found)]
        listed = inside("-C", room, "gateway", "boxes", "--json")
        closed = inside("-C", room, "gateway", "close", told["feeds"][1], "--json")
        after = post(host.smtp, told["to"], mail(2)), get(told["feeds"][0])[0]
        swept = in_time(lambda: not [p for p in (room / "state/post").rglob("*") if p.is_file()])
        twice = inside("-C", room, "gateway", "close", told["feeds"][1], "--json")

    assert code == 250
    assert [status for status, _, _ in found] == [200] * 3
    assert all(b"unmistakable words 1" in body for _, body, _ in found)
    assert [(status, body) for status, body, _ in again] == [(304, b"")] * 3
    (box,) = listed.json["boxes"]
    assert (box["number"], box["title"], box["letters"]) == (1, "The Heron, by mail", 1)
    assert box["bytes"] > 20
    assert (closed.code, closed.json) == (0, {"closed": True})
    assert after == (550, 404)
    assert swept
    assert (twice.code, twice.json) == (1, {"closed": False})


def test_what_is_not_taken_is_refused_and_why_is_true(room: Path) -> None:
    with hosting(room) as host:
        told = opened(room)
        read = told["feeds"][0].split("/")[-2]

        codes = {
            "nobody": post(host.smtp, f"nobody@{DOMAIN}", mail()),
            "the read id": post(host.smtp, f"{read}@{DOMAIN}", mail()),
            "elsewhere": post(host.smtp, "someone@else.example", mail()),
            "too big": post(host.smtp, told["to"], mail() + b"many words\r\n" * 100_000),
            "automatic": post(host.smtp, told["to"], mail(Auto_Submitted="auto-replied")),
            "a bounce": post(host.smtp, told["to"], mail(), sender=""),
        }
        feed = get(told["feeds"][0])[1]

    assert codes == {
        "nobody": 550,
        "the read id": 550,
        "elsewhere": 550,
        "too big": 552,
        "automatic": 554,
        "a bounce": 554,
    }
    assert b"<entry" not in feed


def test_nothing_about_writers_or_readers_is_kept_or_said(room: Path) -> None:
    with hosting(room) as host:
        told = opened(room)
        post(host.smtp, told["to"], mail())
        post(host.smtp, told["to"], mail(2, Auto_Submitted="auto-replied"))
        post(host.smtp, f"nobody-{SENDER}", mail(3))
        for url in (*told["feeds"], told["feeds"][0] + "x"):
            get(url, User_Agent="planted-reader", X_Forwarded_For="198.51.100.77", Cookie="planted")
        with socket.create_connection((HOST, host.smtp)) as rude:
            rude.sendall(b"EHLO planted-host\r\nRCPT planted.example\r\nDATA 198.51.100.77\r\n\xff")
        while_it_runs = everything_below(room)
        host.stop()
    after = everything_below(room)

    ids = [told["to"].split("@")[0], told["feeds"][0].split("/")[-2]]
    for kept in (while_it_runs, after, host.out.encode()):
        assert not [word for word in (*PLANTED, *ids) if word.encode() in kept]
    assert b"unmistakable words 1" in after
    assert host.out == ""


def test_it_stops_at_once_and_keeps_what_it_said_it_took(room: Path) -> None:
    enough, taken = Event(), [set[str]() for _ in range(WRITERS)]

    def write(writer: int) -> None:
        for number in range(writer * 1000, writer * 1000 + 1000):
            if post(host.smtp, told["to"], mail(number)) != 250:
                return
            taken[writer].add(f"letter {number}")
            if len(taken[writer]) >= ENOUGH:
                enough.set()

    with ThreadPoolExecutor(WRITERS) as pool, hosting(room) as host:
        told = opened(room)
        silent = socket.create_connection((HOST, host.smtp))
        slow = socket.create_connection((HOST, int(host.said["http"])))
        slow.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n")
        writing = [pool.submit(write, writer) for writer in range(WRITERS)]
        assert enough.wait(60)

        host.stop()

        failed = [one.exception(timeout=60) for one in writing]
        silent.close()
        slow.close()
    with hosting(room):
        shown: set[str] = set()
        url: str | None = told["feeds"][0]
        while url:
            feed = feedparser.parse(get(url)[1])
            shown |= {entry.title for entry in feed.entries}
            earlier = [link.href for link in feed.feed.links if link.rel == "prev-archive"]
            url = earlier[0] if earlier else None

    assert host.stopped < 2
    assert host.code == 0
    assert all(isinstance(one, OSError | smtplib.SMTPException | None) for one in failed)
    assert set().union(*taken) <= shown


def test_two_hosts_never_take_letters_at_once(room: Path) -> None:
    with hosting(room):
        second = Program(room.parent).run("-C", room, "gateway", "host")

    assert second.code == 1
    assert "another tamizdat" in second.err


def test_our_own_letters_go_into_our_own_box_and_are_verified(tmp_path: Path) -> None:
    made = made_newsroom(tmp_path)
    with_post(made.folder)

    with hosting(made.folder):
        told = opened(made.folder, "--for-us", "own")
        sent = Program(tmp_path).run("-C", made.folder, "gateway", "send", "--json")
        feed = feedparser.parse(get(told["feeds"][0])[1])

    assert sent.code == 0, sent.err
    (standing,) = sent.json["gateways"]
    assert standing["id"] == told["gateway"] == "own"
    assert standing["delivered"] == sum(standing["states"].values()) == len(feed.entries) > 0
    modes = {p.name: p.stat().st_mode & 0o777 for p in (made.folder / "secrets").iterdir()}
    assert modes == {"own.to": 0o600, "own.feed": 0o600}
    assert (made.folder / "secrets/own.to").read_text() == told["to"] + "\n"


def test_what_we_withdraw_leaves_our_own_boxes_too(tmp_path: Path) -> None:
    made = made_newsroom(tmp_path)
    with_post(made.folder)

    with hosting(made.folder):
        told = opened(made.folder, "--for-us", "own")
        inside("-C", made.folder, "gateway", "send")
        listed = inside("-C", made.folder, "article", "list", "--json").json
        before = _urns(told["feeds"][2])
        article = next(ArticleId(one["id"]) for one in listed if urn(one["id"]) in before)

        inside("-C", made.folder, "article", "withdraw", article)

        gone = in_time(lambda: urn(article) not in _urns(told["feeds"][2]))
        after = _urns(told["feeds"][2])
        left = in_time(lambda: _files(made.folder / "state/post") == len(before))

    assert gone
    assert after == before - {urn(article)}
    assert left  # one file for each entry that is left, and one for the title


def test_what_we_withdraw_is_gone_too_where_no_host_runs(tmp_path: Path) -> None:
    made = made_newsroom(tmp_path)
    with_post(made.folder)
    with hosting(made.folder):
        told = opened(made.folder, "--for-us", "own")
        inside("-C", made.folder, "gateway", "send")
        before = _urns(told["feeds"][2])
    listed = inside("-C", made.folder, "article", "list", "--json").json
    article = next(ArticleId(one["id"]) for one in listed if urn(one["id"]) in before)

    inside("-C", made.folder, "article", "withdraw", article)
    sent = inside("-C", made.folder, "gateway", "send", "--wait", "0", "--json")

    assert sent.json["gateways"][0]["delivered"] == len(before) - 1
    assert _files(made.folder / "state/post") == len(before)


def _urns(feed: str) -> set[str]:
    return {one["id"] for one in json.loads(get(feed)[1])["items"]}


def _files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


async def test_letters_come_in_under_tls_where_a_certificate_is_named(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    room = await asyncio.to_thread(founded, tmp_path, f'certificate = "{cert}"\nkey = "{key}"\n')
    told = await asyncio.to_thread(opened, room)

    async with hosted(room) as host:
        code = await asyncio.to_thread(_posted_under_tls, host.smtp, cert, told["to"])
        status, body, _ = await asyncio.to_thread(get, told["feeds"][0])

    assert (code, status) == (250, 200)
    assert b"unmistakable words 1" in body


def _posted_under_tls(port: int, cert: Path, to: str) -> int:
    with smtplib.SMTP(HOST, port) as client:
        client.starttls(context=ssl.create_default_context(cafile=str(cert)))
        client.ehlo()
        client.mail(SENDER)
        client.rcpt(to)
        return client.data(mail())[0]


def test_a_program_without_letters_says_where_they_would_come_in(room: Path) -> None:
    command = Program(room.parent)._command(("-C", room, "gateway", "host"))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline() + process.stdout.readline()
        process.send_signal(2)
        code = process.wait(20)

    assert DOMAIN in said
    assert f"http://{HOST}:" in said
    assert code == 0
