"""The wallboard: brings together what the board shows, whenever something changed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from gateway.mailing import Standing
from service.handing.standing import standing
from service.running.boarding import LOOK_BACK, Known, board
from service.running.lookout import Lookout
from service.running.press import Press
from tamizdat.board import BoardView
from tamizdat.errors import TamizdatError
from tamizdat.placement import MirrorState

LEAST = 0.2
"""Seconds between two boards: what happens in between is shown together."""

MOST = 15.0
"""Seconds after which ages are reckoned anew, though nothing happened."""

THEFTS = 5
"""The newest open ones, which the board shows; all of them are counted."""

INCIDENTS = 200
"""The newest ones, which the board lists."""

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Wallboard:
    """Shows a board to `show`. `letters` tells how letters stand; `fault`, why no board is made."""

    newsroom: str
    press: Press
    lookout: Lookout
    letters: Callable[[], Awaitable[Sequence[Standing]]]
    show: Callable[[BoardView], None]
    view: BoardView | None = None
    fault: str = ""
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Something changed."""
        self._news.set()

    async def run(self) -> None:
        """Show boards, until cancelled."""
        while True:
            self._news.clear()
            try:
                self.view = await self._board()
            except TamizdatError as error:  # the ledger is busy: what was shown stays so long
                self.fault = str(error)
                log.warning("no board", extra={"kind": type(error).__name__})
            else:
                self.fault = ""
                self.show(self.view)
            await asyncio.sleep(LEAST)
            try:
                async with asyncio.timeout(min(MOST, self.lookout.every)):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def _board(self) -> BoardView:
        room = self.press.room
        now = room.clock.now()
        letters = await self.letters()
        verified = sum(one.delivered for one in letters)
        delivering = self.press.delivering
        delivering.letters(verified, sum(sum(one.states.values()) for one in letters), now)
        mirrors = self.press.mirrors
        used = [one for one in mirrors if one.state is not MirrorState.RETIRED]
        known = Known(
            newsroom=self.newsroom,
            mirrors=mirrors,
            incidents=await room.ledgers.incidents.newest(INCIDENTS),
            unclosed=len(await room.ledgers.incidents.unclosed()),
            turns=await room.ledgers.turns.since(now - LOOK_BACK),
            delivery=delivering.shown(
                [one.id for one in used], [one.id for one in used if one.base]
            ),
            letters=letters,
            every=self.lookout.watch.every,
            thefts=await room.ledgers.thefts.unclosed(THEFTS),
            open_thefts=len(await room.ledgers.thefts.open_numbers()),
            hand_outs=(await standing(room, now)).channels if room.config.channel else (),
        )
        return board(self.lookout.seen(now), known, now)
