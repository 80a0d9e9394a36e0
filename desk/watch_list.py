"""The watch list: the page on which editors see and change the names they watch for."""

from aiohttp import web

from desk.forms import small_form
from desk.office import Office
from desk.visiting import Notes, inside, visitor_of
from tamizdat.errors import ConfigError, SourceError

WAITS = "It waits for a second editor."


class WatchListPage:
    """The page, and its forms. Who was forced to sign in sees no name, and changes none."""

    def __init__(self, office: Office, notes: Notes) -> None:
        self._office = office
        self._names = office.watch_list
        self._notes = notes

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.get("/names", self._show),
            web.post("/names/add", self._add),
            web.post("/names/remove", self._remove),
        ]

    async def _show(self, request: web.Request) -> web.StreamResponse:
        who, fault = visitor_of(request), ""
        names: tuple[str, ...] = ()
        try:
            names = tuple(await self._names.names()) if who.person.frozen is None else ()
        except SourceError as error:
            fault = str(error)
        note = self._notes.take(who)
        return inside(
            request, self._office, "names.html", here="names", names=names, note=note, fault=fault
        )

    async def _add(self, request: web.Request) -> web.StreamResponse:
        given = (await small_form(request)).text("names").splitlines()
        names = [one for one in given if one.strip()]
        if self._is_free(request):
            try:
                count = await self._names.add(names)
            except (ConfigError, SourceError) as error:
                self._say(request, f"Not done: {error}.")
            else:
                self._say(request, f"{count} added.")
        raise web.HTTPSeeOther("/names")

    async def _remove(self, request: web.Request) -> web.StreamResponse:
        name = (await small_form(request)).line("name")
        if self._is_free(request):
            try:
                count = await self._names.remove([name])
            except (ConfigError, SourceError) as error:
                self._say(request, f"Not done: {error}.")
            else:
                self._say(request, "Removed." if count else "It was not on the list any more.")
        raise web.HTTPSeeOther("/names")

    def _is_free(self, request: web.Request) -> bool:
        free = visitor_of(request).person.frozen is None
        if not free:
            self._say(request, WAITS)
        return free

    def _say(self, request: web.Request, sentence: str) -> None:
        self._notes.leave(visitor_of(request), sentence)
