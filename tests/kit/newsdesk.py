"""A newsroom with its newsdesk, in this process: written, released and published by a test."""

import base64
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from service.founding import MIRRORS, found
from service.newsroom import Newsroom
from service.pipeline import Published, publish
from service.stories.arrivals import Arrivals
from service.stories.newsdesk import StoryDesk
from service.wiring import opened
from tamizdat.article import ArticleId
from tamizdat.story import Arrival, Story, Written


@dataclass
class Office:
    """The newsdesk; how often it woke the publisher, and what it told of arrivals."""

    room: Newsroom
    wakes: list[None] = field(default_factory=list)
    told: list[Arrival] = field(default_factory=list)

    def __post_init__(self) -> None:
        pool = [outlet.mirror for outlet in self.room.outlets.values()]
        self.arrivals = Arrivals(mirrors=lambda: pool, gateways={}, tell=self.told.append)
        self.desk = StoryDesk(self.room, lambda: self.wakes.append(None), self.arrivals)

    async def out(self, written: Written, reason: str = "") -> Story:
        """Save a new story and release it."""
        draft = await self.desk.save(None, written)
        return await self.desk.release(draft.card.id, reason)

    async def publish(self) -> Published:
        """What the publisher does when it is woken."""
        done = await publish(self.room)
        now = self.room.clock.now()
        changed = await self.room.ledgers.articles.changed()
        self.arrivals.built(done.edition, now, but=[record.id for record in changed])
        for placement in done.placements:
            self.arrivals.placed(placement.mirror, placement.edition, now)
        assert done.refusals == ()
        return done

    def pages(self, path: str | None) -> list[str]:
        """The page at `path`, of each mirror."""
        assert path
        return [
            (self.room.folder / "mirrors" / mirror / path).read_text("utf-8") for mirror in MIRRORS
        ]

    async def is_drafted(self, article: ArticleId) -> bool:
        """Whether the ledger knows a draft of it."""
        return await self.room.ledgers.drafts.get(article) is not None


@asynccontextmanager
async def office(folder: Path, languages: tuple[str, ...] = ("en", "fa")) -> AsyncIterator[Office]:
    """A new newsroom with three mirrors, open until the block ends."""
    await found(folder, "The Heron", languages)
    async with opened(folder) as room:
        yield Office(room)


def written(text: str, title: str = "The ferry", *, language: str = "en", **more: str) -> Written:
    """What an editor typed, as HTML."""
    return Written(title=title, text=text, form="html", language=language, **more)  # type: ignore[arg-type]


def address(body: bytes, kind: str = "jpeg") -> str:
    """A picture, as a browser hands it over."""
    return f"data:image/{kind};base64,{base64.b64encode(body).decode()}"


def end_agents(folder: Path) -> None:
    """End the gpg-agents that a killed program left behind in the newsroom at `folder`."""
    for home in (folder / "keys" / "online", folder / "keys" / "root"):
        with suppress(FileNotFoundError):
            subprocess.run(
                ["gpgconf", "--homedir", str(home), "--kill", "all"],
                check=False,
                timeout=30,
                capture_output=True,
            )
