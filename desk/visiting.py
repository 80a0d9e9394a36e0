"""Visiting: what a request carries through the desk, and the pages that answer it."""

from collections import OrderedDict
from collections.abc import Mapping

from aiohttp import web

from desk.office import Office
from desk.sessions import Visitor
from desk.template import fill
from tamizdat.digest import Digest

VISITOR = web.RequestKey("visitor", Visitor)

NOTES = 256
"""Sentences that wait for the next page of a session."""

FRAGMENT = "part"
"""In the address of a page: only the part that a script puts in place."""


class Notes:
    """A sentence for the page that somebody sees next. In memory: losing one does no harm."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Digest, str] = OrderedDict()

    def leave(self, visitor: Visitor, sentence: str) -> None:
        """Say this on the next page."""
        self._waiting[visitor.token] = sentence
        while len(self._waiting) > NOTES:
            self._waiting.popitem(last=False)

    def take(self, visitor: Visitor) -> str:
        """What waits, once."""
        return self._waiting.pop(visitor.token, "")


def visitor_of(request: web.Request) -> Visitor:
    """Who asks; the gate let them in."""
    return request[VISITOR]


def inside(
    request: web.Request, office: Office, name: str, *, here: str, status: int = 200, **more: object
) -> web.Response:
    """A page for somebody who is signed in."""
    who = visitor_of(request).person.role.value
    return page(fill(name, newsroom=office.newsroom, who=who, here=here, **more), status=status)


def page(text: str | bytes, *, status: int = 200) -> web.Response:
    """A page as it goes out."""
    body = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8")


def refusal(status: int, *, signed_in: bool) -> web.Response:
    """Why a request got nothing, in words, and where to go on."""
    title, words = _REFUSALS.get(status, _REFUSALS[500])
    href, link = ("/", "To the desk") if signed_in else ("/sign-in", "Sign in")
    return page(fill("refusal.html", title=title, words=words, href=href, link=link), status=status)


_REFUSALS: Mapping[int, tuple[str, str]] = {
    400: ("Not understood", "What came was not what a page of ours sends."),
    401: (
        "You were signed out",
        "Nothing was changed. Sign in in another tab, then go back and send this again.",
    ),
    403: ("Not allowed", "This needs another role, or was not sent from a page of the desk."),
    404: ("Nothing here", "Perhaps it was moved, forgotten, or the link was used already."),
    405: ("Not so", "This address does not take that."),
    413: ("Too large", "Less than that fits in. Make the pictures smaller, or the text two parts."),
    415: ("Another kind of file", "Pictures may be PNG, JPEG, GIF, WebP or AVIF."),
    421: ("Another address", "The desk does not answer under this name."),
    429: ("Too many tries", "Wait a minute, then try again."),
    500: ("Something broke", "It was not your fault, and nothing was lost that was saved before."),
    503: ("Not just now", "Something that the desk needs does not answer. Try again in a minute."),
}
