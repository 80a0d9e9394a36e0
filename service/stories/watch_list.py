"""The watch list in the ledger: one fact, closed like a draft, and made ready for texts."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Sequence

from desk.likeness import Likenesses
from feeds.letters import line
from service.stories.rewording import text as words
from tamizdat.article import Article
from tamizdat.closing import Closing
from tamizdat.errors import ConfigError
from tamizdat.ledgers import Facts
from tamizdat.watch_list import LEAST_NAME, LONGEST_NAME, MOST_NAMES, WatchList

WATCH_LIST = "watch list"
"""The name of the fact, and what it is closed as."""

UNSEALED = (
    "names to watch for would lie open on the disk, and tell whoever takes it whom we hide: "
    "set desk.sealed first, see docs/operating.md"
)
LOOK_SECONDS = 2.0
"""How old our knowledge of the list may be: another program may change it."""

REMEMBERED = 64
"""Texts of which it is remembered what stands in them."""


class LedgerWatchList:
    """The list in a ledger. `scrub` wipes the ledger's file of what was deleted there."""

    def __init__(
        self, facts: Facts, closing: Closing, scrub: Callable[[], Awaitable[None]]
    ) -> None:
        self._facts = facts
        self._closing = closing
        self._scrub = scrub
        self._changing = asyncio.Lock()
        self._ready: tuple[str, Likenesses] = ("", Likenesses(names=()))
        self._found: dict[str, tuple[str, ...]] = {}
        self._lying, self._until = "", 0.0

    async def names(self) -> Sequence[str]:
        """All of them, sorted."""
        return self._opened(await self._facts.get(WATCH_LIST))

    async def add(self, names: Sequence[str]) -> int:
        """Watch for these from now on; how many of them are new."""
        wanted = {_checked(name) for name in names}
        async with self._changing:
            before = set(await self.names())
            if len(before | wanted) > MOST_NAMES:
                raise ConfigError(f"over {MOST_NAMES} names: remove some first")
            await self._keep(before | wanted)
        return len(wanted - before)

    async def remove(self, names: Sequence[str]) -> int:
        """Watch for these no more; how many of them were on the list."""
        async with self._changing:
            before = set(await self.names())
            gone = before & {line(name) for name in names}
            if gone:
                await self._keep(before - gone)
                await self._scrub()
        return len(gone)

    async def found(self, article: Article) -> tuple[str, ...]:
        """Which names stand in what an article says, in its own words."""
        told = await self._told()
        if not told:
            return ()
        if self._ready[0] != told:
            names = self._opened(told)
            self._ready = (told, await asyncio.to_thread(lambda: Likenesses(names=names)))
            self._found.clear()
        text = _said(article)
        if text not in self._found:
            found = await asyncio.to_thread(self._ready[1].found, text)
            self._found[text] = found
            while len(self._found) > REMEMBERED:
                del self._found[next(iter(self._found))]
            return found
        return self._found[text]

    async def _told(self) -> str:
        """The list as it lies in the ledger, at most LOOK_SECONDS ago; every page asks for it."""
        now = asyncio.get_running_loop().time()
        if now >= self._until:
            self._lying = await self._facts.get(WATCH_LIST) or ""
            self._until = now + LOOK_SECONDS
        return self._lying

    async def _keep(self, names: set[str]) -> None:
        if self._closing.close(b"?", WATCH_LIST) == b"?":
            raise ConfigError(UNSEALED)
        body = json.dumps(sorted(names), ensure_ascii=False).encode()
        closed = base64.b64encode(self._closing.close(body, WATCH_LIST)).decode("ascii")
        await self._facts.set(WATCH_LIST, closed if names else "")
        self._until = 0.0

    def _opened(self, told: str | None) -> Sequence[str]:
        if not told:
            return ()
        found: list[str] = json.loads(self._closing.open(base64.b64decode(told), WATCH_LIST))
        return found


def _checked(name: str) -> str:
    plain = line(name)
    if not LEAST_NAME <= len(plain) <= LONGEST_NAME:
        raise ConfigError(f"a name has {LEAST_NAME} to {LONGEST_NAME} characters: check the list")
    return plain


def _said(article: Article) -> str:
    """All that readers would see of an article, but its byline."""
    alts = [picture.alt for picture in article.pictures]
    parts = [article.title, article.summary, article.correction, *article.tags, *alts]
    return "\n".join([*parts, words(article.html)])


_: type[WatchList] = LedgerWatchList
