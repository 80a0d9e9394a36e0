"""The newsdesk while others work, and where it is killed: no save is lost that was answered."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.stories import newsdesk
from service.stories.written import taken
from service.sweeping import sweep
from service.wiring import opened
from store.blobs import FolderBlobs
from tamizdat.article import ArticleId
from tamizdat.errors import ConfigError
from tests.kit.newsdesk import Office, end_agents, office, written
from tests.kit.seeker import hits, needles, tree

PATIENCE = 20


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path / "room") as made:
        yield made


KILLED = """
import asyncio, os, signal, sys
from dataclasses import replace
from pathlib import Path
from service.wiring import opened
from tests.kit.newsdesk import Office, written

class Deadly:
    def __init__(self, progresses):
        self.get, self.find = progresses.get, progresses.find

    async def step(self, *_):
        os.kill(os.getpid(), signal.SIGKILL)

async def main() -> None:
    async with opened(Path(sys.argv[1])) as room:
        deadly = replace(room.ledgers, progresses=Deadly(room.ledgers.progresses))
        house = Office(replace(room, ledgers=deadly))
        await house.desk.save(sys.argv[2], written("<p>The grey heron.</p>"))

asyncio.run(main())
"""


async def test_a_kill_within_a_save_loses_that_save_only(tmp_path: Path) -> None:
    folder = tmp_path / "room"
    async with office(folder) as house:
        draft = await house.desk.save(None, written("<p>Before.</p>"))

    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", KILLED, str(folder), draft.card.id],
        check=False,
        timeout=60,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    end_agents(folder)
    stray = hits(tree(folder / "state" / "blobs"), needles("The grey heron"))
    async with opened(folder) as room:
        again = Office(room)
        story = await again.desk.story(draft.card.id)
        await again.desk.release(draft.card.id)
        await sweep(room)

    assert killed.returncode == -signal.SIGKILL
    assert stray
    assert story == draft
    assert hits(tree(folder), needles("The grey heron")) == []


class Slow(FolderBlobs):
    """Blobs whose sweep waits until a test lets it go on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.begun, self.go = threading.Event(), threading.Event()

    def keep_only(self, wanted: Any) -> int:
        self.begun.set()
        self.go.wait(PATIENCE)
        return super().keep_only(wanted)


async def test_a_sweep_takes_nothing_that_is_being_saved(house: Office) -> None:
    blobs = Slow(house.room.folder / "state" / "blobs")
    slow = Office(replace(house.room, blobs=blobs))

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        sweeping = group.create_task(sweep(slow.room))
        await asyncio.to_thread(blobs.begun.wait, PATIENCE)
        saving = group.create_task(slow.desk.save(None, written("<p>x</p>")))
        await asyncio.wait({saving}, timeout=0.3)
        blobs.go.set()

    assert sweeping.done()
    assert await slow.desk.story(saving.result().card.id) == saving.result()


Deed = Callable[[Office, ArticleId], Awaitable[object]]
GONE: list[Deed] = [
    lambda house, article: house.desk.withdraw(article, 1),
    lambda house, article: house.desk.discard(article),
]


@pytest.mark.parametrize("deed", GONE, ids=["withdraw", "discard"])
async def test_a_save_under_way_brings_nothing_back(
    house: Office, monkeypatch: pytest.MonkeyPatch, deed: Deed
) -> None:
    begun, go = threading.Event(), threading.Event()

    def slowly(*arguments: Any, **named: Any) -> Any:
        begun.set()
        go.wait(PATIENCE)
        return taken(*arguments, **named)

    story = await house.desk.save(None, written("<p>One.</p>"))
    monkeypatch.setattr(newsdesk, "taken", slowly)

    async with asyncio.timeout(PATIENCE):
        saving = asyncio.ensure_future(house.desk.save(story.card.id, written("<p>Two.</p>")))
        await asyncio.to_thread(begun.wait, PATIENCE)
        await deed(house, story.card.id)
        go.set()
        with pytest.raises(ConfigError, match="no such story"):
            await saving

    assert not await house.is_drafted(story.card.id)
