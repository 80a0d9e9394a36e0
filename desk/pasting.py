"""Pasting: what a browser found on a clipboard goes here first, and comes back clean."""

import re
from collections.abc import Sequence

from aiohttp import web

from desk.forms import Form, large_form
from desk.office import Office
from desk.shown import PICTURES, placed
from tamizdat.article import ArticleId
from tamizdat.errors import SourceError
from tamizdat.paste import Pasted

_ID = re.compile(r"[a-z2-7]{13}")
_TOO_LARGE = "that is too large: take it in parts, or make the pictures smaller"
_NO_PICTURE = "pictures may be PNG, JPEG or WebP"


def pasting_routes(office: Office) -> list[web.RouteDef]:
    """Its address."""

    async def paste(request: web.Request) -> web.StreamResponse:
        try:
            form = await large_form(request)
            made = await _pasted(office, form)
        except SourceError as error:
            return _told(fault=str(error))
        except web.HTTPRequestEntityTooLarge:
            return _told(fault=_TOO_LARGE)
        except web.HTTPUnsupportedMediaType:
            return _told(fault=_NO_PICTURE)
        return _told(html=placed(made.html, _sources(made)), removed=made.removed)

    return [web.post("/stories/paste", paste)]


async def _pasted(office: Office, form: Form) -> Pasted:
    name, language = form.line("story"), form.line("language")
    pictures = "".join(f'<p><img src="{address}" alt=""></p>' for address in form.pictures)
    return await office.pasting.pasted(
        form.text("html") + pictures,
        language if language in office.languages else office.languages[0],
        ArticleId(name) if _ID.fullmatch(name) else None,
    )


def _sources(made: Pasted) -> Sequence[str]:
    return [one if one.startswith("data:") else PICTURES + one for one in made.pictures]


def _told(*, html: str = "", removed: Sequence[str] = (), fault: str = "") -> web.Response:
    told = {"html": str(html), "removed": list(removed), "fault": fault}
    return web.json_response(told, status=422 if fault else 200)
