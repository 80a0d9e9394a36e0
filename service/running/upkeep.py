"""Upkeep: mirrors audited one by one; old looks and sessions forgotten, by the hour."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count

from desk.sessions import IDLE, WHOLE
from service.budgets import govern
from service.looks.living import note_births
from service.looks.retired import look_at_retired
from service.post.messaging import opened_messenger, post_news
from service.running.lookout import Lookout
from service.running.memory import give_back
from service.running.press import Press
from service.running.rounds import failure_of

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """The hourly rounds. `audit_seconds` lie between the audits of two mirrors."""

    press: Press
    lookout: Lookout
    audit_seconds: float

    async def run(self) -> None:
        """Do it all, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._audits())
            group.create_task(_giving_back())
            group.create_task(_hourly("looks", self.lookout.forget))
            group.create_task(_hourly("sessions", self._sessions))
            group.create_task(_hourly("budgets", self._budgets))
            group.create_task(_every(MINUTE, "messenger", self._messenger))
            group.create_task(_every(DAY, "retired names", self._retired))

    async def _audits(self) -> None:
        for turn in count():
            await asyncio.sleep(self.audit_seconds)
            self.press.audit(turn)

    async def _budgets(self) -> None:
        await govern(self.press.room)

    async def _messenger(self) -> None:
        async with opened_messenger(self.press.room) as messenger:
            if messenger is not None:
                await post_news(self.press.room, messenger)

    async def _retired(self) -> None:
        room = self.press.room
        await note_births(room.ledgers, room.clock.now())
        await look_at_retired(room)

    async def _sessions(self) -> None:
        now = self.press.room.clock.now()
        await self.press.room.ledgers.people.end_stale(now - WHOLE, now - IDLE)


async def _giving_back() -> None:
    while True:
        await asyncio.sleep(MINUTE)
        await asyncio.to_thread(give_back)


async def _hourly(what: str, work: Callable[[], Awaitable[None]]) -> None:
    await _every(HOUR, what, work)


async def _every(seconds: float, what: str, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        if kind := await failure_of(work):
            log.warning("upkeep failed", extra={"what": what, "kind": kind})
        await asyncio.sleep(seconds)
