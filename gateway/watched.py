"""Watched letters: the ledger's letters, with a word to whoever wants to know of each change."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.letter import GatewayId, Letter, LetterState, Posting
from tamizdat.letters import Letters
from tamizdat.ports import Clock

Tell = Callable[[GatewayId, ArticleId, int, LetterState, datetime], None]
"""Called once a letter's new state is recorded, in the order of the states."""


class WatchedLetters:
    """Letters; `tell` hears of each new state. What was forgotten cannot come back.

    A gateway may be busy with a letter while its article is withdrawn: nothing more is recorded of
    it, and where its turn has not come yet it is not `wanted` any more.
    """

    def __init__(self, letters: Letters, clock: Clock, tell: Tell | None = None) -> None:
        self._letters = letters
        self._clock = clock
        self._tell = tell
        self._known: dict[tuple[GatewayId, ArticleId, int], LetterState] = {}
        self._gone: set[ArticleId] = set()
        self._dropped: set[ArticleId] = set()
        self._changing = asyncio.Lock()

    def wanted(self, letter: Letter) -> bool:
        """Whether a letter may still leave."""
        return letter.article not in self._gone

    async def queue(self, postings: Sequence[Posting]) -> None:
        """Record new letters, all or none; one that is known already stays as it is."""
        await self._letters.queue(postings)
        self._note(postings)

    async def update(self, postings: Sequence[Posting]) -> None:
        """Record what became of known letters, all or none; of forgotten ones, nothing."""
        async with self._changing:
            known = [one for one in postings if one.article not in self._gone]
            if known:
                await self._letters.update(known)
        self._note(known)

    async def of(
        self, gateway: GatewayId, articles: Sequence[ArticleId] | None = None
    ) -> Sequence[Posting]:
        """Every letter to a gateway, oldest first; of these articles only where any are named."""
        return await self._letters.of(gateway, articles)

    async def counts(self, gateway: GatewayId) -> Mapping[LetterState, int]:
        """How many letters to a gateway are in each state."""
        return await self._letters.counts(gateway)

    async def failed(self, gateway: GatewayId) -> Sequence[Posting]:
        """Those letters to a gateway that were altered or lost, oldest first."""
        return await self._letters.failed(gateway)

    async def open(self, gateway: GatewayId) -> Sequence[Posting]:
        """Those letters to a gateway that are not final, oldest first."""
        found = await self._letters.open(gateway)
        self._known.update({_key(one): one.state for one in found})
        return found

    async def forget(self, articles: Sequence[ArticleId]) -> None:
        """Drop every letter of these articles (they were withdrawn)."""
        fresh = [one for one in articles if one not in self._dropped]
        self._gone.update(fresh)  # first: what waits for its turn leaves no more
        if not fresh:
            return
        async with self._changing:
            await self._letters.forget(fresh)
        self._dropped.update(fresh)
        for key in [key for key in self._known if key[1] in self._gone]:
            del self._known[key]

    async def bodies(self) -> Sequence[Digest]:
        """The blobs that letters which are not final still need."""
        return await self._letters.bodies()

    async def reads(self, gateway: GatewayId, start: datetime) -> Sequence[datetime]:
        """When its feed was read since `start`, oldest first."""
        return await self._letters.reads(gateway, start)

    async def record_read(self, gateway: GatewayId, at: datetime) -> None:
        """Its feed is about to be read."""
        await self._letters.record_read(gateway, at)

    def _note(self, postings: Sequence[Posting]) -> None:
        for one in postings:
            before = self._known.get(_key(one))
            self._known[_key(one)] = one.state
            if one.final:
                del self._known[_key(one)]
            if self._tell and one.state is not before:
                self._tell(one.gateway, one.article, one.revision, one.state, self._clock.now())


def _key(one: Posting) -> tuple[GatewayId, ArticleId, int]:
    return one.gateway, one.article, one.revision


_: type[Letters] = WatchedLetters
