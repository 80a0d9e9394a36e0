"""Translating: beginning a story in another language, and saying that the two agree again."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from desk.forms import small_form
from desk.office import Office
from desk.visiting import Notes, visitor_of
from tamizdat.digest import Digest
from tamizdat.errors import ConfigError, SourceError
from tamizdat.story import Story

BEGUN = "It begins with the words of the original: write over them."
AGREED = "Noted: it says what its original says."


class Translating:
    """The buttons. `find` gives the story that an address names, or answers 404."""

    def __init__(
        self,
        office: Office,
        notes: Notes,
        find: Callable[[web.Request], Awaitable[Story]],
        tell: Callable[[], None],
    ) -> None:
        self._translating = office.translating
        self._notes = notes
        self._find = find
        self._tell = tell

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.post("/stories/{id}/translate", self._translate),
            web.post("/stories/{id}/agree", self._agree),
        ]

    async def _translate(self, request: web.Request) -> web.StreamResponse:
        story, person = await self._find(request), visitor_of(request).person.number
        into = (await small_form(request)).line("into")
        try:
            made = await self._translating.translate(story.card.id, into, person)
        except (ConfigError, SourceError) as error:
            return self._back(request, story, f"Not begun: {error}.")
        self._tell()
        return self._back(request, made, BEGUN)

    async def _agree(self, request: web.Request) -> web.StreamResponse:
        story = await self._find(request)
        content = Digest((await small_form(request)).line("content"))
        try:
            await self._translating.agree(story.card.id, content)
        except ConfigError as error:
            return self._back(request, story, f"Not noted: {error}.")
        return self._back(request, story, AGREED)

    def _back(self, request: web.Request, story: Story, sentence: str) -> web.StreamResponse:
        self._notes.leave(visitor_of(request), sentence)
        raise web.HTTPSeeOther(f"/stories/{story.card.id}")
