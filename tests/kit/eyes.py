"""A newsroom with several people, and a clock that a test sets: four eyes in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.config import FILE
from service.founding import found
from service.newsroom import Newsroom
from service.running.beats import Beats
from service.running.timekeeper import Timekeeper
from service.wiring import opened
from tamizdat.article import ArticleId
from tamizdat.digest import Digest, digest
from tamizdat.moves import Approve, Ask, Move, SetClock
from tamizdat.people import Invitation, Role
from tamizdat.progress import CONSOLE, Progress
from tamizdat.story import Story, Written
from tests.kit.desk.room import Hands
from tests.kit.newsdesk import Office

MIRA, OTO, PIA = 1, 2, 3
START = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Eyes(Office):
    """The newsdesk of a newsroom that asks for approvals."""

    clock: Hands = field(default_factory=Hands)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.moved: list[None] = []
        self.keeper = Timekeeper(
            room=self.room,
            stories=self.desk,
            beats=Beats(),
            told=lambda: self.moved.append(None),
        )

    async def written(self, text: Written, person: int = MIRA) -> ArticleId:
        """A new draft of somebody."""
        return (await self.desk.save(None, text, person)).card.id

    async def asked(self, text: Written, due: datetime | None = None) -> ArticleId:
        """A new draft that waits for approval."""
        article = await self.written(text)
        moves: tuple[Move, ...] = (SetClock(person=MIRA, due=due),) if due else ()
        await self.desk.move(article, *moves, Ask(person=MIRA))
        return article

    async def approve(self, article: ArticleId, person: int = OTO) -> Story:
        """Somebody reads it and approves."""
        compared = await self.desk.compared(article)
        assert compared
        return await self.desk.move(article, Approve(person=person, content=compared.content))

    async def progress(self, article: ArticleId) -> Progress:
        """Where it stands."""
        story = await self.desk.story(article)
        assert story
        return story.card.progress

    async def turn(self, leap: timedelta = timedelta(), steady: float = 0.0) -> None:
        """The timekeeper looks."""
        await self.keeper.turn(leap, steady)


@asynccontextmanager
async def eyes(folder: Path, approvals: int = 1) -> AsyncIterator[Eyes]:
    """A new newsroom with three people, open until the block ends."""
    await found(folder, "The Heron", ("en", "fa"))
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(f"\n[desk]\napprovals = {approvals}\n")
    async with again(folder) as made:
        for number in (MIRA, OTO, PIA):
            await _join(made.room, number)
        yield made


@asynccontextmanager
async def again(folder: Path, at: datetime = START) -> AsyncIterator[Eyes]:
    """The newsroom in `folder` as a program finds it that starts at this moment."""
    async with opened(folder) as room:
        clock = Hands(at)
        yield Eyes(room=replace(room, clock=clock), clock=clock)


async def _join(room: Newsroom, number: int) -> None:
    token, name = digest(b"token %d" % number), Digest(f"{number:064}")
    expires = datetime.now(UTC) + HOUR
    await room.ledgers.people.invite(Invitation(token=token, role=Role.EDITOR, expires=expires))
    person = await room.ledgers.people.join(token, name, "", datetime.now(UTC))
    assert person
    assert person.number == number != CONSOLE
