"""Inbound: sources that are asked on a schedule, and the watched folder, while serve runs."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from service.newsroom import Newsroom
from service.stories.dropped import Folder
from service.stories.pulling import pull, pulled_of
from service.stories.settings import ImportSettings, SourceSettings
from tamizdat.errors import TamizdatError

LONGEST_NAP = 3600.0
"""Seconds after which the clock is asked again: it may have been set."""

RETRY = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """What comes in by itself. `told` is called when drafts came, `out` when articles did."""

    room: Newsroom
    told: Callable[[], None]
    out: Callable[[], None]

    async def run(self) -> None:
        """Do it all, until cancelled."""
        config = self.room.config
        async with asyncio.TaskGroup() as group:
            for source in config.source:
                group.create_task(self._source(source))
            if config.inbound.folder is not None:
                group.create_task(self._folder(config.inbound, config.inbound.folder))

    async def _source(self, source: SourceSettings) -> None:
        every = timedelta(seconds=source.every)
        while True:
            try:
                last = await pulled_of(self.room.ledgers.facts, self.room.salt, source)
                wait = (last.due(every) - self.room.clock.now()).total_seconds()
                if wait <= 0:
                    last, count = await pull(self.room, source)
                    self._tell(count, out=source.release)
                    wait = (last.due(every) - self.room.clock.now()).total_seconds()
            except TamizdatError as error:
                log.warning("a source waits", extra={"kind": type(error).__name__})
                wait = RETRY
            await asyncio.sleep(min(max(wait, 0.05), LONGEST_NAP))

    async def _folder(self, settings: ImportSettings, place: str) -> None:
        folder = Folder(place=self.room.folder / place, language=settings.language)
        while True:
            try:
                self._tell(await folder.look(self.room), out=False)
            except TamizdatError as error:
                log.warning("the watched folder waits", extra={"kind": type(error).__name__})
                await asyncio.sleep(RETRY)
            await asyncio.sleep(settings.look_seconds)

    def _tell(self, count: int, *, out: bool) -> None:
        if count:
            self.told()
            if out:
                self.out()
