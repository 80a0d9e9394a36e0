"""A stolen newsroom beside a running service: found by its looks, told, repaired, never lost."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from service.running.house import House
from service.wiring import opened
from tamizdat.placement import MirrorId
from tests.kit.newsroom import HOUSE
from tests.kit.showing import shown
from tests.kit.twin import Twins, founded, gpg_verifies, write

pytestmark = pytest.mark.timeout(900)
PATIENCE = 300.0
SCRIPT = """
import os, signal, sys
import service.placing
async def dies(*_words, **_named):
    os.kill(os.getpid(), signal.SIGKILL)
service.placing.push = dies
from service.cli import run
sys.exit(run(["-C", sys.argv[1], "publish"]))
"""


def forked(top: Path) -> Twins:
    """Edition 2 is out twice, with different texts."""
    twins = founded(top).stolen()
    write(twins.press, "crane", "The crane flew.")
    write(twins.thief, "forgery", "The crane was shot.")
    assert (twins.press.published(), twins.thief.published()) == (2, 2)
    return twins


async def until(answer: Callable[[], bool], news: asyncio.Event) -> None:
    """Wait for news that make it so; what a file says is looked at each second too."""
    async with asyncio.timeout(PATIENCE):
        while not answer():
            news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), 1)


def told_in(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


async def test_a_look_finds_it_operators_are_told_and_the_mirror_is_repaired(
    tmp_path: Path,
) -> None:
    twins = await asyncio.to_thread(forked, tmp_path)
    heard, news = tmp_path / "heard", asyncio.Event()
    hear = f"import sys; open({str(heard)!r}, 'ab').write(sys.stdin.buffer.read())"
    words = json.dumps([sys.executable, "-c", hear])
    async with shown({"amber": twins.mirror}) as port:
        config = twins.press.folder / "tamizdat.toml"
        text = config.read_text().replace(
            'backend = "folder"', f'backend = "folder"\nurl = "http://127.0.0.1:{port}/amber/"'
        )
        text = text.replace("[serve]", "[serve]\nlook_seconds = 60")
        config.write_text(f"{text}\n[alarm]\ncommand = {words}\n")
        await asyncio.to_thread(twins.press.published)
        async with opened(twins.press.folder) as room, House.furnished(room) as house:
            house.wallboard.show = lambda _: news.set()
            house.alarming.listen = 0.2
            house.alarming.told = news.set
            async with asyncio.TaskGroup() as group:
                parts = [group.create_task(part) for part in house.parts()]
                await until(lambda: bool(house.lookout.watch.looks), news)
                await asyncio.to_thread(twins.lay)
                house.lookout.ask(MirrorId("amber"))
                await until(lambda: bool(house.alarming.open), news)
                house.wallboard.wake()
                await until(lambda: bool(house.view and house.view.open_thefts), news)
                await until(lambda: bool(told_in(heard)), news)
                await until(lambda: b"crane was shot" not in all_of(twins.mirror), news)
                view = house.view
                for part in parts:
                    part.cancel()

    assert view is not None
    assert {one.path for one in view.thefts} >= {"latest.json", "e/2/manifest.json"}
    assert {spot.vantage for one in view.thefts for spot in one.spots} >= {"local"}
    assert told_in(heard)[0]["alarm"] == "key theft"
    assert "amber" in told_in(heard)[0]["thefts"][0]["mirrors"]
    verified = await asyncio.to_thread(twins.press.run, "verify", twins.mirror, "--json")
    assert verified.json["authentic"]


def all_of(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in folder.rglob("*.html") if p.is_file())


def test_a_kill_between_evidence_and_repair_loses_nothing(tmp_path: Path) -> None:
    twins = forked(tmp_path)
    twins.lay()
    forged = (twins.mirror / "e/2/manifest.json").read_bytes()
    command = [sys.executable, "-c", SCRIPT, str(twins.press.folder)]

    killed = subprocess.run(command, cwd=HOUSE, capture_output=True, timeout=PATIENCE, check=False)
    lying = (twins.mirror / "e/2/manifest.json").read_bytes()
    kept = twins.thefts()
    again = twins.press.run("publish", "--json")

    assert killed.returncode == -signal.SIGKILL
    assert lying == forged
    assert again.code == 0
    assert [one["sha256"] for one in twins.thefts()] == [one["sha256"] for one in kept]
    (manifest,) = [one for one in kept if one["file"] == "e/2/manifest.json"]
    found = tmp_path / "found"
    assert twins.press.run("alarm", "evidence", str(manifest["number"]), found).code == 0
    assert (found / "e-2-manifest.json").read_bytes() == forged
    assert gpg_verifies(twins.press, found) == ["GOODSIG"]
    assert twins.press.run("verify", twins.mirror, "--json").json["authentic"]
