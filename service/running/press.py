"""The press: makes the next edition as soon as anything changed, and sends mirrors on their way."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mirror.distributor.season import fit
from service.countersigning.together import waits
from service.countersigning.waiting import TAKEN
from service.keys.distrusting import DISTRUSTED, silence
from service.newsroom import Newsroom
from service.pipeline import EmptyError, prepare, tidy
from service.placing import Desired
from service.running.beats import Beats
from service.running.converging import Converging
from service.running.delivering import Delivering
from service.running.passing import Passing, pass_here
from service.stories.arrivals import Arrivals
from tamizdat.errors import TamizdatError
from tamizdat.placement import Mirror, MirrorId, Placement, Refusal

PART = "publishing"
RETRY = 15.0
"""Seconds until a publish that failed is tried again."""

LISTEN = 10.0
"""Seconds until it is seen that another program was told to distrust a key."""

GIVING = 60.0
"""Seconds until secret mirrors that were filled are given to groups: many are filled together."""

log = logging.getLogger(__name__)


def precisely() -> datetime:
    """The moment with its fraction of a second, for what people watch; signed times have none."""
    return datetime.now(UTC)


@dataclass(kw_only=True)
class Press:
    """Publishes whenever it is woken, and every `every` seconds, so that nothing fades.

    `told` is called after each edition and after each pass of a mirror, `arrived` after a pass that
    put an edition there. Secret mirrors that were filled are given out `giving` seconds later.
    """

    room: Newsroom
    arrivals: Arrivals
    beats: Beats
    every: float
    told: Callable[[], None]
    arrived: Callable[[MirrorId], None] = lambda _: None
    giving: float = GIVING
    passing: Passing = pass_here
    delivering: Delivering = field(default_factory=Delivering)
    fault: str = ""
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _told: tuple[str | None, ...] = ()
    _giving: bool = False
    _desired: Desired | None = None
    _converging: Converging = field(init=False)

    def __post_init__(self) -> None:
        self._converging = Converging(outcome=self.placed, passing=self.passing)

    @property
    def mirrors(self) -> Sequence[Mirror]:
        """The pool, as it stands now."""
        return [outlet.mirror for outlet in self.room.outlets.values()]

    def wake(self) -> None:
        """Something changed: publish."""
        self._news.set()

    def turned(self, room: Newsroom) -> None:
        """The pool changed: what is local to each mirror follows, without a new edition."""
        self.room = room
        if self._desired is not None:
            self._converging.desire(room, self._desired)

    def audit(self, turn: int) -> None:
        """List and read back all that lies on one mirror, the next one at each `turn`."""
        mirrors = sorted(mirror.id for mirror in self.mirrors)
        if mirrors:
            self._converging.audit(mirrors[turn % len(mirrors)])

    def doubt(self, mirror: MirrorId) -> None:
        """List and read back all that lies on this mirror, now."""
        if mirror in self.room.outlets:
            self._converging.audit(mirror)

    async def run(self) -> None:
        """Publish, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._converging.run(self.room.outlets))
            group.create_task(self._publish())

    async def _publish(self) -> None:
        while True:
            self._news.clear()
            began, rest = precisely(), self.every
            try:
                self._told = await self._heard()
                await self._edition(began)
                self.fault = await silence(self.room)
            except EmptyError:  # a new newsroom is no broken one
                self.fault = ""
                self._beat()
            except TamizdatError as error:
                self.fault, rest = str(error), RETRY
                log.warning("no edition", extra={"kind": type(error).__name__, "why": self.fault})
            else:
                self._beat()
            await self._rest(rest)

    def _beat(self) -> None:
        self.beats.beat(PART, asyncio.get_running_loop().time(), self.every)

    async def _rest(self, seconds: float) -> None:
        """Until something changed, or `seconds` are over. A key distrusted beside us is news."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not self._news.is_set() and loop.time() < end:
            try:
                async with asyncio.timeout(min(LISTEN, end - loop.time())):
                    await self._news.wait()
            except TimeoutError:
                if await self._is_told():
                    return

    async def _is_told(self) -> bool:
        try:
            return await self._heard() != self._told
        except TamizdatError:
            return False  # the ledger is busy: the next look tells

    async def _heard(self) -> tuple[str | None, ...]:
        """What other programs note beside us: keys that count no more, and people's signatures."""
        facts = self.room.ledgers.facts
        return await facts.get(DISTRUSTED), await facts.get(TAKEN) or None

    async def _edition(self, began: datetime) -> None:
        """Only what the ledger marks as changed after the edition is not in it as it is."""
        desired = await prepare(self.room, self._desired)
        self._desired = desired
        self._converging.desire(self.room, desired)
        waiting = await waits(self.room)
        self.delivering.waits = waiting.told if waiting else ""
        number, now = desired.edition.number, precisely()
        self.delivering.begin(number, began, now)
        changed = await self.room.ledgers.articles.changed()
        self.arrivals.built(number, now, {record.id for record in changed})
        self.told()
        await tidy(self.room, desired)

    def placed(self, outcome: Placement | Refusal) -> None:
        """A mirror's pass ended so."""
        now = precisely()
        self.delivering.placed(outcome, now)
        if isinstance(outcome, Placement):
            self.arrivals.placed(outcome.mirror, outcome.edition, now)
            if outcome.writes:
                self.arrived(outcome.mirror)
                self._given(outcome.mirror)
        else:
            self.arrivals.refused(outcome.mirror, outcome.detail)
            log.info("mirror refused", extra={"mirror": outcome.mirror, "retry": outcome.retry})
        self.told()

    def _given(self, mirror: MirrorId) -> None:
        """What lies whole on a secret mirror now may be given to a group."""
        outlet = self.room.outlets.get(mirror)
        if self.room.config.channel and outlet and fit(outlet.mirror) and not self._giving:
            self._giving = True
            asyncio.get_running_loop().call_later(self.giving, self._give)

    def _give(self) -> None:
        self._giving = False
        self.wake()
