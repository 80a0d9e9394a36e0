"""A running newsroom on the stage: `tamizdat serve` in the free world, its doors led out here."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from tests.kit.stage.paper import DESK, STATUS, Paper
from tests.kit.stage.runner import Runner
from tests.kit.stage.stage import FREE, TAMIZDAT

NAME = "serve"
_METRIC = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
LOOK_AGAIN = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The service while it runs. `join` is the token of the first one-time link."""

    stage: Runner
    paper: Paper
    pid: int
    desk: str
    status: str
    join: str | None

    @classmethod
    async def start(cls, stage: Runner, paper: Paper) -> "Running":
        """Start it, and wait until it listens."""
        said = len(stage.log(NAME)) if (stage.folder / f"{NAME}.log").exists() else 0
        pid = await stage.start(NAME, FREE, TAMIZDAT, "-C", str(paper.folder), "serve", "--json")
        told = await _first_line(stage, said)
        join = str(told["join"]).rpartition("/")[2] if told["join"] else None
        desk, status = [await stage.door(port) for port in (DESK, STATUS)]
        return cls(
            stage=stage,
            paper=paper,
            pid=pid,
            desk=f"http://127.0.0.1:{desk}",
            status=f"http://127.0.0.1:{status}",
            join=join,
        )

    async def stop(self, signal: str = "TERM") -> tuple[int, float]:
        """Stop it; gives its exit code and the seconds that took."""
        return await self.stage.stop(NAME, signal)

    async def metrics(self) -> dict[str, float]:
        """What it tells monitoring, by name and labels: `tamizdat_cell{amber,IR,blocked}`."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.status}/metrics") as got:
            text = await got.text()
        return dict(_metric(line) for line in text.splitlines() if line[:1] not in {"#", ""})

    async def until(
        self, holds: Callable[[dict[str, float]], bool], patience: float = 60.0
    ) -> dict[str, float]:
        """The first metrics for which `holds`; TimeoutError where none come."""
        async with asyncio.timeout(patience):
            while True:
                found = await self.metrics()
                if holds(found):
                    return found
                await asyncio.sleep(LOOK_AGAIN)

    async def cell(self, mirror: str, country: str, *states: str, patience: float = 60.0) -> str:
        """Wait until the board shows a mirror in one of these states; gives the state."""
        wanted = {f"tamizdat_cell{{{mirror},{country},{state}}}": state for state in states}
        found = await self.until(lambda told: any(name in told for name in wanted), patience)
        return next(state for name, state in wanted.items() if name in found)


async def _first_line(stage: Runner, said: int) -> dict[str, str | None]:
    async with asyncio.timeout(60):
        while True:
            for line in stage.log(NAME)[said:].splitlines():
                if line.startswith("{"):
                    told: dict[str, str | None] = json.loads(line)
                    return told
            if not await stage.alive(NAME):
                raise OSError(f"serve ended: {stage.log(NAME)[-2000:]}")
            await asyncio.sleep(LOOK_AGAIN)


def _metric(line: str) -> tuple[str, float]:
    found = _METRIC.match(line)
    assert found, line
    labels = ",".join(value for _, value in _LABEL.findall(found[2] or ""))
    return (f"{found[1]}{{{labels}}}" if labels else found[1]), float(found[3])
