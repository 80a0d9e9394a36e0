"""The desk: one web application, with the editors' pages and the operators' board."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler

from desk.arrivals import arrival_part
from desk.assets import EDITOR, SCRIPT, STYLE, Asset
from desk.bylines import BylinesPage
from desk.channel import BEAT, Channel
from desk.door import Door
from desk.gate import middlewares, seal
from desk.log import Log
from desk.office import Office
from desk.origin import is_loopback
from desk.passwords import Passwords
from desk.pasting import pasting_routes
from desk.sessions import Visitor, visitor_of_token
from desk.set_aside import SetAsidePage
from desk.staff import Staff
from desk.stories import Stories
from desk.throttle import PATIENCE
from desk.visiting import Notes, inside, visitor_of
from desk.visitors import Visitors, shut
from desk.wall import Wall
from desk.watch_list import WatchListPage
from desk.watching import Watching
from desk.you import You
from tamizdat.board import BoardView
from tamizdat.rights import Right
from tamizdat.story import Arrival

LINGER = 1.0
"""Seconds that requests may still take when the desk closes."""

FOR_EVER = "public, max-age=31536000, immutable"

_silent = logging.getLogger(f"{__name__}.http")
_silent.disabled = True  # aiohttp would write the address of whoever sent a broken request


class Desk:
    """The room. Whoever holds it tells it what changed; it tells the browsers."""

    def __init__(
        self,
        office: Office,
        *,
        passwords: Passwords | None = None,
        beat: float = BEAT,
        patience: float = PATIENCE,
    ) -> None:
        self._office = office
        self._wall = Wall(_empty(office), beat=beat)
        self._channel = Channel(lambda: ("snapshot", "{}"), beat=beat)
        notes = Notes()
        hashes = passwords or Passwords()
        self._door = Door(office, hashes, patience=patience)
        self._you = You(office, hashes, notes, patience=patience)
        self._staff = Staff(office, notes)
        self._log = Log(office)
        self._lists = (
            WatchListPage(office, notes),
            SetAsidePage(office),
            BylinesPage(office, notes),
        )
        self._stories = Stories(office, self._channel, notes, lambda: self.board)
        self._watching = Watching(office, self._wall, notes)

    @property
    def board(self) -> BoardView:
        """What the board shows now."""
        return self._wall.view

    def show_board(self, view: BoardView) -> None:
        """Show this on the board from now on. Call it on the loop that serves."""
        self._wall.show(view)

    def show_arrival(self, arrival: Arrival) -> None:
        """Show how a story gets out, to whoever has it open."""
        payload = {"id": arrival.id, "html": str(arrival_part(arrival))}
        self._channel.tell("arrival", json.dumps(payload, ensure_ascii=False))

    def stories_changed(self) -> None:
        """The list of stories is another one now."""
        self._channel.tell("cards", "{}")

    def close(self) -> None:
        """Let every listening browser go."""
        self._wall.channel.close()
        self._channel.close()

    def application(
        self, *, loopback: bool = True, visitors: Visitors | None = None
    ) -> web.Application:
        """The program that answers. `loopback`: it listens where only this machine can reach."""
        passed = middlewares(self._office, loopback=loopback, visitors=visitors)
        app = web.Application(middlewares=passed)
        app.add_routes(self._door.routes())
        app.add_routes(pasting_routes(self._office))
        app.add_routes(self._stories.routes())
        app.add_routes(self._watching.routes())
        app.add_routes([*self._you.routes(), *self._staff.routes(), *self._log.routes()])
        app.add_routes([route for one in self._lists for route in one.routes()])
        app.add_routes(
            [
                web.get("/events", self._desk_events, allow_head=False),
                web.get("/board/events", self._board_events, allow_head=False),
                web.get("/keys", self._keys),
                *(web.get(asset.path, _serve(asset)) for asset in (STYLE, SCRIPT, EDITOR)),
            ]
        )
        app.on_response_prepare.append(seal)
        app.on_shutdown.append(self._on_shutdown)
        return app

    async def _desk_events(self, request: web.Request) -> web.StreamResponse:
        return await self._listen(request, self._channel, Right.READ)

    async def _board_events(self, request: web.Request) -> web.StreamResponse:
        return await self._listen(request, self._wall.channel, Right.WATCH)

    async def _listen(
        self, request: web.Request, channel: Channel, right: Right
    ) -> web.StreamResponse:
        """A stream ends with its session and with the right to it: who was removed sees no more."""
        visitor: Visitor = visitor_of(request)

        async def admitted() -> bool:
            people, now = self._office.people, self._office.clock.now()
            found = await visitor_of_token(people, visitor.token, now)
            return found is not None and found.may(right)

        return await channel.stream(request, admitted)

    async def _keys(self, request: web.Request) -> web.StreamResponse:
        return inside(request, self._office, "keys.html", here="keys")

    async def _on_shutdown(self, _: web.Application) -> None:
        self.close()


@asynccontextmanager
async def serving(
    desk: Desk, door: socket.socket, visitors: Visitors | None = None
) -> AsyncIterator[int]:
    """Serve at `door`, a bound socket, until the block ends; gives the port."""
    visitors = visitors or Visitors()
    runner = web.AppRunner(
        desk.application(loopback=is_loopback(door.getsockname()[0]), visitors=visitors),
        access_log=None,
        logger=_silent,
        shutdown_timeout=LINGER,
    )
    await runner.setup()
    inner = cast("web.Server", runner.server)
    try:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: visitors.enter(inner), sock=door)
        visitors.look(inner)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            await shut(server, door)
            visitors.stop()
    finally:
        await runner.cleanup()


def _serve(asset: Asset) -> Handler:
    async def serve(_: web.Request) -> web.StreamResponse:
        headers = {"Cache-Control": FOR_EVER}
        return web.Response(
            body=asset.body, content_type=asset.media_type, charset="utf-8", headers=headers
        )

    return serve


def _empty(office: Office) -> BoardView:
    """What is shown before anything is known."""
    return BoardView(
        at=office.clock.now(),
        newsroom=office.newsroom,
        columns=(),
        mirrors=(),
        others=(),
        incidents=(),
        open_incidents=0,
        spares=0,
        spare_days=None,
        round_seconds=None,
        delivery=None,
        every=0.0,
    )
