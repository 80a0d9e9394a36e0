"""News over server-sent events: what changed, how to catch up, and how a stream ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import aiohttp

from desk.desk import serving
from service.door import door
from tamizdat.people import Role
from tamizdat.verdict import Board
from tests.kit.desk.board import cell, view, wide_view, with_cell
from tests.kit.desk.room import Room, Visit, opened, signed_in
from tests.kit.desk.samples import DATA, arrival

PATIENCE = 5.0


@asynccontextmanager
async def listening(visit: Visit, path: str, **headers: str) -> AsyncIterator[aiohttp.StreamReader]:
    named = {"Accept": "text/event-stream"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    async with visit.session.get(visit.base + path, headers=named) as answer:
        assert answer.status == 200
        yield answer.content


async def event(stream: aiohttp.StreamReader, name: str) -> tuple[str, Any]:
    """The next event of this name: its id and what it tells."""
    async with asyncio.timeout(PATIENCE):
        while True:
            fields: dict[str, str] = {}
            while line := (await stream.readuntil(b"\n")).decode().rstrip("\n"):
                key, _, value = line.partition(":")
                fields[key] = value.removeprefix(" ")
            if fields.get("event") == name:
                return fields.get("id", ""), json.loads(fields["data"] or "null")


async def last_of(visit: Visit, path: str) -> str:
    """The id from which a page goes on."""
    _, page, _ = await visit.get(path)
    return page.partition("events?after=")[2].partition('"')[0]


TURNED = with_cell(view(), cell("birch", "IR", Board.BLOCKED, "TLS"))
AGAIN = with_cell(TURNED, cell("birch", "CU", Board.ALTERED, "SIG"))


async def test_a_cell_that_turns_is_told_at_once() -> None:
    async with opened(room := Room()) as (desk, base), signed_in(room, base) as visit:
        last = await last_of(visit, "/board")
        async with listening(visit, f"/board/events?after={last}") as stream:
            await event(stream, "beat")
            begun = monotonic()
            desk.show_board(TURNED)
            name, told = await event(stream, "change")

    assert monotonic() - begun < 1
    assert name != last
    assert list(told["cells"]) == ["birch/IR"]
    assert 'class="b"' in told["cells"]["birch/IR"]
    assert told["say"] == ["Iran: birch blocked, TLS"]
    assert "p-matrix" not in told["parts"]


async def test_a_view_that_looks_the_same_is_no_news() -> None:
    async with opened(room := Room()) as (desk, base), signed_in(room, base) as visit:
        last = await last_of(visit, "/board")
        desk.show_board(view())
        again = await last_of(visit, "/board")

    assert last == again


async def test_a_browser_that_was_away_catches_up() -> None:
    async with opened(room := Room()) as (desk, base), signed_in(room, base) as visit:
        last = await last_of(visit, "/board")
        desk.show_board(TURNED)
        desk.show_board(AGAIN)
        async with listening(visit, "/board/events", Last_Event_ID=last) as stream:
            first, _ = await event(stream, "change")
            second, told = await event(stream, "change")
        async with listening(visit, "/board/events", Last_Event_ID=first) as stream:
            resumed, _ = await event(stream, "change")

    assert first != second
    assert resumed == second
    assert list(told["cells"]) == ["birch/CU"]


async def test_a_browser_that_missed_too_much_gets_everything() -> None:
    async with opened(room := Room()) as (_, base), signed_in(room, base) as visit:
        async with listening(visit, "/board/events?after=another-run-7") as stream:
            name, told = await event(stream, "snapshot")
        async with listening(visit, f"/board/events?after={name}") as stream:
            await event(stream, "beat")

    assert not told["cells"]
    assert "aster" in told["parts"]["p-matrix"]
    assert {"p-numbers", "p-incidents", "p-delivery", "p-strips"} <= set(told["parts"])


async def test_another_row_brings_the_matrix_anew() -> None:
    async with opened(room := Room()) as (desk, base), signed_in(room, base) as visit:
        last = await last_of(visit, "/board")
        desk.show_board(wide_view(3))
        async with listening(visit, f"/board/events?after={last}") as stream:
            _, told = await event(stream, "change")

    assert "m002" in told["parts"]["p-matrix"]
    assert not told["cells"]


async def test_a_quiet_stream_beats() -> None:
    async with opened(room := Room(beat=0.05)) as (_, base), signed_in(room, base) as visit:
        last = await last_of(visit, "/board")
        async with listening(visit, f"/board/events?after={last}") as stream:
            beats = [await event(stream, "beat") for _ in range(5)]

    assert len(beats) == 5


async def test_an_arrival_and_the_list_are_told_at_the_desk() -> None:
    async with opened(room := Room()) as (desk, base), signed_in(room, base) as visit:
        last = await last_of(visit, "/")
        async with listening(visit, f"/events?after={last}") as stream:
            desk.show_arrival(arrival(3))
            _, told = await event(stream, "arrival")
            desk.stories_changed()
            await event(stream, "cards")

    assert told["id"] == DATA
    assert "3 of 12" in told["html"]
    assert "<li class=wait>" in told["html"]


async def test_a_stream_ends_with_its_session() -> None:
    async with (
        opened(room := Room(beat=0.05)) as (_, base),
        signed_in(room, base) as visit,
        listening(visit, "/board/events") as stream,
    ):
        await event(stream, "snapshot")
        await room.people.remove(1, room.clock.now())
        async with asyncio.timeout(PATIENCE):
            rest = await stream.read()

    assert b"event: change" not in rest


async def test_a_stream_ends_where_its_listener_may_see_it_no_more() -> None:
    async with (
        opened(room := Room(beat=0.05)) as (_, base),
        signed_in(room, base) as visit,
        listening(visit, "/board/events") as stream,
    ):
        await event(stream, "snapshot")
        await room.people.set_role(1, Role.WRITER)
        async with asyncio.timeout(PATIENCE):
            rest = await stream.read()

    assert b"event: change" not in rest


async def test_listening_is_no_use_that_keeps_a_session_alive() -> None:
    async with opened(room := Room()) as (_, base), signed_in(room, base) as visit:
        room.clock.on(hours=1)
        async with listening(visit, "/board/events") as stream:
            await event(stream, "snapshot")

    assert room.people.touched == 0


async def test_the_desk_closes_at_once_however_many_listen() -> None:
    room = Room()
    desk = room.desk()
    ended: list[float] = []

    async def listen(visit: Visit, path: str, ready: asyncio.Barrier) -> None:
        async with listening(visit, path) as stream:
            await event(stream, "snapshot")
            await ready.wait()
            await stream.read()
            ended.append(monotonic())

    async with asyncio.TaskGroup() as group:
        async with serving(desk, door("desk", "127.0.0.1:0")) as port:
            base = f"http://127.0.0.1:{port}"
            async with signed_in(room, base, Role.BOTH) as visit:
                cookies = {c.key: c.value for c in visit.session.cookie_jar}
                ready = asyncio.Barrier(21)
                browsers = [await group.create_task(_browser(cookies)) for _ in range(20)]
                for number, session in enumerate(browsers):
                    path = "/board/events" if number % 2 else "/events"
                    group.create_task(listen(Visit(session, base), path, ready))
                async with asyncio.timeout(PATIENCE):
                    await ready.wait()
            begun = monotonic()
        took = monotonic() - begun
    for session in browsers:
        await session.close()

    assert took < 2
    assert len(ended) == 20


async def _browser(cookies: dict[str, str]) -> aiohttp.ClientSession:
    jar = aiohttp.CookieJar(unsafe=True)
    return aiohttp.ClientSession(cookie_jar=jar, cookies=cookies)
