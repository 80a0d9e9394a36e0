"""Watching: the pages of the board, and what an operator does from there."""

from collections.abc import Awaitable, Callable
from datetime import date

from aiohttp import web
from pydantic import TypeAdapter

from desk.cells import path
from desk.evidence import basis, find, foremost
from desk.face import incident_words
from desk.forms import small_form
from desk.office import Office
from desk.spans import day_and_clock
from desk.staff import WAITS
from desk.template import fill
from desk.visiting import FRAGMENT, Notes, inside, page, visitor_of
from desk.wall import Wall
from desk.words import LETTERS, SHORT
from tamizdat.board import BoardView, Cell
from tamizdat.errors import ConfigError
from tamizdat.sighting import Sighting

REASON = 200
"""Characters of the reason of a false alarm."""

KEPT = 256
"""Cells whose evidence is remembered, a few KB each."""

_Kept = dict[tuple[tuple[str, str] | None, bool], str]

_NUMBER = "{number:[1-9][0-9]{0,8}}"
_CELL = "/board/cell/{mirror}/{country}"
_SIGHTING = TypeAdapter(Sighting)


class Watching:
    """The operators' pages; editors may look."""

    def __init__(self, office: Office, wall: Wall, notes: Notes) -> None:
        self._office = office
        self._wall = wall
        self._notes = notes
        self._made: tuple[BoardView, date, _Kept] = (wall.view, date.min, {})

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.get("/board", self._show_board),
            web.get(_CELL, self._show_cell),
            web.get(f"{_CELL}/rotate", self._plan),
            web.post(f"{_CELL}/rotate", self._rotate),
            web.post(f"{_CELL}/look", self._look_again),
            web.get(f"/board/raw/{_NUMBER}", self._raw),
            web.get("/incidents", self._show_incidents),
            web.post(f"/incidents/{_NUMBER}/false-alarm", self._false_alarm),
            web.post(f"/turns/{_NUMBER}/undo", self._undo),
        ]

    async def _show_board(self, request: web.Request) -> web.StreamResponse:
        """The board, and beside it what people come for."""
        cell = foremost(self._wall.view)
        whole = request.query.get("rows") == "all"
        return await self._board(request, cell, whole=whole)

    async def _show_cell(self, request: web.Request) -> web.StreamResponse:
        cell = self._cell(request)
        if FRAGMENT in request.query:
            return page(await self._beside(request, cell))
        return await self._board(request, cell, whole=True)

    async def _plan(self, request: web.Request) -> web.StreamResponse:
        cell = self._cell(request)
        try:
            plan, may = await self._office.operations.plan(cell.mirror), True
        except ConfigError as error:
            plan, may = str(error), False
        return inside(
            request,
            self._office,
            "rotate.html",
            here="board",
            mirror=cell.mirror,
            plan=plan,
            may=may,
            path=path(cell.mirror, cell.country),
        )

    async def _rotate(self, request: web.Request) -> web.StreamResponse:
        cell = self._cell(request)
        await self._do(request, lambda: self._office.operations.rotate(cell.mirror))
        raise web.HTTPSeeOther(path(cell.mirror, cell.country))

    async def _look_again(self, request: web.Request) -> web.StreamResponse:
        cell = self._cell(request)
        look = self._office.operations.look_again
        await self._do(request, lambda: look(cell.mirror), free=True)
        raise web.HTTPSeeOther(path(cell.mirror, cell.country))

    async def _raw(self, request: web.Request) -> web.StreamResponse:
        found = await self._office.evidence.sighting(int(request.match_info["number"]))
        if found is None:
            raise web.HTTPNotFound
        body = _SIGHTING.dump_json(found, indent=2)
        return web.Response(body=body, content_type="application/json")

    async def _show_incidents(self, request: web.Request) -> web.StreamResponse:
        view = self._wall.view
        words = incident_words(view, len(view.incidents))
        return inside(
            request,
            self._office,
            "incidents.html",
            here="incidents",
            operates=visitor_of(request).operates,
            note=self._notes.take(visitor_of(request)),
            status=200,
            **words,
        )

    async def _false_alarm(self, request: web.Request) -> web.StreamResponse:
        form = await small_form(request)
        reason = form.line("reason")
        if not 0 < len(reason) <= REASON:
            raise web.HTTPBadRequest
        number = int(request.match_info["number"])
        await self._do(request, lambda: self._office.operations.false_alarm(number, reason))
        raise web.HTTPSeeOther("/incidents")

    async def _undo(self, request: web.Request) -> web.StreamResponse:
        number = int(request.match_info["number"])
        await self._do(request, lambda: self._office.operations.undo(number))
        raise web.HTTPSeeOther("/incidents")

    async def _do(
        self, request: web.Request, act: Callable[[], Awaitable[str]], *, free: bool = False
    ) -> None:
        """What was done, or why not, stands on the next page.

        What is not `free` waits where this person was forced to sign in.
        """
        try:
            forced = visitor_of(request).person.frozen is not None
            sentence = WAITS if forced and not free else await act()
        except ConfigError as error:
            sentence = str(error)
        self._notes.leave(visitor_of(request), sentence)

    def _cell(self, request: web.Request) -> Cell:
        asked = request.match_info
        cell = find(self._wall.view, asked["mirror"], asked["country"])
        if cell is None:
            raise web.HTTPNotFound
        return cell

    async def _board(
        self, request: web.Request, cell: Cell | None, *, whole: bool
    ) -> web.StreamResponse:
        who = visitor_of(request).person.role.value
        beside = await self._beside(request, cell)
        return page(self._wall.page(whole=whole, who=who, beside=beside, cell=cell))

    async def _beside(self, request: web.Request, cell: Cell | None) -> str:
        """What a cell rests on, as a fragment: remembered while board and day are the same."""
        visitor = visitor_of(request)
        note = self._notes.take(visitor)
        if note:
            return await self._evidence(cell, note, operates=visitor.operates)
        kept = self._kept(self._wall.view)
        key = (cell.mirror, cell.country) if cell else None, visitor.operates
        if key not in kept:
            text = await self._evidence(cell, "", operates=visitor.operates)
            while len(kept) >= KEPT:
                del kept[next(iter(kept))]
            kept[key] = text
        return kept[key]

    def _kept(self, view: BoardView) -> _Kept:
        """What was made for this board, today."""
        today = self._office.clock.now().date()
        if view is not self._made[0] or today != self._made[1]:
            self._made = view, today, {}
        return self._made[2]

    async def _evidence(self, cell: Cell | None, note: str, *, operates: bool) -> str:
        if cell is None:
            return fill("evidence.html", basis=None, note=note)
        newest = cell.sightings[0] if cell.sightings else None
        sighting = await self._office.evidence.sighting(newest) if newest is not None else None
        now = self._office.clock.now()
        return fill(
            "evidence.html",
            basis=basis(self._wall.view, cell, sighting),
            note=note,
            letter=LETTERS[cell.state],
            word=SHORT[cell.state],
            since=day_and_clock(cell.since, now) if cell.since else "",
            at=day_and_clock(cell.at, now) if cell.at else "",
            operates=operates,
            path=path(cell.mirror, cell.country),
        )
