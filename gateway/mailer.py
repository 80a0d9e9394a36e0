"""A mailer: letters go out for as long as a program runs, to each gateway at its own pace."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime

from gateway.rounds import Desk, Rounds
from tamizdat.errors import TamizdatError

LONGEST_REST = 300.0
"""Seconds: the longest rest after a failure, and until a plan is looked at again at the latest."""

Wait = Callable[[asyncio.Event, float], Awaitable[None]]
"""Waits until an event is set, for so many seconds at most."""

log = logging.getLogger(__name__)


async def _patiently(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class Mailer:
    """Keeps letters going. `queue` makes those of what is published, and forgets the withdrawn.

    A gateway that hangs or fails holds up no other; what fails is tried again, less and less often.
    """

    def __init__(
        self,
        rounds: Sequence[Rounds],
        desk: Desk,
        queue: Callable[[], Awaitable[int]],
        *,
        wait: Wait = _patiently,
    ) -> None:
        self._rounds = rounds
        self._desk = desk
        self._queue = queue
        self._wait = wait
        self._owed = True
        self._woken, self._stirred = asyncio.Event(), asyncio.Event()
        self._bells = {one.name: asyncio.Event() for one in rounds}

    def wake(self) -> None:
        """Something was published or withdrawn: its letters are made, and sent, at once."""
        self._owed = True
        self._woken.set()
        self._stirred.set()

    async def run(self) -> None:
        """Go on until cancelled. What was published before is looked for first."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._fill())
            for one in self._rounds:
                group.create_task(self._carry(one, self._bells[one.name]))

    async def _fill(self) -> None:
        """Queue letters and clean up after them: one after the other, so that none is lost."""
        failures = 0
        while True:
            self._woken.clear()
            self._stirred.clear()
            try:
                await self._queued()
                await self._cleaned()
            except TamizdatError as error:
                failures += 1
                log.warning("letters are queued later", extra={"why": str(error)})
                await self._wait(self._woken, rest(failures))
            else:
                failures = 0
                await self._stirred.wait()

    async def _queued(self) -> None:
        if not self._owed:
            return
        self._owed = False
        try:
            await self._queue()
        except BaseException:
            self._owed = True
            raise
        finally:
            for bell in self._bells.values():
                bell.set()

    async def _cleaned(self) -> None:
        wanted = await self._desk.letters.bodies()
        await asyncio.to_thread(self._desk.blobs.keep_only, wanted)

    async def _carry(self, rounds: Rounds, bell: asyncio.Event) -> None:
        """The rounds of one gateway, each when its plan says so, or when the bell rings."""
        failures = 0
        while True:
            bell.clear()
            try:
                wake = await rounds.once()
            except TamizdatError as error:
                failures += 1
                log.warning("mail waits", extra={"gateway": rounds.name, "why": str(error)})
                await self._wait(bell, rest(failures))
                continue
            failures = 0
            if wake is None:
                self._stirred.set()  # nothing is under way: bytes may go
                await bell.wait()
            else:
                await self._wait(bell, self._seconds(wake))

    def _seconds(self, wake: datetime) -> float:
        left = (wake - self._desk.clock.now()).total_seconds()
        return min(max(left, 0.0), LONGEST_REST)


def rest(failures: int) -> float:
    """Seconds until what failed so many times in a row is tried again: 1, doubling, to 300."""
    return min(float(1 << min(failures - 1, 10)), LONGEST_REST)
