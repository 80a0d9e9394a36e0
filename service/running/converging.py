"""Converging: each mirror on its own way to the newest edition, as long as the service runs.

There is no queue: a mirror that was away meets what is desired now, not what it missed.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mirror.shelf import Shelf
from service.newsroom import Newsroom
from service.placing import Desired
from service.running.passing import Again, Aim, Ended, Passing, ended_early, pass_here
from tamizdat.errors import TamizdatError
from tamizdat.placement import MirrorId, Placement, Refusal

RETRIES = (5.0, 15.0, 60.0, 300.0, 900.0)
"""Seconds until a mirror that refused is tried again; the last for ever after."""

Outcome = Callable[[Placement | Refusal], None]


@dataclass(kw_only=True)
class Converging:
    """The ways of all mirrors. `outcome` is told how each pass ended; `passing` does them."""

    outcome: Outcome
    passing: Passing = pass_here
    retries: tuple[float, ...] = RETRIES
    _aim: Aim | None = None
    _wakes: dict[MirrorId, asyncio.Event] = field(default_factory=dict)
    _doubts: set[MirrorId] = field(default_factory=set)

    def desire(self, room: Newsroom, desired: Desired) -> None:
        """From now on every mirror shall hold this, and its overlay shall fit `room`'s pool."""
        shelf = self._aim.shelf if self._aim and self._aim.desired == desired else None
        self._aim = Aim(room=room, desired=desired, shelf=shelf or Shelf(room.blobs))
        self.wake(self._wakes)

    def audit(self, mirror: MirrorId) -> None:
        """Let the next pass list and read back all that lies on a mirror."""
        self._doubts.add(mirror)
        self.wake((mirror,))

    def wake(self, mirrors: Iterable[MirrorId]) -> None:
        """Look at these mirrors now."""
        for mirror in tuple(mirrors):
            if mirror in self._wakes:  # else it runs not yet, and begins with a look
                self._wakes[mirror].set()

    async def run(self, mirrors: Iterable[MirrorId]) -> None:
        """Keep these mirrors on their way, until cancelled."""
        self._wakes = {mirror: asyncio.Event() for mirror in mirrors}
        self.wake(self._wakes if self._aim else ())
        async with asyncio.TaskGroup() as group:
            for mirror in self._wakes:
                group.create_task(self._keep(mirror))

    async def _keep(self, mirror: MirrorId) -> None:
        failures = 0
        while True:
            await self._due(mirror, failures)
            aim = self._aim
            if aim is None:
                continue
            outcome = await self._pass(aim, mirror)
            if isinstance(outcome, Again):
                failures = max(failures, 1)
                continue
            self._doubts.discard(mirror)
            if outcome is None:
                failures = 0
                continue
            failures = failures + 1 if isinstance(outcome, Refusal) else 0
            self.outcome(outcome)

    async def _pass(self, aim: Aim, mirror: MirrorId) -> Ended:
        try:
            outcome = await self.passing(aim, mirror, doubted=mirror in self._doubts)
        except* TamizdatError as errors:
            outcome = ended_early(mirror, errors)
        return outcome

    async def _due(self, mirror: MirrorId, failures: int) -> None:
        wake = self._wakes[mirror]
        patience = self.retries[min(failures, len(self.retries)) - 1] if failures else None
        try:
            async with asyncio.timeout(patience):
                await wake.wait()
        except TimeoutError:
            pass  # it refused a while ago: try it again
        wake.clear()
