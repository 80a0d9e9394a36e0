"""Fetches, from a real server on loopback."""

import gzip
import json
import socket
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import ClassVar

import pytest
from aiohttp import ThreadedResolver, web
from aiohttp.abc import ResolveResult
from aiohttp.test_utils import TestServer

from feeds.sources import fetch
from feeds.sources.public import is_public
from tamizdat.errors import SourceError

BOMB = gzip.compress(b"\0" * 200 * 1024 * 1024, 9)


async def page(_: web.Request) -> web.Response:
    return web.Response(body="سلام".encode("windows-1256"), headers={
        "Content-Type": "text/html; charset=windows-1256", "Set-Cookie": "spy=1",
    })  # fmt: skip


async def bomb(_: web.Request) -> web.Response:
    return web.Response(body=BOMB, headers={"Content-Encoding": "gzip"})


async def redirect(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": request.query["to"]})


async def again(request: web.Request) -> web.Response:
    raise web.HTTPFound(f"/again?n={int(request.query.get('n', '0')) + 1}")


async def cut(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "100"})
    await answer.prepare(request)
    await answer.write(b"half")
    assert request.transport is not None
    request.transport.close()
    return answer


async def dated(request: web.Request) -> web.Response:
    marks = {"ETag": '"a"', "Last-Modified": "Thu, 26 Nov 2026 01:00:00 GMT"}
    same = request.headers.get("If-None-Match") == '"a"'
    return web.Response(status=304 if same else 200, headers=marks, text="" if same else "dated")


async def asked(request: web.Request) -> web.Response:
    return web.json_response(list(request.headers.items()))


@pytest.fixture
async def site() -> AsyncIterator[str]:
    app = web.Application()
    for path, handler in {
        "/page": page,
        "/bomb": bomb,
        "/to": redirect,
        "/again": again,
        "/cut": cut,
        "/dated": dated,
        "/asked": asked,
    }.items():
        app.router.add_get(path, handler)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    yield str(server.make_url("/")).rstrip("/")
    await server.close()


async def test_a_page_is_fetched_with_its_charset(site: str) -> None:
    found = await fetch.fetch(f"{site}/to?to=/page", allow_private=True)

    assert found.body.decode(found.charset or "") == "سلام"
    assert found.address == f"{site}/page"


async def test_a_decompression_bomb_is_stopped_in_little_memory(site: str) -> None:
    tracemalloc.start()

    with pytest.raises(SourceError, match="sends over 64 MB"):
        await fetch.fetch(f"{site}/bomb", allow_private=True)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * fetch.MAX_BYTES


FAILURES = [
    ("/none", "answers 404"),
    ("/again", "over 5 redirects"),
    ("/cut", "broke off"),
    ("/to?to=ftp://a.example/", "no http or https address"),
    ("/to?to=file:///etc/passwd", "no http or https address"),
    ("/to?to=http://me:pass@a.example/", "user name"),
    ("/to?to=http://[::1", "is no address"),
]


@pytest.mark.parametrize(("path", "detail"), FAILURES)
async def test_a_failure_is_one_line(site: str, path: str, detail: str) -> None:
    with pytest.raises(SourceError) as caught:
        await fetch.fetch(site + path, allow_private=True)

    assert detail in str(caught.value)
    assert "\n" not in str(caught.value)


PRIVATE = [
    "http://127.0.0.1/",
    "http://127.1.2.3:8080/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://172.16.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://0.0.0.0/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[fe80::1]/",
    "http://[fc00::1]/",
    "http://[ff02::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://localhost/",
    "http://127。0。0。1/",
    "http://１２７.0.0.1/",
    "http://①27.0.0.1/",
    "http://192.0.0.192/",
    "http://192.88.99.1/",
    "http://203.0.113.7/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[2001:0:7f00:1::]/",
    "http://[2606:4700::5efe:127.0.0.1]/",
    "http://[2606:4700::200:5efe:10.0.0.1]/",
    "http://[fec0::1]/",
    "http://[fd00:ec2::254]/latest/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[5f00::1]/",
    "http://[100::1]/",
]


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_private_address_is_refused(address: str) -> None:
    with pytest.raises(SourceError, match="private network"):
        await fetch.fetch(address)


NUMBERS = ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "0", "127.0.0.1.", "[::1%25lo]"]


@pytest.mark.parametrize("host", NUMBERS)
async def test_a_number_in_disguise_reaches_nothing(site: str, host: str) -> None:
    port = site.rpartition(":")[2]

    with pytest.raises(SourceError):
        await fetch.fetch(f"http://{host}:{port}/page")


