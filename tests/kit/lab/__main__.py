"""The lab, inside its namespaces: runs rows and tells the outcomes, one line of JSON each.

Started by tests/kit/lab/running.py: `unshare ... python -m tests.kit.lab ROWS FOLDER TIMES NAME...`
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reach.judge import judge
from reach.outpost import Outpost
from reach.record import decode, encode
from tamizdat.measurement import Kind, Vantage
from tests.kit.lab import wires
from tests.kit.lab.censor import Censor
from tests.kit.lab.certificates import Issued, issued
from tests.kit.lab.looker import PATIENCE as LOOK_PATIENCE
from tests.kit.lab.looker import PaperClock, aim, proof, vantage_of
from tests.kit.lab.paper import made
from tests.kit.lab.places import (
    CENSOR,
    COUNTRY,
    FREE,
    INNER,
    INNOCENT_NAME,
    MIRROR_NAME,
    OUTER,
)
from tests.kit.lab.rows import Row, load

_PATIENCE = 120.0
_LINE = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Worker:
    """A program of the lab in its namespace, which answers each order with a line."""

    process: asyncio.subprocess.Process

    async def ask(self, order: dict[str, Any]) -> Any:
        """Give an order; what came of it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        await self.process.stdin.drain()
        return await self.answer()

    async def answer(self) -> Any:
        """Its next line."""
        assert self.process.stdout is not None
        async with asyncio.timeout(_PATIENCE):
            return json.loads(await self.process.stdout.readline())


@dataclass(frozen=True, slots=True, kw_only=True)
class Traveller:
    """`tamizdat reach look` in a namespace, started anew for each order."""

    outpost: Outpost
    vantage: Vantage

    @classmethod
    async def at(cls, place: str, kind: Kind, authority: Issued) -> "Traveller":
        """One that stands in a namespace and believes this authority."""
        room, _ = await made()
        command = wires.inside(place, [sys.executable, "-m", "service", "reach", "look"])
        outpost = Outpost(
            command, proof(room), PaperClock(), patience=LOOK_PATIENCE, authorities=authority.pem
        )
        return cls(outpost=outpost, vantage=vantage_of(kind))

    async def ask(self, order: dict[str, Any]) -> Any:
        """What it sees of the lab's mirror."""
        found = await self.outpost.measure(aim(order["scheme"]), self.vantage)
        return json.loads(encode(found))


@asynccontextmanager
async def working(place: str, *words: str) -> AsyncIterator[Worker]:
    """A program of the lab, ready; its orders end with the block, and so does it."""
    process = await asyncio.create_subprocess_exec(
        *wires.inside(place, [sys.executable, "-m", *words]),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LINE,
    )
    worker = Worker(process)
    try:
        await worker.answer()
        yield worker
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """The lab while it stands."""

    censor: Censor
    world: Worker
    within: Worker
    outside: Worker
    travellers: tuple["Traveller", "Traveller"]

    async def outcome(self, row: Row) -> dict[str, Any]:
        """Play one row."""
        self.censor.deeds = row.deeds()
        for order in row.world:
            await self.world.ask(order)
        for command in row.commands:
            wires.run(*wires.inside(CENSOR, command))
        try:
            within = self.travellers[0] if row.outpost else self.within
            outside = self.travellers[1] if row.outpost else self.outside
            order = {"scheme": row.scheme}
            async with asyncio.TaskGroup() as group:
                here = group.create_task(within.ask(order))
                there = group.create_task(outside.ask(order))
        finally:
            self.censor.deeds = ()
            for command in row.undo:
                wires.run(*wires.inside(CENSOR, command))
            if row.world:
                await self.world.ask({"do": "heal"})
        return _told(row, here.result(), there.result())


def _told(row: Row, here: Any, there: Any) -> dict[str, Any]:
    seen = decode(json.dumps(here).encode(), row.name)
    ruling = judge(seen, decode(json.dumps(there).encode(), row.name))
    sees = str(ruling.failure or "ok")
    good = sees in row.sees and ruling.word is row.verdict
    good = good and row.finding in {None, ruling.finding}
    good = good and (row.flags is None or row.flags == ruling.flags)
    return {
        "row": row.name,
        "good": good,
        "sees": sees,
        "finding": ruling.finding,
        "rule": ruling.rule,
        "flags": ruling.flags,
        "verdict": ruling.word,
        "evidence": ruling.evidence,
        "steps": [
            f"{s.purpose} {s.stage}:{s.failure.code if s.failure else 'ok'} {s.t - s.t0:.2f}"
            for s in seen.steps
        ],
    }


@asynccontextmanager
async def standing(folder: Path) -> AsyncIterator[Lab]:
    """The lab, until the block ends."""
    await asyncio.to_thread(wires.lay)
    authority = issued("Lab authority")
    authority.write(folder / "authority.pem")
    issued(MIRROR_NAME, INNOCENT_NAME, by=authority).write(folder / "site.pem")
    issued("impostor.example").write(folder / "impostor.pem")
    censor = Censor(inner=INNER, outer=OUTER)
    censor.open()
    try:
        async with AsyncExitStack() as stack:

            async def start(place: str, name: str, *words: str) -> Worker:
                program = working(place, f"tests.kit.lab.{name}", str(folder), *words)
                return await stack.enter_async_context(program)

            yield Lab(
                censor=censor,
                world=await start(FREE, "world"),
                within=await start(COUNTRY, "looker", Kind.LAB),
                outside=await start(FREE, "looker", Kind.CONTROL),
                travellers=(
                    await Traveller.at(COUNTRY, Kind.LAB, authority),
                    await Traveller.at(FREE, Kind.CONTROL, authority),
                ),
            )
    finally:
        censor.close()


async def main(rows: Sequence[Row], folder: Path, times: int) -> None:
    """Play each row so many times."""
    async with standing(folder) as lab:
        for row in rows:
            for _ in range(times):
                print(json.dumps(await lab.outcome(row)), flush=True)  # noqa: T201


if __name__ == "__main__":
    wanted = set(sys.argv[4:])
    chosen = [row for row in load(Path(sys.argv[1])) if not wanted or row.name in wanted]
    asyncio.run(main(chosen, Path(sys.argv[2]), int(sys.argv[3])))
