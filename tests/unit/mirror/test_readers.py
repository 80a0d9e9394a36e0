"""A stranger's reading over HTTP: what is taken, what is refused, and what is never sent."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Mapping

import pytest
from aiohttp import web

from mirror.readers import HttpReader, Stranger
from tamizdat.errors import BackendError

SEEN = web.AppKey("seen", list[Mapping[str, str]])


PACKED = gzip.compress(b"hello" * 1000)
ANSWERS: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "plain.html": (200, b"hello", {"Set-Cookie": "who=you; Path=/"}),
    "moved.html": (302, b"", {"Location": "/plain.html"}),
    "packed.html": (200, PACKED, {"Content-Encoding": "gzip"}),
    "broken.html": (500, b"x" * 200_000, {}),
    "busy.html": (429, b"", {}),
    "forbidden.html": (403, b"", {}),
}


async def _answer(request: web.Request) -> web.StreamResponse:
    request.app[SEEN].append(dict(request.headers))
    path = request.match_info["path"]
    if path == "endless.html":
        return await _endless(request)
    status, body, headers = ANSWERS.get(path, (404, b"", {}))
    return web.Response(status=status, body=body, headers=headers)


async def _endless(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    while request.transport is not None and not request.transport.is_closing():
        try:
            await answer.write(b"x" * 65536)
        except ConnectionError:
            break
        await asyncio.sleep(0)
    return answer


@pytest.fixture
def app() -> web.Application:
    app = web.Application()
    app[SEEN] = []
    app.router.add_get("/{path}", _answer)
    return app


@pytest.fixture
async def reader(app: web.Application) -> AsyncIterator[HttpReader]:
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with Stranger() as session:
        yield HttpReader(f"http://{host}:{port}/", session)
    await runner.cleanup()


async def test_no_cookie_comes_back(app: web.Application, reader: HttpReader) -> None:
    await reader.fetch("plain.html", 10)
    await reader.fetch("plain.html", 10)

    assert [headers.get("Cookie") for headers in app[SEEN]] == [None, None]
    assert {headers.get("Authorization") for headers in app[SEEN]} == {None}
    assert {headers["Accept-Encoding"] for headers in app[SEEN]} == {"identity"}


REFUSED = [
    # path            what is said                     whether later may help
    ("moved.html",    "moved.html: answers 302",       False),
    ("broken.html",   "broken.html: answers 500",      True),
    ("busy.html",     "busy.html: answers 429",        True),
    ("packed.html",   "comes compressed",              False),
    ("endless.html",  "answers over 100000 bytes",     False),
]  # fmt: skip


@pytest.mark.parametrize(("path", "said", "retry"), REFUSED)
async def test_an_odd_answer_is_refused(
    reader: HttpReader, path: str, said: str, *, retry: bool
) -> None:
    with pytest.raises(BackendError, match=said) as caught:
        await reader.fetch(path, 100_000)

    assert caught.value.retry is retry


@pytest.mark.parametrize("path", ["missing.html", "forbidden.html"])
async def test_missing_and_forbidden_are_nothing(reader: HttpReader, path: str) -> None:
    assert await reader.fetch(path, 10) is None


@pytest.mark.parametrize(
    ("path", "said"),
    [("missing.html", "is not there"), ("forbidden.html", "forbidden to strangers")],
)
async def test_what_must_be_there_is_told_apart(reader: HttpReader, path: str, said: str) -> None:
    with pytest.raises(BackendError, match=said):
        await reader.expect(path, 10)


async def test_nobody_there_is_one_line() -> None:
    async with Stranger() as session:
        with pytest.raises(BackendError, match=r"^index.html: nobody answers there$") as caught:
            await HttpReader("http://127.0.0.1:9/", session).fetch("index.html", 10)

    assert caught.value.retry