async def test_the_guard_stands_between_the_name_and_the_connection(site: str) -> None:
    port = site.rpartition(":")[2]

    with pytest.raises(SourceError, match="private network"):
        await fetch.fetch(f"http://localhost:{port}/page")


class Rebinding(ThreadedResolver):
    """A name server of the attacker's: another answer to each question."""

    answers: ClassVar[list[list[str]]] = []
    asked: ClassVar[list[str]] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked.append(host)
        return [
            ResolveResult(hostname=host, host=one, port=port, family=family, proto=0, flags=0)
            for one in self.answers.pop(0)
        ]


@dataclass
class Two:
    """A site that counts as public, and one inside; `inside` holds the requests it saw."""

    public: str
    private: str
    port: int
    inside: list[str] = field(default_factory=list)


@pytest.fixture
async def two(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Two]:
    """The second address of loopback stands for the open internet."""
    monkeypatch.setattr(fetch, "is_public", lambda place: place == "127.0.0.2")
    monkeypatch.setattr(fetch, "ThreadedResolver", Rebinding)
    Rebinding.answers, Rebinding.asked = [], []
    found = Two("", "", 0)

    async def seen(request: web.Request) -> web.Response:
        found.inside.append(request.path)
        return web.Response(text="inside")

    app, within = web.Application(), web.Application()
    app.router.add_get("/to", redirect)
    app.router.add_get("/page", page)
    within.router.add_get("/{path:.*}", seen)
    private = TestServer(within, host="127.0.0.1")
    await private.start_server()
    public = TestServer(app, host="127.0.0.2", port=private.port)
    await public.start_server()
    found.port = private.port or 0
    found.public, found.private = str(public.make_url("/")), str(private.make_url("/"))
    yield found
    await public.close()
    await private.close()


async def test_a_redirect_to_the_inside_is_refused(two: Two) -> None:
    with pytest.raises(SourceError, match="private network"):
        await fetch.fetch(f"{two.public}to?to={two.private}admin")

    assert two.inside == []


async def test_a_name_that_changes_its_answer_is_asked_once_and_believed_never(two: Two) -> None:
    Rebinding.answers = [["127.0.0.2"], ["127.0.0.1"]]

    found = await fetch.fetch(f"http://rebinding.example:{two.port}/page")
    with pytest.raises(SourceError, match="private network"):
        await fetch.fetch(f"http://rebinding.example:{two.port}/page")

    assert found.body
    assert Rebinding.asked == ["rebinding.example"] * 2
    assert two.inside == []


async def test_of_two_answers_only_the_public_one_is_taken(two: Two) -> None:
    Rebinding.answers = [["127.0.0.1", "127.0.0.2"]]

    found = await fetch.fetch(f"http://both.example:{two.port}/page")

    assert found.body
    assert two.inside == []


async def test_a_redirect_by_name_to_the_inside_is_refused(two: Two) -> None:
    Rebinding.answers = [["127.0.0.1"]]

    with pytest.raises(SourceError, match="private network"):
        await fetch.fetch(f"{two.public}to?to=http://rebinding.example:{two.port}/page")

    assert two.inside == []


async def test_what_was_seen_is_not_sent_again(site: str) -> None:
    first = await fetch.fetch(f"{site}/dated", allow_private=True)

    again = await fetch.fetch_newer(f"{site}/dated", first.seen, allow_private=True)
    newer = await fetch.fetch_newer(f"{site}/dated", fetch.Seen(etag='"b"'), allow_private=True)

    assert first.seen == fetch.Seen(etag='"a"', modified="Thu, 26 Nov 2026 01:00:00 GMT")
    assert again is None
    assert newer is not None
    assert newer.body == b"dated"


async def test_a_request_tells_nothing_of_us(site: str) -> None:
    found = await fetch.fetch(f"{site}/to?to=/asked", allow_private=True)

    told = dict(json.loads(found.body))
    assert told.keys() <= {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
    assert told["User-Agent"] == "Mozilla/5.0 (compatible)"


PUBLIC = ["93.184.216.34", "2606:4700:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("text", ["not an address", "", "2130706433", "fe80::1%eth0", "2606::1%1"])
def test_what_is_no_plain_address_is_not_public(text: str) -> None:
    assert not is_public(text)


def test_an_address_is_told_from_a_path() -> None:
    assert fetch.is_address("HTTPS://a.example/")
    assert not fetch.is_address("export.xml")
