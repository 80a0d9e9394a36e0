"""Half an hour of a newsroom's life in minutes that matter: publishes, breaks, boards, a kill.

`make lab ARGS=tests/lab/test_soak.py`; TAMIZDAT_SOAK sets the seconds (default: 1800).
"""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import aiohttp
import pytest

from tests.kit.editor import PASSWORD, Editor, joined
from tests.kit.stage.paper import LAND, Paper, founded, on_stage, with_gateway
from tests.kit.stage.running import Running
from tests.kit.stage.stage import Stage, staged

SECONDS = float(os.environ.get("TAMIZDAT_SOAK", "1800"))
BOARDS = 8
BREAKS: Sequence[tuple[str, dict[str, str]]] = (
    ("amber", {"do": "tls_name_reset", "name": "amber.example"}),
    ("birch", {"do": "dns_lie", "name": "birch.example", "address": "203.0.113.66"}),
    ("cedar", {"do": "tls_name_drop", "name": "cedar.example"}),
)
PIECE = 30.0
GROWTH = 1.15
"""The last tenth may stand so much above the second tenth."""

pytestmark = [
    pytest.mark.lab,
    pytest.mark.needs_namespaces,
    pytest.mark.timeout(SECONDS + 900),
]


@dataclass(kw_only=True)
class Life:
    """What happened so far."""

    memory: list[int] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    events: int = 0
    connections: int = 0
    breaks: int = 0


@asynccontextmanager
async def standing(folder: Path) -> AsyncIterator[tuple[Stage, Paper]]:
    paper = await asyncio.to_thread(
        lambda: with_gateway(founded(folder, on_stage(every=5, audit=20)))
    )
    (folder / "stage").mkdir()
    async with staged(folder / "stage", paper.mirrors) as stage:
        yield stage, paper


async def write(life: Life, editor: Editor) -> None:
    """A text every few seconds, each waited for on the mirrors that can be reached."""
    while True:
        title = f"Report number {len(life.released) + 1}"
        story = await editor.write(title, "What was seen today.\n\n" + "And more. " * 200)
        await editor.release(story, title, "What was seen today.\n\n" + "And more. " * 200)
        life.released.append(story)
        await asyncio.sleep(PIECE / 3)


async def trouble(life: Life, stage: Stage) -> None:
    """A censor, or an outage, that comes and goes."""
    chance = random.Random(7)  # noqa: S311 - the same life each time
    while True:
        await asyncio.sleep(PIECE / 2)
        name, deed = chance.choice(BREAKS)
        life.breaks += 1
        if chance.random() < 0.3:
            await stage.street("outage", name)
            await asyncio.sleep(PIECE / 2)
            await stage.street("heal", name)
        else:
            await stage.censor(deed)
            await asyncio.sleep(PIECE)
            await stage.censor()


async def board(life: Life, editor: Editor, number: int) -> None:
    """A board that is open for a while, closed without a word, and opened again."""
    chance = random.Random(number)  # noqa: S311 - the same life each time
    while True:
        life.connections += 1
        try:
            async with asyncio.timeout(chance.uniform(2, PIECE)):
                await editor.page("/board")
                async with editor.session.get(editor.base + "/board/events") as stream:
                    async for line in stream.content:
                        life.events += line.startswith(b"event:")
        except TimeoutError:
            continue


async def measure(life: Life, pid: int) -> None:
    """Resident kilobytes, once a second."""
    while True:
        status = await asyncio.to_thread(Path(f"/proc/{pid}/status").read_text)
        found = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        life.memory.append(int(found.split()[1]))
        await asyncio.sleep(1)


async def lived(life: Life, stage: Stage, running: Running, editor: Editor, span: float) -> None:
    """Let everything happen at once, for so many seconds."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(write(life, editor)),
            group.create_task(trouble(life, stage)),
            group.create_task(measure(life, running.pid)),
            *(group.create_task(board(life, editor, number)) for number in range(BOARDS)),
        ]
        await asyncio.sleep(span)
        for task in tasks:
            task.cancel()
    await stage.censor()
    for name, _ in BREAKS:
        await stage.street("heal", name)


async def signed_in(running: Running, session: aiohttp.ClientSession) -> Editor:
    editor = Editor(session=session, base=running.desk)
    await editor._send("/sign-in", {"name": "heron", "password": PASSWORD, "to": "/"})
    return editor


async def test_half_an_hour_is_no_burden_and_a_kill_loses_nothing(tmp_path: Path) -> None:
    life = Life()
    async with standing(tmp_path) as (stage, paper):
        running = await Running.start(stage, paper)
        assert running.join is not None
        async with joined(running.desk, running.join) as editor:
            await running.cell("amber", LAND, "reachable")
            await lived(life, stage, running, editor, SECONDS)
            await running.stop("KILL")
            again = await Running.start(stage, paper)
            assert again.join is None
            back = await signed_in(again, editor.session)
            mirrors = len(paper.site.bases)
            told = await again.until(
                lambda found: found.get("tamizdat_delivered{On mirrors}") == mirrors, 180
            )
            missing = [one for one in life.released if "Report number" not in await page(back, one)]
            code, seconds = await again.stop()
        listed = await stage.tamizdat("-C", paper.folder, "article", "list", "--json")
    known = {one["id"] for one in listed.told}
    tenth = len(life.memory) // 10
    early, late = median(life.memory[tenth : 2 * tenth]), median(life.memory[-tenth:])
    print(  # noqa: T201 - the figures are the point
        f"{SECONDS:.0f} s: {len(life.released)} texts, {life.breaks} breaks, "
        f"{life.connections} boards, {life.events} events; memory {early / 1024:.0f} MB early, "
        f"{late / 1024:.0f} MB late, {max(life.memory) / 1024:.0f} MB at most; edition "
        f"{told['tamizdat_edition']:.0f}; stopped in {seconds:.1f} s"
    )
    said = stage.log("serve")
    assert missing == []
    assert set(life.released) <= known
    assert "Traceback" not in said, said[-4000:]
    assert (code, seconds < 5) == (0, True)
    assert late <= early * GROWTH


async def page(editor: Editor, story: str) -> str:
    return await editor.page(f"/stories/{story}")
