"""Fetches, from a real server on loopback."""

import gzip
import tracemalloc
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from feeds.sources import fetch
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


@pytest.fixture
async def site() -> AsyncIterator[str]:
    app = web.Application()
    for path, handler in {
        "/page": page,
        "/bomb": bomb,
        "/to": redirect,
        "/again": again,
        "/cut": cut,
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
]


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_private_address_is_refused(address: str) -> None:
    with pytest.raises(SourceError, match="private network"):
        await fetch.fetch(address)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1"])
async def test_a_number_in_disguise_reaches_nothing(site: str, host: str) -> None:
    port = site.rpartition(":")[2]

    with pytest.raises(SourceError):
        await fetch.fetch(f"http://{host}:{port}/page")


async def test_the_guard_stands_between_the_name_and_the_connection(site: str) -> None:
    port = site.rpartition(":")[2]

    with pytest.raises(SourceError, match="private network"):
        await fetch.fetch(f"http://localhost:{port}/page")


def test_public_addresses_are_public() -> None:
    assert fetch.is_public("93.184.216.34")
    assert fetch.is_public("2606:4700:4700::1111")
    assert not fetch.is_public("not an address")


def test_an_address_is_told_from_a_path() -> None:
    assert fetch.is_address("HTTPS://a.example/")
    assert not fetch.is_address("export.xml")
