"""A plain ground: everything on this machine's loopback, and no country to look from."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from tests.kit.lab.running import HOUSE
from tests.kit.stage.stage import FREE, TAMIZDAT, Done

_STOP_SECONDS = 30.0


@dataclass(kw_only=True)
class Plain:
    """Runs programs here. It stands in for a stage where namespaces cannot be made."""

    folder: Path
    running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    async def run(self, place: str, *command: str, patience: float = 60.0) -> Done:
        """Run a program to its end."""
        assert place == FREE
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=HOUSE,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(patience):
            out, err = await process.communicate()
        return Done(code=process.returncode, out=out.decode(), err=err.decode())

    async def tamizdat(self, *words: str | Path, place: str = FREE, patience: float = 90) -> Done:
        """Run the real program."""
        return await self.run(place, TAMIZDAT, *map(str, words), patience=patience)

    async def start(self, name: str, place: str, *command: str) -> int:
        """Start a program; what it says goes to the file `name.log`."""
        assert place == FREE
        log = await asyncio.to_thread((self.folder / f"{name}.log").open, "ab")
        with log:
            process = await asyncio.create_subprocess_exec(
                *command, cwd=HOUSE, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.running[name] = process
        return process.pid

    async def stop(self, name: str, signal: str = "TERM") -> tuple[int, float]:
        """End a program; gives its exit code and the seconds it took."""
        process, began = self.running.pop(name), monotonic()
        if process.returncode is None:
            process.kill() if signal == "KILL" else process.terminate()
        async with asyncio.timeout(_STOP_SECONDS):
            code = await process.wait()
        return code, monotonic() - began

    async def alive(self, name: str) -> bool:
        """Whether a program runs."""
        return self.running[name].returncode is None

    async def door(self, port: int) -> int:
        """Here every door is open."""
        return port

    def log(self, name: str) -> str:
        """What a program that was started has said."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")


@asynccontextmanager
async def plain(folder: Path) -> AsyncIterator[Plain]:
    """The ground, until the block ends."""
    ground = Plain(folder=folder)
    try:
        yield ground
    finally:
        for name in list(ground.running):
            await ground.stop(name, "KILL")
