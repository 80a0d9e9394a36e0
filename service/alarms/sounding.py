"""Sounding: tells operators of open key thefts, each way once, again daily, and never in a flood.

What each way was told stands in the ledger: a kill repeats an alarm at worst, and loses none.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.alarms.channels import Channel, channels
from service.alarms.message import message, trial
from service.config import Config
from service.newsroom import Newsroom
from tamizdat.ledgers import Facts
from tamizdat.placement import Exposure, Mirror
from tamizdat.theft import Thefts

QUIET = timedelta(minutes=10)
"""So long after an alarm the next one waits: a thief who signs much must not tire us."""

REMINDER = timedelta(days=1)
"""So long after an alarm it is repeated while a theft is open."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one way was told last: up to which theft, and when."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounded:
    """What came of one way; `fault` is empty where the alarm went out."""

    channel: str
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Siren:
    """All that sounding takes: of a newsroom, or of a glance at one."""

    facts: Facts
    thefts: Thefts
    config: Config
    folder: Path
    mirrors: Sequence[Mirror]

    async def sound(self, now: datetime, *, but: Collection[str] = ()) -> Sequence[Sounded]:
        """Tell each way what it does not know yet; those that were told now, or failed.

        Ways named in `but` are left out: they failed just now.
        """
        ways = [one for one in await self._ways() if one.name not in but]
        opened = await self.thefts.open_numbers() if ways else ()
        async with asyncio.TaskGroup() as group:  # one that hangs keeps no alarm from the others
            tasks = [group.create_task(self._one(way, opened, now)) for way in ways]
        return [one for task in tasks if (one := task.result())]

    async def try_out(self, now: datetime) -> Sequence[Sounded]:
        """Send a test by every way."""
        test = trial(self.config.newsroom.name, now)
        return [Sounded(channel=way.name, fault=await way.tell(test)) for way in await self._ways()]

    async def _ways(self) -> Sequence[Channel]:
        return await asyncio.to_thread(channels, self.config.alarm, self.folder)

    async def _one(self, way: Channel, opened: Sequence[int], now: datetime) -> Sounded | None:
        fact = f"alarm {way.mark}"
        if not is_due(_read(await self.facts.get(fact)), opened, now):
            return None
        newest = await self.thefts.unclosed()
        told = message(self.config.newsroom.name, newest, len(opened), self._named(), now)
        fault = await way.tell(told)
        if fault:
            log.error("an alarm does not go out", extra={"by": way.name, "why": fault})
        else:
            await self.facts.set(fact, f"{opened[-1]} {now.timestamp():.0f}")
        return Sounded(channel=way.name, fault=fault)

    def _named(self) -> Collection[str]:
        named = self.config.alarm.all_mirrors
        return {m.id for m in self.mirrors if named or m.exposure is Exposure.PUBLIC}


def siren_of(room: Newsroom) -> Siren:
    """The siren of a newsroom that is open for work."""
    return Siren(
        facts=room.ledgers.facts,
        thefts=room.ledgers.thefts,
        config=room.config,
        folder=room.folder,
        mirrors=room.mirrors,
    )


def is_due(told: Told | None, opened: Sequence[int], now: datetime) -> bool:
    """Whether an alarm over these open thefts, by their numbers in order, goes out now."""
    if not opened:
        return False
    if told is None:
        return True
    since = now - told.at
    news = opened[-1] > told.number
    ahead = since < timedelta()  # told by a clock that went wrong: it must not silence us
    return ahead or since >= (QUIET if news else REMINDER)


def _read(fact: str | None) -> Told | None:
    if not fact:
        return None
    number, at = fact.split()
    return Told(number=int(number), at=datetime.fromtimestamp(int(at), UTC))
