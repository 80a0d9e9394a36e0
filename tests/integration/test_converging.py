"""Each mirror converges at its own pace: none waits for another, none is forgotten."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from feeds.sources import folder as markdown
from service.newsroom import Newsroom, Outlet
from service.pipeline import prepare
from service.running.converging import Converging
from service.stories.correcting import Change, correct_in
from service.stories.importing import bring_in
from service.wiring import opened
from tamizdat.errors import BackendError
from tamizdat.placement import MirrorId, Placement, Refusal
from tamizdat.ports import Backend
from tests.kit.newsroom import SAMPLES, tamizdat

AMBER, BIRCH, CEDAR = MirrorId("amber"), MirrorId("birch"), MirrorId("cedar")
PATIENCE = 60


@dataclass
class Moody:
    """A mirror's backend that hangs, or says no, as long as it is told to."""

    inner: Backend
    hangs: asyncio.Event = field(default_factory=asyncio.Event)
    refusals: int = 0

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        if self.refusals:
            self.refusals -= 1
            raise BackendError("not today", retry=True)
        await self.hangs.wait()
        await self.inner.put(path, body, media_type)

    async def delete(self, path: str) -> None:
        await self.inner.delete(path)

    async def paths(self) -> Sequence[str]:
        return await self.inner.paths()

    async def close(self) -> None:
        await self.inner.close()


@dataclass
class Log:
    """How passes ended, and an event for whoever waits for one."""

    outcomes: list[Placement | Refusal] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, outcome: Placement | Refusal) -> None:
        self.outcomes.append(outcome)
        self.news.set()

    def editions(self, mirror: MirrorId) -> list[int]:
        found = [one for one in self.outcomes if isinstance(one, Placement)]
        return [one.edition for one in found if one.mirror == mirror]

    async def until(self, mirror: MirrorId, edition: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while edition not in self.editions(mirror):
                self.news.clear()
                await self.news.wait()


def moody(room: Newsroom, mirror: MirrorId) -> tuple[Newsroom, Moody]:
    outlet: Outlet = room.outlets[mirror]
    backend = Moody(outlet.backend)
    outlets = {**room.outlets, mirror: replace(outlet, backend=backend)}
    return replace(room, outlets=outlets), backend


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "room"
    assert tamizdat("init", made).returncode == 0
    return made


async def filled(room: Newsroom) -> None:
    await bring_in(room, markdown.read(SAMPLES / "en-ferry.md"), release=True)


async def next_edition(room: Newsroom) -> None:
    (record,) = await room.ledgers.articles.texts()
    title = f"Corrected {record.revision}"
    change = Change(file=None, title=title, replace=(), reason="Again")
    await correct_in(room, record.id, change)


async def test_no_mirror_waits_for_one_that_hangs_and_that_one_skips_what_is_old(
    folder: Path,
) -> None:
    log = Log()
    async with opened(folder) as plain, asyncio.TaskGroup() as group:
        room, slow = moody(plain, BIRCH)
        await filled(room)
        converging = Converging(outcome=log.note)
        converging.desire(room, await prepare(room))
        task = group.create_task(converging.run(room.outlets))
        await log.until(AMBER, 1)
        for number in (2, 3):
            await next_edition(room)
            converging.desire(room, await prepare(room))
            await log.until(AMBER, number)
            await log.until(CEDAR, number)

        before = log.editions(BIRCH)
        slow.hangs.set()
        await log.until(BIRCH, 3)
        task.cancel()

    assert before == []
    assert 2 not in log.editions(BIRCH)


async def test_a_mirror_that_refuses_is_tried_again_without_being_told(folder: Path) -> None:
    log = Log()
    async with opened(folder) as plain, asyncio.TaskGroup() as group:
        room, sullen = moody(plain, CEDAR)
        sullen.hangs.set()
        sullen.refusals = 200
        await filled(room)
        converging = Converging(outcome=log.note, retries=(0.05, 0.1))
        converging.desire(room, await prepare(room))
        task = group.create_task(converging.run(room.outlets))
        await log.until(AMBER, 1)
        sullen.refusals = 1
        await log.until(CEDAR, 1)
        task.cancel()

    refused = [one for one in log.outcomes if isinstance(one, Refusal)]
    assert {one.mirror for one in refused} == {CEDAR}
    assert "not today" in refused[0].detail


async def test_an_audit_finds_and_mends_what_was_lost_unseen(folder: Path) -> None:
    log = Log()
    async with opened(folder) as room, asyncio.TaskGroup() as group:
        await filled(room)
        converging = Converging(outcome=log.note)
        converging.desire(room, await prepare(room))
        task = group.create_task(converging.run(room.outlets))
        await log.until(AMBER, 1)
        lost = next((folder / "mirrors" / "amber" / "en").glob("2*/*.html"))
        words = lost.read_bytes()
        await asyncio.to_thread(lost.unlink)
        log.outcomes.clear()
        converging.audit(AMBER)
        await log.until(AMBER, 1)
        task.cancel()

    assert lost.read_bytes() == words
