"""Strangers at the desk's port: not too many at once, none for ever; who signed in stays."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from desk.desk import serving
from desk.visitors import Visitors
from service.door import door
from tests.kit.desk.room import Room, signed_in

HOST = "127.0.0.1"
PATIENCE = 10.0


@asynccontextmanager
async def desk(room: Room, visitors: Visitors) -> AsyncIterator[str]:
    entry = door("desk", f"{HOST}:0")
    async with asyncio.timeout(PATIENCE), serving(room.desk(), entry, visitors) as port:
        yield f"http://{HOST}:{port}"


async def silent(base: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Somebody who connects and says nothing."""
    return await asyncio.open_connection(HOST, urlsplit(base).port)


async def ended(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read() == b""
    except ConnectionResetError:
        return True


async def until_gone(held: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]) -> None:
    """Once the desk closed its side as well."""
    for reader, _ in held:
        assert await ended(reader)


async def test_strangers_beyond_the_limit_are_turned_away_and_others_let_in_later() -> None:
    room = Room()
    async with desk(room, Visitors(most=3)) as base:
        held = [await silent(base) for _ in range(3)]
        late = await silent(base)
        turned_away = await ended(late[0])
        for _, writer in held:
            writer.write_eof()
        await until_gone(held)
        for _, writer in (*held, late):
            writer.close()
        async with signed_in(room, base) as visit:
            status, _, _ = await visit.get("/")

    assert turned_away
    assert status == 200


async def test_a_stranger_who_stays_is_shown_out_and_who_signed_in_goes_on_listening() -> None:
    room = Room(beat=0.05)
    async with desk(room, Visitors(longest=0.2)) as base, signed_in(room, base) as visit:
        reader, writer = await silent(base)
        async with visit.session.get(f"{base}/events") as events:
            shown_out = await ended(reader)
            beats = [await events.content.readline() for _ in range(30)]
        writer.close()

    assert shown_out
    assert beats.count(b"event: beat\n") >= 9


async def test_who_signed_in_takes_no_strangers_place() -> None:
    room = Room()
    async with desk(room, Visitors(most=2)) as base, signed_in(room, base) as visit:
        listening = [await visit.session.get(f"{base}/events") for _ in range(5)]
        statuses = [one.status for one in listening]
        for one in listening:
            one.close()

    assert statuses == [200] * 5
