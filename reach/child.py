"""A child: a command while it runs, spoken to line by line, of which nothing stays.

The only file here that starts programs (ADR 0012): a list of words, no shell.
"""

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, Process, SubprocessStreamProtocol
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from reach.record import MAX_RECORD
from tamizdat.errors import TamizdatError

GONE_SECONDS = 5.0
"""So long may it take to be gone when it was killed."""


class OutpostError(TamizdatError):
    """A vantage gave no answer that can be used; `lost`: nor can what it told before."""

    def __init__(self, detail: str, *, lost: bool = False) -> None:
        super().__init__(detail)
        self.lost = lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """The command while it runs."""

    orders: asyncio.StreamWriter
    answers: asyncio.StreamReader
    errors: asyncio.StreamReader
    exited: asyncio.Event

    async def send(self, line: bytes, seconds: float) -> None:
        """Give it a line."""
        try:
            async with asyncio.timeout(seconds):
                self.orders.write(line)
                await self.orders.drain()
        except TimeoutError:
            _fail(f"takes no order in {seconds:.0f} s")
        except OSError:
            _fail("takes no order")

    async def line(self, seconds: float) -> bytes:
        """Its next line, without the line feed."""
        try:
            async with asyncio.timeout(seconds):
                return (await self.answers.readuntil(b"\n"))[:-1]
        except TimeoutError:
            _fail(f"is silent for {seconds:.0f} s")
        except (asyncio.IncompleteReadError, OSError):
            _fail("ended before it told all")
        except asyncio.LimitOverrunError:
            raise OutpostError(f"says over {MAX_RECORD} bytes in one line", lost=True) from None

    def hang_up(self) -> None:
        """No more orders come."""
        self.orders.close()


@asynccontextmanager
async def running(command: Sequence[str], folder: Path | None) -> AsyncIterator[Child]:
    """The command in a session of its own, which ends with the block, whatever it started."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.subprocess_exec(
        lambda: _Listening(loop),
        *command,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=folder,
        start_new_session=True,
    )
    child = Process(transport, protocol, loop)
    streams = child.stdin, child.stdout, child.stderr
    try:
        orders, answers, errors = streams
        if orders is None or answers is None or errors is None:
            raise OSError("no pipes")  # asked for above
        yield Child(orders=orders, answers=answers, errors=errors, exited=protocol.exited)
    finally:
        # Also after it ended by itself: what it left in its group goes too. A number is not given
        # out again while its group lives, and not soon after.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        try:
            async with patient(GONE_SECONDS):
                await protocol.exited.wait()
        finally:
            # pipes too, which a grandchild of another session may hold, or not read
            if child.stdin is not None and child.stdin.transport.get_write_buffer_size():
                child.stdin.transport.abort()
            transport.close()


@asynccontextmanager
async def patient(seconds: float) -> AsyncIterator[None]:
    """Go on after so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        return


class _Listening(SubprocessStreamProtocol):
    """Streams to and from a child; `exited` is set once it was waited for."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=MAX_RECORD, loop=loop)
        self.exited = asyncio.Event()

    def process_exited(self) -> None:
        """It ended, and is no zombie."""
        super().process_exited()
        self.exited.set()


def _fail(detail: str) -> NoReturn:
    raise OutpostError(detail) from None
