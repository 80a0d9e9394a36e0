"""Alarming: sees that a theft was recorded, by whomever; tells operators, and has it repaired.

It asks the ledger, so that it also hears of what `verify` or `mirror probe` found beside us, and of
what was kept by a program that was killed before it repaired the mirror.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from service.alarms.sounding import siren_of
from service.alarms.words import herald_of
from service.running.press import Press
from service.running.rounds import failure_of
from tamizdat.placement import MirrorId

LISTEN = 5.0
"""Seconds between two questions to the ledger."""

RETRIES = (30.0, 60.0, 300.0, 900.0)
"""Seconds until an alarm that did not go out is tried again; the last for ever after."""

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Alarming:
    """`told` is called when a theft came, was seen again, or was closed."""

    press: Press
    told: Callable[[], None]
    listen: float = LISTEN
    open: Sequence[int] = ()
    _seen: Mapping[str, datetime] = field(default_factory=dict)
    _failures: dict[str, int] = field(default_factory=dict)
    _again: dict[str, float] = field(default_factory=dict)

    async def run(self) -> None:
        """Ask and tell, until cancelled."""
        while True:
            if kind := await failure_of(self._listen):
                log.warning("no alarm", extra={"kind": kind})
            await asyncio.sleep(self.listen)

    async def _listen(self) -> None:
        thefts = self.press.room.ledgers.thefts
        opened, seen = await thefts.open_numbers(), await thefts.last_seen()
        news = [mirror for mirror, at in seen.items() if self._seen.get(mirror) != at]
        if news or list(opened) != list(self.open):
            self.open, self._seen = opened, seen
            self.told()
        for mirror in news:
            self.press.doubt(MirrorId(mirror))
        if news:
            self.press.wake()  # our pointer and list go above the thief's
        await self._sound()

    async def _sound(self) -> None:
        room, time = self.press.room, asyncio.get_running_loop().time()
        wait = {name for name, again in self._again.items() if again > time}
        now = room.clock.now()
        done = await siren_of(room).sound(now, but=wait)
        for one in (*done, *await herald_of(room).sound(now, but=wait)):
            failures = self._failures.get(one.channel, 0)
            self._again[one.channel] = time + RETRIES[min(failures, len(RETRIES) - 1)]
            self._failures[one.channel] = failures + 1
            if not one.fault:
                del self._again[one.channel], self._failures[one.channel]
