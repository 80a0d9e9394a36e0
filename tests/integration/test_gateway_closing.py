"""Who is just coming in while a server closes is shown out; nobody is left in an open room."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import TypeAlias

import pytest

from gateway.inbox import Inbox, Limits, Store, receiving
from gateway.reading import Readings, serving
from service.door import Door, door
from tests.kit.office import DOMAIN, HOST, office
from tests.kit.post import TurnedClock

Opened: TypeAlias = Callable[[Store, Door], AbstractAsyncContextManager[int]]

TURNS = range(8)
"""Turns of the loop from a knock at the door to the close: from none to more than asyncio needs."""


def letters(store: Store, at: Door) -> AbstractAsyncContextManager[int]:
    return receiving(Inbox(DOMAIN, store, Limits()), Limits(), at, name=DOMAIN)


def feeds(store: Store, at: Door) -> AbstractAsyncContextManager[int]:
    return serving(Readings("http://unset/", store), at)


def rest(guest: socket.socket) -> bytes:
    """What a guest hears until the end; TimeoutError where there is none."""
    guest.settimeout(20)
    heard = b""
    with suppress(ConnectionResetError):
        while more := guest.recv(100):
            heard += more
    return heard


@pytest.mark.parametrize("turns", TURNS)
@pytest.mark.parametrize("opened", [letters, feeds])
async def test_who_comes_in_as_we_close_is_shown_out(
    tmp_path: Path, opened: Opened, turns: int
) -> None:
    async with office(tmp_path, TurnedClock()) as own:
        before = asyncio.all_tasks()
        async with opened(own.store, door("a door", f"{HOST}:0")) as port:
            guest = socket.create_connection((HOST, port))
            for _ in range(turns):
                await asyncio.sleep(0)

        left = asyncio.all_tasks() - before
        with guest:
            heard = await asyncio.to_thread(rest, guest)

    assert left == set()
    assert heard in {b"", b"220 gate.example letters\r\n"}
