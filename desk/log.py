"""The log: the page on which editors read what was done, by whom, and when."""

from aiohttp import web

from desk.office import Office
from desk.spans import clock, day
from desk.visiting import inside, visitor_of
from tamizdat.deeds import Deed, Row, What
from tamizdat.progress import CONSOLE

ROWS = 100
"""Rows on one page."""

LARGEST = 10**9

SENTENCES = {
    What.SIGNED_IN: "signed in",
    What.SLOWED: "guessed too often at the password of",
    What.JOINED: "joined, or chose a new password",
    What.APPROVED: "approved",
    What.RELEASED: "released",
    What.WITHDRAWN: "withdrew",
    What.BYLINE: "switched a byline everywhere",
    What.ROLE: "changed the role of",
    What.ENDED: "ended sessions of",
    What.REMOVED: "removed",
}


class Log:
    """The page. It only reads; rows are never changed."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def routes(self) -> list[web.RouteDef]:
        """Its address."""
        return [web.get("/log", self._show)]

    async def _show(self, request: web.Request) -> web.StreamResponse:
        before = _number(request.query.get("before", ""))
        rows = await self._office.deeds.newest(ROWS, before)
        me, now = visitor_of(request).person.number, self._office.clock.now()
        told = [
            {
                "number": row.number,
                "at": row.deed.at if row.deed else None,
                "day": day(row.deed.at, now) if row.deed else "",
                "clock": clock(row.deed.at) if row.deed else "",
                "who": _who(row, me),
                "what": SENTENCES[row.deed.what] if row.deed else "closed under another passphrase",
                "article": row.deed.article if row.deed else None,
                "about": _about(row.deed, me) if row.deed else "",
            }
            for row in rows
        ]
        older = rows[-1].number if len(rows) == ROWS and rows[-1].number > 1 else None
        return inside(request, self._office, "log.html", here="log", rows=told, older=older)


def _who(row: Row, me: int) -> str:
    if row.deed is None:
        return "Somebody"
    if row.deed.person is None:
        return "The clock" if row.deed.what is What.RELEASED else "Somebody outside"
    return "The command line" if row.deed.person == CONSOLE else _person(row.deed.person, me)


def _about(deed: Deed, me: int) -> str:
    if deed.about is None:
        return ""
    return _person(deed.about, me, "you")


def _person(number: int, me: int, you: str = "You") -> str:
    return you if number == me else f"{'P' if you == 'You' else 'p'}erson {number}"


def _number(text: str) -> int | None:
    return min(int(text), LARGEST) if text.isascii() and text.isdecimal() and text != "0" else None
