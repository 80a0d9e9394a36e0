"""The gate: what every request passes before a page is made, and every answer before it leaves."""

import asyncio
import logging
import traceback
from datetime import datetime
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from desk.office import Office
from desk.origin import SAFE, form_is_ours, host_is_ours
from desk.rules import is_public, right_for
from desk.sessions import Visitor, cookie_for, note_use, visitor
from desk.template import fill
from desk.turnstile import Look, Turnstile
from desk.visiting import VISITOR, page, refusal
from desk.visitors import Visitors
from tamizdat.article import ArticleId
from tamizdat.errors import TamizdatError
from tamizdat.rights import Reach, Right, may, owns, reach

SECONDS = 30
"""Any other request is answered within so many."""

LOOKING_SECONDS = 150
"""So long a mirror may be looked at or turned while an operator waits."""

SENDING_SECONDS = 600
"""So long a story with its pictures may come in, on a bad line."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
        " img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}

log = logging.getLogger(__name__)


def patience(method: str, path: str) -> float | None:
    """Within how many seconds a request is answered; None: as long as the browser stays."""
    if path.endswith("/events"):
        return None
    if path.endswith(("/look", "/rotate", "/undo", "/false-alarm")):
        return LOOKING_SECONDS
    if method == "POST" and path.startswith("/stories/"):
        return SENDING_SECONDS
    return SECONDS


def middlewares(
    office: Office, *, loopback: bool, visitors: Visitors | None = None
) -> tuple[Middleware, ...]:
    """In the order in which a request passes them. `visitors` learn who signed in."""
    origins = _origins(office, loopback=loopback)
    return (_answering(), origins, _sessions(office, visitors or Visitors()))


async def seal(_: web.Request, response: web.StreamResponse) -> None:
    """Put our rules on every answer, whoever made it."""
    for name, value in {**HEADERS, "Cache-Control": "no-store"}.items():
        response.headers.setdefault(name, value)
    response.headers.pop("Server", None)


def _answering() -> Middleware:
    @web.middleware
    async def answering(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Every failure becomes a page; none becomes a log line that tells who asked for what."""
        try:
            return await handler(request)
        except web.HTTPRedirection:
            raise
        except web.HTTPException as error:
            return refusal(error.status, signed_in=VISITOR in request)
        except (TamizdatError, TimeoutError) as error:
            log.warning("the desk could not answer", extra={"kind": type(error).__name__})
            return refusal(503, signed_in=VISITOR in request)
        except ConnectionError:
            raise  # the browser left
        except Exception as error:  # noqa: BLE001 - it is raised again, as a page
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{where.filename.rpartition('/')[2]}:{where.lineno}"
            log.error("a page broke", extra={"kind": type(error).__name__, "where": place})  # noqa: TRY400 - a traceback may hold a text
            broken = refusal(500, signed_in=VISITOR in request)
            raise web.HTTPInternalServerError(text=broken.text, content_type="text/html") from None

    return answering


def _origins(office: Office, *, loopback: bool) -> Middleware:
    @web.middleware
    async def origins(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer under our own name only, and take forms from our own pages only."""
        if not host_is_ours(request.host, office.address, loopback=loopback):
            raise web.HTTPMisdirectedRequest
        if request.method not in SAFE and not form_is_ours(
            request.headers.get("Sec-Fetch-Site"),
            request.headers.get("Origin"),
            request.host,
            office.address,
        ):
            raise web.HTTPForbidden
        return await handler(request)

    return origins


def _sessions(office: Office, visitors: Visitors) -> Middleware:
    cookie, turnstile = cookie_for(office.address), Turnstile()

    def look(kept: str, now: datetime) -> Look:
        return lambda: visitor(office.people, kept, now)

    @web.middleware
    async def sessions(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let nobody in who is not signed in."""
        async with asyncio.timeout(SECONDS):
            now, kept = office.clock.now(), request.cookies.get(cookie.name)
            who = await turnstile.pass_by(kept, look(kept, now)) if kept else None
            if who is not None:
                request[VISITOR] = who
                visitors.know(request.protocol)
                if request.headers.get("Accept") != "text/event-stream":
                    await note_use(office.people, who, now)
        if who is None and not is_public(request.method, _address(request)):
            return _shut_out(request)
        async with asyncio.timeout(patience(request.method, request.path)):
            if who is not None and not await _is_allowed(office, request, who):
                if request.path == "/":
                    raise web.HTTPSeeOther("/board")
                raise web.HTTPForbidden
            return await handler(request)

    return sessions


def _address(request: web.Request) -> str:
    """The address as the router spells it; the path itself where it leads nowhere."""
    resource = request.match_info.route.resource
    return request.path if resource is None else resource.canonical


async def _is_allowed(office: Office, request: web.Request, who: Visitor) -> bool:
    """Whether this person may ask this; an address without a rule is nobody's."""
    address = _address(request)
    if request.match_info.http_exception is not None or is_public(request.method, address):
        return True
    right, role = right_for(request.method, address), who.person.role
    if right is None:
        return False
    if reach(role, right) is not Reach.OWN:
        return may(role, right)
    return may(role, right, own=await _is_theirs(office, request, who, right))


async def _is_theirs(office: Office, request: web.Request, who: Visitor, right: Right) -> bool:
    story = await office.newsdesk.story(ArticleId(request.match_info["id"]))
    progress = story.card.progress if story else None
    return progress is not None and owns(right, who.person.number, progress.author, progress.out)


def _shut_out(request: web.Request) -> web.StreamResponse:
    if request.method not in SAFE or request.headers.get("Sec-Fetch-Dest") == "empty":
        raise web.HTTPUnauthorized
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        # a link from elsewhere carries no cookie, also where one is kept: ask again from here
        return page(fill("bounce.html"))
    raise web.HTTPSeeOther(f"/sign-in?to={quote(request.path_qs, safe='/')}")
