"""Status: what monitoring may ask without signing in: `/health`, and `/metrics` for Prometheus.

No address, no name of a person and no title is told; mirrors and gateways by their code words.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from desk.origin import host_is_ours, is_loopback
from gateway.shutting import shut
from gateway.visitors import Visitors
from tamizdat.board import BoardView
from tamizdat.incident import Incident
from tamizdat.verdict import Board

_silent = logging.getLogger(f"{__name__}.http")
_silent.disabled = True  # aiohttp would write the address of whoever sent a broken request

Labels = tuple[tuple[str, str], ...]
TEXT = "text/plain; version=0.0.4; charset=utf-8"

MOST, LONGEST = 20, 60.0
"""Connections at once, and seconds that one may last: idle ones must not take all descriptors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric: its name, what it counts, its kind, and its values by labels."""

    name: str
    help: str
    kind: str
    values: Mapping[Labels, float] = field(default_factory=dict)


def metrics(view: BoardView | None, late: Iterable[str]) -> tuple[Metric, ...]:
    """What is told of the board, and which parts of the service are `late`."""
    found = [_plain("tamizdat_up", "The service runs.", 1)]
    found.append(_plain("tamizdat_late_parts", "Parts that did not do their turn.", len([*late])))
    if view is None:
        return tuple(found)
    found += _counts(view)
    found += _states(view)
    if view.delivery:
        found.append(_plain("tamizdat_edition", "The newest edition.", view.delivery.edition))
        values: dict[Labels, float] = {(("leg", one.name),): one.done for one in view.delivery.legs}
        told = "How many have the newest edition, by leg."
        found.append(Metric(name="tamizdat_delivered", help=told, kind="gauge", values=values))
    return tuple(found)


def exposition(found: Iterable[Metric]) -> str:
    """Prometheus' text format, version 0.0.4."""
    lines: list[str] = []
    for one in found:
        lines += [f"# HELP {one.name} {one.help}", f"# TYPE {one.name} {one.kind}"]
        for labels, value in sorted(one.values.items()):
            told = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels)
            lines.append(f"{one.name}{{{told}}} {value:g}" if told else f"{one.name} {value:g}")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the answers come from: the board, and the parts that are late with their turn."""

    view: Callable[[], BoardView | None]
    late: Callable[[], tuple[str, ...]]


@asynccontextmanager
async def answering(sources: Sources, door: socket.socket) -> AsyncIterator[int]:
    """Answer at `door`, a bound socket, until the block ends; gives the port."""

    async def health(_: web.Request) -> web.Response:
        late, view = sources.late(), sources.view()
        thefts = view.open_thefts if view else 0
        word = "key theft" if thefts else "late" if late else "ok"
        told = {"status": word, "late": list(late), "key_thefts": thefts}
        return web.json_response(told, status=503 if late or thefts else 200)

    async def measured(_: web.Request) -> web.Response:
        text = exposition(metrics(sources.view(), sources.late()))
        return web.Response(body=text.encode(), headers={"Content-Type": TEXT})

    app = web.Application(middlewares=[_named(loopback=is_loopback(door.getsockname()[0]))])
    app.router.add_get("/health", health)
    app.router.add_get("/metrics", measured)
    runner = web.AppRunner(app, access_log=None, logger=_silent, shutdown_timeout=1)
    await runner.setup()
    visitors = Visitors(cast("web.Server", runner.server), most=MOST, longest=LONGEST)
    try:
        server = await asyncio.get_running_loop().create_server(visitors, sock=door)
        visitors.look()
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            await shut(server, door)
            visitors.stop()
    finally:
        await runner.cleanup()


def _named(*, loopback: bool) -> Middleware:
    @web.middleware
    async def named(request: web.Request, handler: Handler) -> web.StreamResponse:
        """On loopback, no name of a stranger's leads here (DNS rebinding)."""
        if not host_is_ours(request.host, None, loopback=loopback):
            raise web.HTTPMisdirectedRequest
        return await handler(request)

    return named


def _counts(view: BoardView) -> tuple[Metric, ...]:
    return (
        _plain(
            "tamizdat_key_thefts_open",
            "Files that our keys signed and we did not make, which nobody dealt with yet.",
            view.open_thefts,
        ),
        _plain("tamizdat_incidents_open", "Incidents that are open.", view.open_incidents),
        _plain("tamizdat_spares", "Spare mirrors.", view.spares),
    )


def _states(view: BoardView) -> tuple[Metric, ...]:
    cells = [cell for line in (*view.mirrors, *view.others) for cell in line.cells if cell]
    return (
        Metric(
            name="tamizdat_ways_in",
            help="Active mirrors that can be read, by country.",
            kind="gauge",
            values={(("country", one.country),): one.ways for one in view.columns},
        ),
        Metric(
            name="tamizdat_cell",
            help="1 for the state of each mirror in each country.",
            kind="gauge",
            values={
                (("mirror", c.mirror), ("country", c.country), ("state", c.state.value)): 1
                for c in cells
                if c.state is not Board.NO_DATA
            },
        ),
        Metric(
            name="tamizdat_mirror",
            help="1 for the state of each mirror in the pool.",
            kind="gauge",
            values={(("mirror", one.name), ("state", one.state)): 1 for one in view.mirrors},
        ),
        Metric(
            name="tamizdat_incident",
            help="1 for each open incident, by what is being done about it.",
            kind="gauge",
            values={_incident(one): 1 for one in view.incidents if one.closed is None},
        ),
    )


def _plain(name: str, told: str, value: float) -> Metric:
    return Metric(name=name, help=told, kind="gauge", values={(): value})


def _incident(one: Incident) -> Labels:
    return (("mirror", one.mirror), ("country", one.country), ("course", one.course.value))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
