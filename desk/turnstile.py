"""A turnstile: who keeps a cookie, asked of the ledger once for all requests that came meanwhile.

Nothing is remembered: every request is answered by a look that began after it came, so nobody's
session outlives its removal by an instant (ADR 0026).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from desk.sessions import Visitor

Look = Callable[[], Awaitable[Visitor | None]]


@dataclass(slots=True)
class _Queue:
    """Requests with one cookie: how many are here, how many looks began, what the last one saw."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    here: int = 0
    begun: int = 0
    seen: Visitor | None = None


class Turnstile:
    """Lets requests with the same cookie share a look."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}

    async def pass_by(self, cookie: str, look: Look) -> Visitor | None:
        """What a look sees that begins after this call; raises what `look` raises."""
        queue = self._queues.setdefault(cookie, _Queue())
        wanted = queue.begun + 1
        queue.here += 1
        try:
            async with queue.lock:
                if queue.begun < wanted:
                    await self._look(queue, look)
                return queue.seen
        finally:
            queue.here -= 1
            if not queue.here:
                del self._queues[cookie]

    async def _look(self, queue: _Queue, look: Look) -> None:
        queue.begun += 1
        try:
            queue.seen = await look()
        except BaseException:
            queue.begun -= 1  # who waits looks for itself
            raise
