"""What was set aside: the page that tells which pieces of a source became no drafts, and why."""

from aiohttp import web

from desk.office import Office
from desk.spans import clock, day
from desk.visiting import inside


class SetAsidePage:
    """The page."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def routes(self) -> list[web.RouteDef]:
        """Its address."""
        return [web.get("/set-aside", self._show)]

    async def _show(self, request: web.Request) -> web.StreamResponse:
        now = self._office.clock.now()
        sources = [
            (one, f"{day(one.asked, now)} {clock(one.asked)} UTC" if one.asked else "")
            for one in await self._office.set_asides.set_aside()
        ]
        return inside(request, self._office, "set_aside.html", here="set-aside", sources=sources)
