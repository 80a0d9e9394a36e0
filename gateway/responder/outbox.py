"""The outbox: answers that wait for the relay, in memory only: what a crash loses is asked again.

Nothing of whom they go to is written down or logged.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from gateway.responder.envelope import Posted
from tamizdat.letter import Handed, Reply

BATCH = 20
"""Answers in one connection to the relay."""

TRIES = 5
"""Times that the relay may put one answer off."""

LONGEST = 3600.0
"""Seconds that an answer waits while the relay is not there; then it is forgotten."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until the relay is tried again: the first time, and at most."""

MOST_BYTES = 100_000_000
"""What all answers that wait may weigh together."""

log = logging.getLogger(__name__)

Forward = Callable[[Sequence[Posted]], Awaitable[Sequence[Handed]]]


@dataclass(frozen=True, slots=True)
class _Waiting:
    posted: Posted
    tries: int
    until: float

    def late(self, now: float) -> bool:
        """Whether it waited too long: what it tells may be true no more."""
        return now > self.until


class Outbox:
    """A bounded queue to one relay, at most `per_second` answers a second."""

    def __init__(self, forward: Forward, *, most: int, per_second: float) -> None:
        self._forward = forward
        self._most = most
        self._per_second = per_second
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.counts: Counter[str] = Counter()

    @property
    def is_full(self) -> bool:
        """Whether no more answers are taken now."""
        return len(self._waiting) >= self._most or self._bytes >= MOST_BYTES

    def put(self, one: Posted, *, seconds: float | None = None) -> None:
        """Let it wait, for so many seconds at most; look first whether it is full."""
        longest = LONGEST if seconds is None else seconds
        until = asyncio.get_running_loop().time() + longest
        self._add(_Waiting(one, TRIES, until))

    async def emptied(self) -> None:
        """Wait until nothing is under way any more."""
        await self._idle.wait()

    async def run(self) -> None:
        """Hand answers over, until cancelled."""
        pause = FIRST_PAUSE
        loop = asyncio.get_running_loop()
        while True:
            await self._woken.wait()
            began = loop.time()
            taken = [self._take() for _ in range(min(BATCH, len(self._waiting)))]
            batch = [one for one in taken if not one.late(began)]
            if len(batch) < len(taken):
                self.counts["late"] += len(taken) - len(batch)
            there = await self._hand_over(batch, began) if batch else True
            if not self._waiting:
                self._idle.set()
            if there:
                pause = FIRST_PAUSE
                await asyncio.sleep(max(0.0, len(batch) / self._per_second - loop.time() + began))
            else:
                log.warning("the relay is not there", extra={"waiting": len(self._waiting)})
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _hand_over(self, batch: Sequence[_Waiting], now: float) -> bool:
        """Whether the relay was there. What it put off waits again, a few times."""
        said = await self._forward([one.posted for one in batch])
        there = any(one.reply is not Reply.LATER or one.detail.isdigit() for one in said)
        for one, handed in zip(batch, said, strict=True):
            tries = one.tries - there
            if handed.reply is Reply.LATER and tries and now < one.until:
                self._add(replace(one, tries=tries))
            else:
                self.counts[handed.reply.value] += 1
        return there

    def _add(self, one: _Waiting) -> None:
        self._waiting.append(one)
        self._bytes += len(one.posted.body)
        self._idle.clear()
        self._woken.set()

    def _take(self) -> _Waiting:
        one = self._waiting.popleft()
        self._bytes -= len(one.posted.body)
        if not self._waiting:
            self._woken.clear()
        return one
