"""Calling: one sentence to every way of `[alarm]`, about what is no key theft."""

import asyncio
import logging
from datetime import UTC, datetime

from service.alarms.channels import channels
from service.alarms.message import Message
from service.newsroom import Newsroom

log = logging.getLogger(__name__)


async def call(room: Newsroom, word: str) -> None:
    """Tell `word` by every way; one that fails is noted and keeps it from no other."""
    name = room.config.newsroom.name
    told = Message(newsroom=name, at=datetime.now(UTC), open=0, told=(), word=word)
    for way in await asyncio.to_thread(channels, room.config.alarm, room.folder):
        if fault := await way.tell(told):
            log.error("an alarm does not go out", extra={"by": way.name, "why": fault})
