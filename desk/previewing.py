"""Previewing: a story as readers will get it, in frames that run nothing and reach nobody."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web
from markupsafe import Markup

from desk.office import Office
from desk.reviewing import Page
from desk.spans import size
from desk.template import fill
from desk.visiting import page
from tamizdat.digest import Digest
from tamizdat.preview import Preview, Sheet
from tamizdat.story import Story

SHEET = "sheet.html"
"""The last part of a frame's address where it has none of its own on a mirror."""

FRAME = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
)
"""No script in a frame, and nothing asked but our own pictures: those need the same origin."""

AROUND = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
    " img-src 'self' data:; frame-src 'self'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'"
)
"""Around the frames; a link in one of them leads nowhere but to the desk."""

WAYS = {
    "page": "Page",
    "text": "Text edition",
    "feed": "Feed entry",
    "letter": "Letter",
    "turned": "Right to left",
    "phone": "Small phone",
}

_PICTURE = re.compile(r"o/[0-9a-f]{2}/([0-9a-f]{64})\.[a-z]{3,4}")


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame of the page; `width` in pixels, None: as wide as there is room."""

    src: str
    title: str
    width: int | None = None


class Previews:
    """The pages. `find` gives the story that an address names, or answers 404."""

    def __init__(
        self, office: Office, find: Callable[[web.Request], Awaitable[Story]], page: Page
    ) -> None:
        self._office = office
        self._find = find
        self._page = page

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.get("/stories/{id}/preview", self._show),
            web.get("/stories/{id}/as/{kind}/{path:.+}", self._frame),
        ]

    async def _show(self, request: web.Request) -> web.StreamResponse:
        story, made = await self._made(request)
        way = request.query.get("as", "page")
        way = way if way in WAYS else "page"
        answer = await self._page(
            request,
            "preview.html",
            story=story,
            heading=f"Preview of {story.card.title}",
            ways=WAYS,
            way=way,
            frames=_frames(f"/stories/{story.card.id}/as", way, made),
            tells=_tells(way, made),
            fault=made.letter.fault if way == "letter" else "",
            source=made.atom if way == "feed" else "",
        )
        answer.headers["Content-Security-Policy"] = AROUND
        return answer

    async def _frame(self, request: web.Request) -> web.StreamResponse:
        kind, path = request.match_info["kind"], request.match_info["path"]
        if picture := _PICTURE.fullmatch(path):
            return await self._picture(picture[1])
        _, made = await self._made(request)
        body = _bodies(made).get(kind) if path in {made.path, SHEET} else None
        answer = page(fill("elsewhere.html"), status=404) if body is None else page(body)
        answer.headers["Content-Security-Policy"] = FRAME
        return answer

    async def _picture(self, sha256: str) -> web.Response:
        found = await self._office.newsdesk.picture(Digest(sha256))
        if found is None or not found[1].startswith("image/"):
            raise web.HTTPNotFound
        headers = {"Content-Security-Policy": "default-src 'none'; sandbox"}
        return web.Response(body=found[0], content_type=found[1], headers=headers)

    async def _made(self, request: web.Request) -> tuple[Story, Preview]:
        story = await self._find(request)
        made = await self._office.previewing.preview(story.card.id)
        if made is None:
            raise web.HTTPNotFound
        return story, made


def _bodies(made: Preview) -> Mapping[str, bytes]:
    return {
        "page": made.page,
        "turned": made.turned,
        "text": made.text,
        "feed": _sheet(made.entry),
        "letter": _sheet(made.letter),
    }


def _sheet(sheet: Sheet) -> bytes:
    """As a program of a reader's shows it: with a style of its own, so with none of ours."""
    inner = Markup(sheet.body)  # noqa: S704 - of a renderer, made from SafeHtml
    return fill("sheet.html", title=sheet.title, inner=inner).encode("utf-8", "replace")


def _frames(base: str, way: str, made: Preview) -> tuple[_Frame, ...]:
    if way == "phone":
        src = f"{base}/page/{made.path}"
        return tuple(_Frame(src, f"The page, {width} pixels wide", width) for width in (390, 320))
    path = made.path if way in {"page", "turned"} else SHEET
    return (_Frame(f"{base}/{way}/{path}", WAYS[way]),)


def _tells(way: str, made: Preview) -> str:
    """One sentence on what is seen."""
    return {
        "page": f"The very bytes that mirrors get, {size(len(made.page))}, at {made.path}.",
        "text": "As it stands in the bundle of text alone, with words in the place of pictures.",
        "feed": "As a news reader shows it, in letters of its own choice.",
        "letter": f"Subject: {made.letter.title}. The proof and addresses of mirrors are added"
        " when it is sent.",
        "turned": "The page in an edition that is read from right to left.",
        "phone": "The page on two phones. Slide sideways where they do not fit.",
    }[way]
