from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from signing.fetch import read
from signing.sources import FolderSource
from signing.verify import verify
from signing.web import UrlSource, new_session
from tamizdat.errors import SourceError
from tests.unit.signing.paper import START, Files, Newsroom, complete, tree, writes

NOW = START + timedelta(hours=6)


@dataclass
class Mirror:
    """A web server that serves a few files, and misbehaves where told."""

    files: Files = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    status: int = 404
    asked: list[str] = field(default_factory=list)
    base: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix("/n/")
        self.asked.append(path)
        if path in self.moved:
            return web.Response(status=302, headers={"Location": self.moved[path]})
        if path not in self.files:
            return web.Response(status=self.status)
        return web.Response(body=self.files[path])


@pytest_asyncio.fixture
async def mirror() -> AsyncIterator[Mirror]:
    made = Mirror()
    app = web.Application()
    app.router.add_get("/n/{path:.*}", made.answer)
    server = TestServer(app)
    await server.start_server()
    made.base = str(server.make_url("/n"))
    yield made
    await server.close()


async def test_a_mirror_on_the_web_is_verified(room: Newsroom, mirror: Mirror) -> None:
    mirror.files = complete(room, 3)

    async with new_session() as session:
        report = await verify(UrlSource(mirror.base, session), room.root_id, NOW)

    assert (report.authentic, report.fresh, report.edition) == (True, True, 3), report.reason


async def test_every_file_of_the_edition_is_looked_at(room: Newsroom, mirror: Mirror) -> None:
    files = complete(room, 3)

    async with new_session() as session:
        for path, body in files.items():
            mirror.files = files | {path: body[:-1] + b"!"}
            changed = await verify(UrlSource(mirror.base, session), room.root_id, NOW)
            mirror.files = {name: one for name, one in files.items() if name != path}
            missing = await verify(UrlSource(mirror.base, session), room.root_id, NOW)
            assert (changed.authentic, missing.authentic) == (False, False), path


async def test_a_mirror_in_the_middle_of_a_push_is_authentic(
    room: Newsroom, mirror: Mirror
) -> None:
    steps = writes(room, 2)
    mirror.files = dict(writes(room, 1))

    async with new_session() as session:
        for path, body in steps[:-1]:
            mirror.files[path] = body
            report = await verify(UrlSource(mirror.base, session), room.root_id, NOW)
            assert (report.authentic, report.edition) == (True, 1), (path, report.reason)
    assert report.changing_to == 2


async def test_a_copy_is_read_from_the_web(room: Newsroom, mirror: Mirror, tmp_path: Path) -> None:
    mirror.files = complete(room, 3)

    async with new_session() as session:
        source = UrlSource(mirror.base, session)
        report = await read([source], tmp_path / "to", room.root_id, NOW)
        mirror.asked.clear()
        again = await read([source], tmp_path / "to", room.root_id, NOW)

    assert (report.authentic, again.authentic) == (True, True)
    assert (await verify(FolderSource(tmp_path / "to"), room.root_id, NOW)).authentic
    assert tree(tmp_path / "to").keys() == mirror.files.keys()
    assert "index.html" not in mirror.asked


async def test_reading_stops_one_byte_after_the_limit(mirror: Mirror) -> None:
    mirror.files = {"a.html": b"x" * 1_000_000}

    async with new_session() as session:
        source = UrlSource(mirror.base, session)
        body = (await source.fetch({"a.html": 10}))["a.html"]
        stamp = (await source.stamps({"a.html": 10, "b.html": 10}))["a.html"]

    assert (len(body), stamp.length) == (11, 11)  # formats 3.12


async def test_a_redirect_stays_on_its_host(mirror: Mirror) -> None:
    mirror.files = {"a.html": b"here"}
    mirror.moved = {
        "b.html": "/n/a.html",
        "c.html": "https://elsewhere.example/a.html",
        "d.html": "/n/d.html",
    }

    async with new_session() as session:
        source = UrlSource(mirror.base, session)
        assert await source.fetch({"b.html": 10}) == {"b.html": b"here"}
        with pytest.raises(SourceError, match=r"another host \(formats 3.15\)"):
            await source.fetch({"c.html": 10})
        with pytest.raises(SourceError, match=r"place to place \(formats 3.15\)"):
            await source.fetch({"d.html": 10})


async def test_trouble_is_told_in_one_line(mirror: Mirror, room: Newsroom) -> None:
    mirror.status = 500

    async with new_session() as session:
        with pytest.raises(SourceError, match="answers 500"):
            await UrlSource(mirror.base, session).fetch({"a.html": 10})
        report = await verify(UrlSource("http://127.0.0.1:9/", session), room.root_id, NOW)

    assert not report.authentic
    assert "\n" not in report.reason


async def test_a_pointer_that_moves_meanwhile_is_noticed(mirror: Mirror) -> None:
    mirror.files = {"latest.json": b"1"}

    async with new_session() as session:
        source = UrlSource(mirror.base, session)
        await source.fetch({"latest.json": 10})
        before = await source.changed()
        mirror.files = {"latest.json": b"2"}

        assert (before, await source.changed()) == (False, True)
