"""Parts of a running newsroom while the ledger is busy: they say so, go on, and end nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.newsroom import Newsroom
from service.pipeline import prepare
from service.placing import place
from service.post.posting import OWED, hosted
from service.running.beats import Beats
from service.running.house import House
from service.wiring import opened
from tamizdat.errors import LedgerError
from tamizdat.placement import Refusal
from tests.kit.posthouse import founded
from tests.kit.press import Press
from tests.kit.printshop import set_up, texts

PATIENCE = 10.0


class Busy:
    """Stands before a part of the ledger, and refuses what is asked of it first."""

    def __init__(self, before: object) -> None:
        self.refused = asyncio.Event()
        self._before = before

    def __getattr__(self, name: str) -> Callable[..., Coroutine[Any, Any, object]]:
        async def ask(*given: object, **named: object) -> object:
            if not self.refused.is_set():
                self.refused.set()
                raise LedgerError("ledger is busy: no connection in 10 s, try again")
            return await getattr(self._before, name)(*given, **named)

        return ask


@asynccontextmanager
async def a_room(folder: Path) -> AsyncIterator[Newsroom]:
    shop = await set_up(folder / "paper")
    shop.add_folder("amber")
    async with opened(shop.folder) as room:
        yield room


@asynccontextmanager
async def running(part: Coroutine[object, object, None]) -> AsyncIterator[None]:
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        task = group.create_task(part)
        yield
        task.cancel()


async def test_a_busy_ledger_costs_one_board_and_no_more(tmp_path: Path) -> None:
    shown = asyncio.Event()
    async with a_room(tmp_path) as room:
        incidents: Any = Busy(room.ledgers.incidents)
        busy_room = replace(room, ledgers=replace(room.ledgers, incidents=incidents))
        async with House.furnished(busy_room) as house:
            house.wallboard.show = lambda _: shown.set()
            async with running(house.wallboard.run()):
                await incidents.refused.wait()
                house.wallboard.wake()
                busy = house.late()
                await shown.wait()
                after = house.late()

    assert (busy, after) == (("showing failed",), ())


async def test_looking_begins_once_the_ledger_tells_what_was_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.running.lookout.RETRY", 0.01)
    told = asyncio.Event()
    async with a_room(tmp_path) as room:
        sightings: Any = Busy(room.ledgers.sightings)
        busy_room = replace(room, ledgers=replace(room.ledgers, sightings=sightings))
        async with House.furnished(busy_room) as house:
            house.lookout.told = told.set
            async with running(house.lookout.run()):
                await sightings.refused.wait()
                busy = house.late()
                await told.wait()

    assert busy == ("looking failed",)


async def test_a_busy_ledger_costs_one_mirror_its_pass_and_no_other(tmp_path: Path) -> None:
    press = await asyncio.to_thread(Press.founded, tmp_path / "paper")
    folder = texts(tmp_path / "texts", ("en",))
    imported = await asyncio.to_thread(press.run, "import", "folder", folder, "--release")
    assert imported.code == 0
    async with opened(press.folder) as room:
        desired = await prepare(room)
        pool: Any = Busy(room.ledgers.pool)
        busy_room = replace(room, ledgers=replace(room.ledgers, pool=pool))
        outlets = list(room.outlets.values())
        outcomes = await place(busy_room, outlets, room.mirrors, desired)

    refused = [one for one in outcomes if isinstance(one, Refusal)]
    assert [(one.detail, one.retry) for one in refused] == [
        ("ledger is busy: no connection in 10 s, try again", True)
    ]
    assert len(outcomes) - len(refused) == 2


class Heartbeat(Beats):
    """Tells of the first beat."""

    def __init__(self) -> None:
        super().__init__()
        self.came = asyncio.Event()

    def beat(self, part: str, now: float, every: float) -> None:
        super().beat(part, now, every)
        self.came.set()


async def test_a_newsroom_without_an_article_has_not_failed_at_publishing(tmp_path: Path) -> None:
    folder = await asyncio.to_thread(founded, tmp_path)
    async with opened(folder) as room, House.furnished(room) as house:
        house.press.beats = heart = Heartbeat()
        async with running(house.press.run()):
            await heart.came.wait()
            late = house.late()

    assert late == ()


class Heard(logging.Handler):
    """Sets an event at the first thing that is said."""

    def __init__(self) -> None:
        super().__init__()
        self.said = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        del record
        self.said.set()


async def test_what_the_disk_refuses_to_the_host_of_letters_does_not_end_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.post.posting.TEND_SECONDS", 0.01)
    room = await asyncio.to_thread(founded, tmp_path)
    heard, owed = Heard(), room / OWED
    logging.getLogger("service.post.posting").addHandler(heard)
    try:
        async with hosted(room) as found, asyncio.timeout(PATIENCE):
            owed.mkdir()  # what cannot be unlinked
            await heard.said.wait()
            owed.rmdir()
            reader, writer = await asyncio.open_connection("127.0.0.1", found.smtp)
            greeting = await reader.readline()
            writer.close()
    finally:
        logging.getLogger("service.post.posting").removeHandler(heard)

    assert greeting.startswith(b"220")
    assert "the post is tidied later" in caplog.text
