"""A stage, from outside: starts it, gives orders, and leads this machine's browsers in."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.kit.lab.places import COUNTRY, FREE
from tests.kit.lab.running import HOUSE, way_in
from tests.kit.stage.relay import outside

PATIENCE = 180.0
_LINE = 4 * 1024 * 1024
TAMIZDAT = str(Path(sys.executable).with_name("tamizdat"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A program that ended: its exit code (None: it had to be ended) and what it said."""

    code: int | None
    out: str
    err: str

    @property
    def told(self) -> Any:
        """Its answer in JSON."""
        return json.loads(self.out)


@dataclass(kw_only=True)
class Stage:
    """A country behind a censor, and a free world. One order at a time."""

    folder: Path
    process: asyncio.subprocess.Process
    stack: AsyncExitStack
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _doors: dict[int, int] = field(default_factory=dict)

    async def censor(self, *deeds: Mapping[str, str | int | bool]) -> None:
        """From now on the censor does these, and nothing else."""
        await self._order(do="censor", deeds=[dict(one) for one in deeds])

    async def street(self, deed: str, mirror: str) -> None:
        """`outage`, `heal` or `forge` a mirror's web server."""
        await self._order(do="street", deed=deed, mirror=mirror)

    async def run(self, place: str, *command: str, patience: float = 60.0) -> Done:
        """Run a program in a place to its end."""
        told = await self._order(do="run", place=place, command=command, patience=patience)
        return Done(**told)

    async def tamizdat(self, *words: str | Path, place: str = FREE, patience: float = 90) -> Done:
        """Run the real program."""
        return await self.run(place, TAMIZDAT, *map(str, words), patience=patience)

    async def start(self, name: str, place: str, *command: str) -> int:
        """Start a program; what it says goes to the file `name.log`. Gives its process id."""
        log = str(self.folder / f"{name}.log")
        told = await self._order(do="start", name=name, place=place, command=command, log=log)
        return int(told["pid"])

    async def stop(self, name: str, signal: str = "TERM") -> tuple[int, float]:
        """End a program; gives its exit code and the seconds it took."""
        told = await self._order(do="stop", name=name, signal=signal)
        return int(told["code"]), float(told["seconds"])

    async def alive(self, name: str) -> bool:
        """Whether a program runs."""
        return bool((await self._order(do="alive", name=name))["alive"])

    async def door(self, port: int) -> int:
        """A port of this machine that leads to `port` of the free world's loopback."""
        if port not in self._doors:
            socket = self.folder / f"door-{port}"
            await self._order(do="door", socket=str(socket), port=port)
            self._doors[port] = await self.stack.enter_async_context(outside(socket))
        return self._doors[port]

    def log(self, name: str) -> str:
        """What a program that was started has said."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    async def _order(self, **order: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        async with self._turn, asyncio.timeout(PATIENCE):
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            await self.process.stdin.drain()
            line = await self.process.stdout.readline()
        if not line:
            raise OSError(f"the stage fell at {order['do']}")
        return json.loads(line)


@asynccontextmanager
async def staged(folder: Path, mirrors: Path) -> AsyncIterator[Stage]:
    """A stage, until the block ends. `mirrors` holds, or will hold, a folder for each mirror."""
    way = way_in()
    if way is None:
        raise OSError("no network namespaces can be made here")
    async with AsyncExitStack() as stack:
        process = await asyncio.create_subprocess_exec(
            *way, sys.executable, "-m", "tests.kit.stage", str(folder), str(mirrors),
            cwd=HOUSE, limit=_LINE, start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(HOUSE)},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        stack.push_async_callback(_ended, process)
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            await process.stdout.readline()
        yield Stage(folder=folder, process=process, stack=stack)


async def _ended(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(40):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


__all__ = ["COUNTRY", "FREE", "TAMIZDAT", "Done", "Stage", "staged"]
