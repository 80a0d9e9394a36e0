"""Words: where somebody was forced to sign in, their code word goes out by each alarm way, once.

The word says nothing to whoever carries it, and never goes to whom it stands for: whoever forces
them may hold their phone. What was told stands in the ledger, so that a kill
repeats it at worst.
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desk.code_words import code_word
from service.alarms.channels import Channel, channels
from service.alarms.message import Message
from service.alarms.sounding import Sounded
from service.config import Config
from service.newsroom import Newsroom
from tamizdat.ledgers import Facts
from tamizdat.people import People, Person

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Herald:
    """All that telling takes."""

    facts: Facts
    people: People
    config: Config
    folder: Path
    salt: bytes

    async def sound(self, now: datetime, *, but: Collection[str] = ()) -> Sequence[Sounded]:
        """Tell each way the words that it was not told yet; those that were told now, or failed.

        Ways named in `but` are left out: they failed just now.
        """
        forced = [one for one in await self.people.all() if one.frozen is not None]
        if not forced:
            return ()
        ways = await asyncio.to_thread(channels, self.config.alarm, self.folder)
        async with asyncio.TaskGroup() as group:  # one that hangs keeps no word from the others
            tasks = [
                group.create_task(self._one(way, person, now))
                for way in ways
                for person in forced
                if way.name not in but and way.person != person.number
            ]
        return [one for task in tasks if (one := task.result())]

    async def _one(self, way: Channel, person: Person, now: datetime) -> Sounded | None:
        fact, since = f"word {way.mark} {person.number}", str(person.frozen)
        if await self.facts.get(fact) == since:
            return None
        word = code_word(self.salt, person.number)
        told = Message(newsroom=self.config.newsroom.name, at=now, open=0, told=(), word=word)
        fault = await way.tell(told)
        if fault:
            log.error("an alarm does not go out", extra={"by": way.name, "why": fault})
        else:
            await self.facts.set(fact, since)
        return Sounded(channel=way.name, fault=fault)


def herald_of(room: Newsroom) -> Herald:
    """The herald of a newsroom that is open for work."""
    return Herald(
        facts=room.ledgers.facts,
        people=room.ledgers.people,
        config=room.config,
        folder=room.folder,
        salt=room.salt,
    )
