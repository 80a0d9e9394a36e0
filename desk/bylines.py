"""Bylines: the page on which editors take an author's name out of everything, or change it."""

from aiohttp import web

from desk.forms import small_form
from desk.office import Office
from desk.visiting import Notes, inside, visitor_of
from tamizdat.byline import Switched
from tamizdat.errors import ConfigError, SourceError


class BylinesPage:
    """The page, and its form."""

    def __init__(self, office: Office, notes: Notes) -> None:
        self._office = office
        self._notes = notes

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [web.get("/bylines", self._show), web.post("/bylines", self._switch)]

    async def _show(self, request: web.Request) -> web.StreamResponse:
        return await self._page(request, Switched())

    async def _switch(self, request: web.Request) -> web.StreamResponse:
        form, person = await small_form(request), visitor_of(request).person.number
        try:
            done = await self._office.bylines.switch(form.line("name"), form.line("to"), person)
        except (ConfigError, SourceError) as error:
            self._notes.leave(visitor_of(request), f"Not done: {error}.")
            raise web.HTTPSeeOther("/bylines") from None
        self._notes.leave(visitor_of(request), done.waits or told(done))
        if done.mentioned:
            return await self._page(request, done)
        raise web.HTTPSeeOther("/bylines")

    async def _page(self, request: web.Request, done: Switched) -> web.Response:
        policy = await self._office.approving.policy()
        return inside(
            request,
            self._office,
            "bylines.html",
            here="bylines",
            note=self._notes.take(visitor_of(request)),
            mentioned=done.mentioned,
            seconded=policy.approvals > 0,
            alone=visitor_of(request).person.frozen is None,
        )


def told(done: Switched) -> str:
    """One sentence of what was changed. Pure."""
    out = "1 story" if len(done.articles) == 1 else f"{len(done.articles)} stories"
    written = "1 draft" if len(done.drafts) == 1 else f"{len(done.drafts)} drafts"
    return f"{out} and {written} are signed anew. It goes to every mirror and feed now."
