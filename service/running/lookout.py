"""The lookout: looks at every mirror from everywhere, keeps what was seen, and answers trouble."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from reach.watch import WINDOW, Watch
from service.handing.tending import Tended, tend
from service.looks.keeping import Looking, Part, look_and_keep
from service.looks.looking import HERE
from service.newsroom import Newsroom
from service.running.beats import Beats
from service.running.boarding import Seen
from service.running.patience import patience
from service.running.press import Press
from service.running.reacting import react
from service.running.strips import COUNT, SPAN, Strips
from tamizdat.board import CONTROL
from tamizdat.errors import TamizdatError
from tamizdat.placement import MirrorId
from tamizdat.sighting import Round
from tamizdat.verdict import Vote

PART = "looking"
HERE_ONLY = (HERE, f"{HERE}-control")
"""How this machine is called where it is the control that the config does not name."""

RETRY = 5.0
"""Seconds until the ledger is asked again for what was seen before."""

AGAIN = 20.0
"""Seconds from a first bad look to the second one."""

RAW_OPEN, RAW_BAD, ROUNDS = timedelta(days=2), timedelta(days=30), timedelta(days=60)
"""How long raw observations of good looks, those of bad ones, and rounds are kept."""

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Lookout:
    """One round every `every` seconds, and at once when somebody asks. `told` is called after."""

    press: Press
    beats: Beats
    every: float
    controls: frozenset[str]
    countries: tuple[str, ...]
    told: Callable[[], None]
    looking: Looking = look_and_keep
    faults: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    watch: Watch = field(init=False)
    _strips: Strips = field(default_factory=Strips)
    _asked: set[MirrorId] = field(default_factory=set)
    _arrived: set[MirrorId] = field(default_factory=set)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        # a look counts from its beginning, and the one after it may take all of its patience
        lasting = self.every + patience(self.every).whole / 2
        self.watch = Watch(controls=self.controls, every=lasting)

    @property
    def room(self) -> Newsroom:
        """The newsroom, with its pool as it stands now."""
        return self.press.room

    def ask(self, mirror: MirrorId) -> None:
        """Look at this mirror now, from everywhere."""
        self._asked.add(mirror)
        self._news.set()

    def arrived(self, mirror: MirrorId) -> None:
        """An edition was put there: look whether it can be had from outside.

        From everywhere where nobody ever looked; else only from where looking costs nobody.
        """
        new = not any(name == mirror for name, _ in self.watch.looks)
        (self._asked if new else self._arrived).add(mirror)
        self._news.set()

    def seen(self, now: datetime) -> Seen:
        """What looking has shown, for the board."""
        return Seen(
            verdicts=self.watch.verdicts(now),
            rounds=self.watch.looks,
            countries=self.countries,
            strips={one: self._strips.strip(one, now) for one in (*self.countries, CONTROL)},
        )

    async def run(self) -> None:
        """Look, until cancelled. What the ledger remembers of the last day is taken up first."""
        await self._recall()
        self.told()
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self.every
            await self._round()
            if not self.fault:
                self.beats.beat(PART, loop.time(), self.every)
            while loop.time() < due:
                await self._asked_for(due)

    async def _recall(self) -> None:
        while True:
            start = self.room.clock.now() - max(WINDOW, COUNT * SPAN)
            try:
                self._take(await self.room.ledgers.sightings.since(start))
            except TamizdatError as error:
                self._failed("nothing recalled", error)
                await asyncio.sleep(RETRY)
            else:
                return

    async def _asked_for(self, due: float) -> None:
        """Wait until the next round is due; looks that are asked for come in between."""
        try:
            async with asyncio.timeout_at(due):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()
        asked, self._asked = self._asked, set()
        arrived, self._arrived = self._arrived - asked, set()
        if arrived:
            await self._round(arrived, inside=False)
        if asked:
            await self._round(asked)

    async def _round(
        self, only: Collection[MirrorId] | None = None, *, inside: bool = True
    ) -> None:
        try:
            await self.looking(
                self.room,
                only=only,
                inside=inside,
                tell=self._looked,
                patience=patience(self.every),
            )
            self.fault = ""
        except* TamizdatError as errors:
            self._failed("no round", errors.exceptions[0])

    def _failed(self, what: str, error: BaseException) -> None:
        self.fault = str(error)
        log.warning(what, extra={"kind": type(error).__name__})

    async def _looked(self, part: Part) -> None:
        """One vantage's part: judged, answered and shown before the next one's."""
        if part.fault:
            self.faults[part.vantage] = part.fault
            log.warning("vantage failed", extra={"vantage": part.vantage})
        else:
            self.faults.pop(part.vantage, None)
        fresh = part.rounds
        self._take(fresh)
        self._doubt(fresh)
        readable = [one.mirror for one in fresh if one.ruling.meaning.vote is Vote.OPEN]
        if part.control:
            self.press.delivering.looked(readable, self.room.clock.now())
        await self._react(fresh)
        self.told()

    def _doubt(self, fresh: Sequence[Round]) -> None:
        """A first bad look is followed by a second one soon: two of them are a suspicion."""
        for one in fresh:
            before = self.watch.looks.get((one.mirror, one.country), ())[-2:-1]
            known = any(_bad(earlier) for earlier in before)
            if _bad(one) and not known and one.vantage not in self.controls:
                loop = asyncio.get_running_loop()
                loop.call_later(min(AGAIN, self.every), self.ask, one.mirror)

    async def _react(self, fresh: Sequence[Round]) -> None:
        reaction = await react(self.room, self.watch, fresh, self.room.clock.now())
        tended = await tend(reaction.room) if reaction.incidents else Tended()
        if tended.shards or tended.turns:
            self.press.turned(await reaction.room.as_it_stands())
        elif reaction.turned:
            self.press.turned(reaction.room)
        if reaction.turned:
            for spare, _ in reaction.awaited:
                self.ask(spare)  # whether it is read from there is what everybody waits for

    def _take(self, rounds: Sequence[Round]) -> None:
        self.watch.add(rounds)
        self._strips.add(
            replace(one, country=CONTROL) if one.vantage in self.controls else one for one in rounds
        )

    async def forget(self) -> None:
        """Drop what is too old to be of use."""
        now = self.room.clock.now()
        await self.room.ledgers.sightings.forget(
            raw_open=now - RAW_OPEN, raw_bad=now - RAW_BAD, rounds=now - ROUNDS
        )


def _bad(one: Round) -> bool:
    return one.ruling.meaning.vote is Vote.BLOCKED
