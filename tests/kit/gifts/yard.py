"""A yard: a process of its own that runs `tamizdat` again and again, each time in a fresh fork.

A fork that does nothing is the idle program; what a run takes above it is what the file took.
"""

import asyncio
import json
import os
import resource
import select
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds after which a run is ended; it is a finding then."""

LARGEST = 512 * 1024 * 1024
"""No run writes a larger file."""

_SAID = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run said, how it ended, and what it took: bytes above the idle program, seconds."""

    code: int
    out: str
    err: str
    memory: int
    seconds: float

    @property
    def report(self) -> Any:
        """What `--json` told."""
        return json.loads(self.out)


class Yard:
    """The process, seen from the test."""

    def __init__(self, child: Process) -> None:
        self._child = child
        self._idle = 0

    async def measure_idle(self) -> None:
        """Learn what the program takes that has nothing to do."""
        self._idle = int((await self._ask({"words": ["verify", "--help"]}))["memory"])

    async def run(
        self, *words: str | Path, folder: Path | None = None, clock: datetime | None = None
    ) -> Run:
        """`tamizdat` with these words, to its end; `clock` is what its clock shows."""
        order = {"words": [str(word) for word in words], "folder": str(folder) if folder else None}
        told = await self._ask(order | {"clock": clock.timestamp() if clock else None})
        return Run(
            code=told["code"],
            out=told["out"],
            err=told["err"],
            memory=max(0, told["memory"] - self._idle),
            seconds=told["seconds"],
        )

    async def _ask(self, order: Mapping[str, Any]) -> Any:
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            await self._child.stdin.drain()
            line = await self._child.stdout.readline()
        assert line, "the yard is gone"
        return json.loads(line)


@asynccontextmanager
async def open_yard(folder: Path) -> AsyncIterator[Yard]:
    """A yard until the block ends; `folder` is its home."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.kit.gifts.yard",
        stdin=PIPE,
        stdout=PIPE,
        limit=2 * _SAID,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONUTF8": "1"},
        cwd=Path(__file__).parents[3],
    )
    try:
        yard = Yard(child)
        await yard.measure_idle()
        yield yard
    finally:
        assert child.stdin
        child.stdin.close()
        await child.wait()


def _serve() -> None:
    """Run what is ordered, one line each, until there is no more."""
    # what a reader's program loads sooner or later is loaded before it is measured
    for name in ("cli", "verbs.reading", "config", "keeping"):
        import_module(f"service.{name}")
    import_module("signing.web")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_forked(json.loads(line))) + "\n")
        sys.stdout.flush()


def _forked(order: Mapping[str, Any]) -> Mapping[str, Any]:
    told, telling = os.pipe()
    said, saying = os.pipe()
    child = os.fork()
    if not child:
        _be(order, telling, saying)
    os.close(telling)
    os.close(saying)
    out = _read_both(told, said)
    _, status, used = os.wait4(child, 0)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "out": out[0],
        "err": out[1],
        "memory": used.ru_maxrss * 1024,
        "seconds": used.ru_utime + used.ru_stime,
    }


def _be(order: Mapping[str, Any], out: int, err: int) -> None:
    """Be the program; never returns."""
    code = 70
    try:
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(order.get("folder") or "/")
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))
        signal.alarm(int(PATIENCE) // 2)
        if order.get("clock") is not None:
            vars(sys.modules["service.verbs.reading"])["SystemClock"] = _clock(order["clock"])
        code = sys.modules["service.cli"].run(order["words"])
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001 - what no one caught is told as Python tells it
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
    finally:
        os._exit(code)  # a fork never goes on as its parent


def _read_both(*ends: int) -> list[str]:
    bodies = {end: bytearray() for end in ends}
    waiting = set(ends)
    while waiting:
        for end in select.select(waiting, (), ())[0]:
            piece = os.read(end, 65536)
            if not piece or len(bodies[end]) > _SAID:
                waiting.remove(end)
                os.close(end)
            bodies[end] += piece
    return [body.decode("utf-8", "surrogateescape") for body in bodies.values()]


def _clock(at: float) -> type:
    class Clock:
        def now(self) -> datetime:
            return datetime.fromtimestamp(at, UTC)

    return Clock


if __name__ == "__main__":
    _serve()
