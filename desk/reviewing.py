"""Reviewing: the page of a story that is on its way out, for those who approve, time or hold it."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from aiohttp import web

from desk.cautions import Caution
from desk.forms import small_form
from desk.office import Office
from desk.pending import clock_move, done, pending
from desk.times import Zones
from desk.visiting import Notes, visitor_of
from tamizdat.digest import Digest
from tamizdat.errors import ConfigError, SourceError
from tamizdat.moves import Approve, Hold, Move, Release, SendBack, StopClock
from tamizdat.story import Story


class Page(Protocol):
    """Makes a page of the desk, with the list of stories beside it."""

    def __call__(
        self, request: web.Request, name: str, *, status: int = 200, **words: object
    ) -> Awaitable[web.Response]:
        """The page of this template."""
        ...


class Reviewing:
    """The page, and its buttons. `find` gives the story that an address names, or answers 404."""

    def __init__(
        self,
        office: Office,
        notes: Notes,
        zones: Zones,
        find: Callable[[web.Request], Awaitable[Story]],
        page: Page,
        tell: Callable[[], None],
        lost: Callable[[], tuple[Caution, ...]],
    ) -> None:
        self._approving = office.approving
        self._notes = notes
        self._zones = zones
        self._find = find
        self._page = page
        self._tell = tell
        self._lost = lost

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.post("/stories/{id}/approve", self._approve),
            web.post("/stories/{id}/send", self._send),
            web.post("/stories/{id}/send-back", self._send_back),
            web.post("/stories/{id}/hold", self._hold),
            web.post("/stories/{id}/clock", self._clock),
            web.post("/stories/{id}/stop-clock", self._stop_clock),
        ]

    async def show(
        self, request: web.Request, story: Story, *, fault: str = "", status: int = 200
    ) -> web.StreamResponse:
        """The page."""
        compared = await self._approving.compared(story.card.id)
        person = visitor_of(request).person.number
        policy = (await self._approving.policy()).as_seen_by(person)
        given = pending(story, compared, policy, person, self._zones.of(person))
        return await self._page(
            request, "pending.html", status=status, fault=fault, lost=self._lost(), **given
        )

    async def _approve(self, request: web.Request) -> web.StreamResponse:
        content = Digest((await small_form(request)).line("content"))
        return await self._move(request, Approve(person=_person(request), content=content))

    async def _send(self, request: web.Request) -> web.StreamResponse:
        return await self._move(request, Release(person=_person(request)))

    async def _send_back(self, request: web.Request) -> web.StreamResponse:
        note = (await small_form(request)).line("note")
        return await self._move(request, SendBack(person=_person(request), note=note))

    async def _hold(self, request: web.Request) -> web.StreamResponse:
        return await self._move(request, Hold(person=_person(request)))

    async def _stop_clock(self, request: web.Request) -> web.StreamResponse:
        return await self._move(request, StopClock(person=_person(request)))

    async def _clock(self, request: web.Request) -> web.StreamResponse:
        form = await small_form(request)
        try:
            move = clock_move(form.line("due"), form.line("zone"), _person(request), self._zones)
        except ConfigError as error:
            story = await self._find(request)
            return await self.show(request, story, fault=told(story, error), status=422)
        return await self._move(request, move)

    async def _move(self, request: web.Request, move: Move) -> web.StreamResponse:
        story = await self._find(request)
        try:
            after = await self._approving.move(story.card.id, move)
        except (ConfigError, SourceError) as error:
            self._notes.leave(visitor_of(request), f"Not done: {told(story, error)}")
            raise web.HTTPSeeOther(f"/stories/{story.card.id}") from None
        self._tell()
        zone = self._zones.of(_person(request))
        self._notes.leave(visitor_of(request), done(after, zone))
        raise web.HTTPSeeOther(f"/stories/{story.card.id}")


def told(story: Story, error: Exception) -> str:
    """Why something was refused, as a sentence about the story that lies open."""
    words = str(error).removeprefix(f"{story.card.id}: ")
    return f"{words[:1].lower()}{words[1:]}."


def _person(request: web.Request) -> int:
    return visitor_of(request).person.number
