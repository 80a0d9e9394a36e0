"""A running newsroom behind censors: each is seen, none is imagined, and a reader goes on reading.

The reader holds the root id and what was saved before the block: a front page, the ways page, a
mirror's feed and one letter.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.kit.editor import Editor, joined
from tests.kit.memory import left_in_files, left_in_memory
from tests.kit.stage.paper import LAND, founded, on_stage, with_gateway
from tests.kit.stage.reader import Reader
from tests.kit.stage.running import Running
from tests.kit.stage.stage import COUNTRY, Stage, staged

pytestmark = [
    pytest.mark.needs_namespaces,
    pytest.mark.timeout(280),
    pytest.mark.asyncio(loop_scope="module"),
]
NAME, ADDRESS = "amber.example", "203.0.113.11"
CENSORS: Mapping[str, tuple[Mapping[str, str], ...]] = {
    # what the censor does, and the step that the board names
    "DNS": ({"do": "dns_lie", "name": NAME, "address": "203.0.113.66"},),
    "IP": ({"do": "ip_drop", "address": ADDRESS},),
    "SNI": ({"do": "tls_name_reset", "name": NAME},),
}
EVERY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that stands, and an editor at the desk."""

    stage: Stage
    running: Running
    editor: Editor
    reader: Reader

    async def publish(self, title: str) -> None:
        """A new text, out on every mirror that can be reached."""
        story = await self.editor.write(title, "Some words.")
        await self.editor.release(story, title, "Some words.")
        await self.editor.until_arrived(story)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("stage")
    paper = await asyncio.to_thread(lambda: with_gateway(founded(folder, on_stage(every=EVERY))))
    kept = folder / "stage"
    kept.mkdir()
    async with staged(kept, paper.mirrors) as stage:
        running = await Running.start(stage, paper)
        assert running.join is not None
        async with joined(running.desk, running.join) as editor:
            await running.cell("amber", LAND, "reachable")
            reader = Reader(
                stage=stage, root=paper.root, saved=folder / "saved", copy=folder / "copy"
            )
            assert paper.feed is not None
            await reader.keep("https://amber.example/", paper.feed)
            yield Scene(stage=stage, running=running, editor=editor, reader=reader)
        code, seconds = await running.stop()
        assert (code, seconds < 5) == (0, True), running.stage.log("serve")[-3000:]
        assert "Traceback" not in stage.log("serve")


@pytest.mark.parametrize("step", CENSORS)
async def test_a_block_is_seen_at_its_step_and_the_reader_reads_the_newest(
    step: str, scene: Scene, tmp_path: Path
) -> None:
    await scene.stage.censor(*CENSORS[step])
    try:
        await scene.running.cell("amber", LAND, "suspected", "blocked", patience=90)
        page = await scene.editor.page(f"/board/cell/amber/{LAND}")
        answered = f"tamizdat_incident{{amber,{LAND},verified}}"
        told = await scene.running.until(lambda found: answered in found, patience=90)
        await scene.publish(f"After the {step} block")
        newest = told["tamizdat_edition"]
        reader = scene.reader.anew(tmp_path / "copy")
        edition = await reader.read()

        assert step in page
        assert edition > newest
    finally:
        await scene.stage.censor()
        await scene.running.until(lambda found: found["tamizdat_incidents_open"] == 0, 90)


MARKS = (b"198.51.100.77", b"Reader-of-Qazvin-4411", b"cookie-of-Qazvin-9932")
HOME = b"10.99.0.2"
"""Where the reader reads from."""

READ = """
import sys, urllib.request as web
told = {"X-Forwarded-For": sys.argv[2], "User-Agent": sys.argv[3], "Cookie": "a=" + sys.argv[4]}
for _ in range(20):
    print(web.urlopen(web.Request(sys.argv[1], headers=told), timeout=20).status)
"""


async def test_nothing_of_a_reader_is_left_in_log_ledger_or_memory(scene: Scene) -> None:
    feed = scene.running.paper.feed
    assert feed is not None
    words = [mark.decode() for mark in MARKS]

    done = await scene.stage.run(COUNTRY, "python3", "-c", READ, feed, *words)
    await scene.publish("What was read in between")
    found = await asyncio.to_thread(left_in_memory, scene.running.pid, (HOME, *MARKS, b"atom.xml"))
    files = await asyncio.to_thread(
        left_in_files, scene.running.paper.folder.parent, (HOME, *MARKS)
    )

    assert done.out.split() == ["200"] * 20, done.err
    assert found == {b"atom.xml"}
    assert files == set()


async def test_our_own_outage_is_never_called_a_block(scene: Scene) -> None:
    await scene.stage.street("outage", "birch")

    seen = await scene.running.cell("birch", LAND, "down", "suspected", "blocked")
    abroad = await scene.running.cell("birch", "control", "down", "suspected", "blocked")

    await scene.stage.street("heal", "birch")
    assert (seen, abroad) == ("down", "down")


async def test_a_mirror_that_gives_other_words_is_called_altered(scene: Scene) -> None:
    await scene.stage.street("forge", "cedar")

    seen = await scene.running.cell("cedar", "control", "altered", "suspected", "blocked")

    await scene.stage.street("heal", "cedar")
    assert seen == "altered"


async def test_a_vantage_that_falls_silent_is_no_data_and_nobody_is_blamed(scene: Scene) -> None:
    await scene.running.until(lambda found: found["tamizdat_incidents_open"] == 0, 90)
    await scene.stage.censor({"do": "cut"})
    try:
        told = await scene.running.until(
            lambda found: found[f"tamizdat_ways_in{{{LAND}}}"] == 0, 90
        )
    finally:
        await scene.stage.censor()

    blamed = [name for name in told if name.startswith("tamizdat_incident{")]
    assert blamed == []
    await scene.running.cell("amber", LAND, "reachable", patience=90)
