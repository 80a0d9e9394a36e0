"""The timekeeper: lets stories out at their time, and holds them where time itself is in doubt."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from service.newsroom import Newsroom
from service.running.beats import Beats
from service.stories.moving import policy_of
from tamizdat.approving import Approving
from tamizdat.article import ArticleId
from tamizdat.errors import TamizdatError
from tamizdat.moves import Fail, Leap, Move, Strike
from tamizdat.progress import Progress
from tamizdat.state import StoryState

PART = "clocks"

TURN = 1.0
"""Seconds between two looks at the clocks."""

AGAIN = 60.0
"""Seconds until a story is tried again that could be neither released nor held."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What two clocks say at once: the one that people set, and one that only goes on.

    The second goes on while the machine sleeps, so that waking up is no leap.
    """

    wall: float
    steady: float

    @classmethod
    def now(cls) -> "Reading":
        """Both, as they stand."""
        return cls(wall=time.time(), steady=time.clock_gettime(time.CLOCK_BOOTTIME))

    def leap(self, before: "Reading") -> timedelta:
        """How much more the first went on than the second."""
        return timedelta(seconds=(self.wall - before.wall) - (self.steady - before.steady))


@dataclass(kw_only=True)
class Timekeeper:
    """Looks at the clocks of stories once a second. `told` is called when a story moved."""

    room: Newsroom
    stories: Approving
    beats: Beats
    told: Callable[[], None]
    read: Callable[[], Reading] = Reading.now
    _later: dict[ArticleId, float] = field(default_factory=dict)
    _owed: dict[ArticleId, Leap] = field(default_factory=dict)

    async def run(self) -> None:
        """Keep time, until cancelled. The first look is for what struck while nothing ran."""
        before = self.read()
        while True:
            now = self.read()
            try:
                await self.turn(now.leap(before), now.steady)
            except TamizdatError as error:  # the ledger is busy: the next look will do
                log.warning("clocks not seen", extra={"kind": type(error).__name__})
            else:
                before = now
                self.beats.beat(PART, asyncio.get_running_loop().time(), TURN)
            await asyncio.sleep(TURN)

    async def turn(self, leap: timedelta, steady: float) -> None:
        """One look, after the machine's clock went on by `leap` more than time did."""
        waiting = await self.room.ledgers.progresses.pending()
        if not waiting:
            return
        if leap > (await policy_of(self.room)).leap:
            for article, story in waiting.items():
                if _goes_by_the_clock(story):
                    await self._move(article, Leap(by=leap), steady)
            return
        now = self.room.clock.now()
        for article, story in waiting.items():
            if not _goes_by_the_clock(story):
                self._owed.pop(article, None)
            elif article in self._owed:  # time was in doubt, and the ledger too busy to say so
                await self._move(article, self._owed[article], steady)
            elif story.due is not None and story.due <= now:
                await self._move(article, Strike(), steady)

    async def _move(self, article: ArticleId, move: Move, steady: float) -> None:
        if self._later.get(article, steady) > steady:
            return
        try:
            await self._try(article, move)
            self._later.pop(article, None)
            self._owed.pop(article, None)
        except TamizdatError as error:
            self._later[article] = steady + AGAIN
            if isinstance(move, Leap):
                self._owed[article] = move
            log.warning("a story cannot be held", extra={"kind": type(error).__name__})
        self.told()

    async def _try(self, article: ArticleId, move: Move) -> None:
        try:
            await self.stories.move(article, move)
        except TamizdatError as error:
            log.warning("not released at its time", extra={"kind": type(error).__name__})
            await self.stories.move(article, Fail())


def _goes_by_the_clock(story: Progress) -> bool:
    return story.due is not None and story.state in {StoryState.CLOCK, StoryState.WAITING}
