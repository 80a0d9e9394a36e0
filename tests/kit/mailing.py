"""A mailer that runs in a test: letters of made articles, to whom they may go, what was told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.mailer import Mailer, Wait
from gateway.mailing import enqueue
from gateway.rounds import Desk
from gateway.watched import WatchedLetters
from tamizdat.article import Article, ArticleId
from tamizdat.letter import GatewayId, LetterState
from tests.kit.post import TurnedClock, issuer, target
from tests.unit.signing.paper import Newsroom

PATIENCE = 60
Heard = tuple[GatewayId, ArticleId, int]


@dataclass
class Ear:
    """What a mailer told. `enough` so many letters that came to an end set `done`."""

    enough: int
    heard: dict[Heard, list[LetterState]] = field(default_factory=dict)
    times: list[datetime] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    ended: int = 0

    def tell(
        self,
        gateway: GatewayId,
        article: ArticleId,
        revision: int,
        state: LetterState,
        at: datetime,
    ) -> None:
        self.heard.setdefault((gateway, article, revision), []).append(state)
        self.times.append(at)
        self.ended += state in {LetterState.VERIFIED, LetterState.ALTERED, LetterState.LOST}
        if self.ended >= self.enough:
            self.done.set()

    async def all(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.done.wait()

    def of(self, gateway: str) -> list[list[LetterState]]:
        return [states for (name, _, _), states in self.heard.items() if name == gateway]


def watched(work: Desk, ear: Ear) -> tuple[Desk, WatchedLetters]:
    """The same desk with letters that tell."""
    letters = WatchedLetters(work.letters, work.clock, ear.tell)
    return replace(work, letters=letters), letters


def queueing(
    work: Desk, room: Newsroom, names: Sequence[str], texts: Sequence[Article]
) -> Callable[[], Awaitable[int]]:
    """What a newsroom with these published articles does when its mailer is woken."""

    async def queue() -> int:
        return await enqueue(work, issuer(room), [target(name) for name in names], texts)

    return queue


def turning(clock: TurnedClock) -> Wait:
    """Waiting that takes no time: the clock is turned instead."""

    async def wait(event: asyncio.Event, seconds: float) -> None:
        if not event.is_set():
            await clock.sleep(seconds)
        await asyncio.sleep(0)

    return wait


@asynccontextmanager
async def running(mailer: Mailer) -> AsyncIterator[None]:
    """Let it run until the block ends; what it raises comes out."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(mailer.run())
        try:
            yield
        finally:
            task.cancel()
