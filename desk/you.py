"""You: the page on which people look after their own sessions and their second password."""

import asyncio
import hmac

from aiohttp import web

from desk.code_words import code_word
from desk.forms import small_form
from desk.office import Office
from desk.passwords import BusyError, Passwords, Which, password_fault
from desk.sessions import holds
from desk.spans import day
from desk.throttle import PATIENCE, Throttle
from desk.visiting import Notes, inside, visitor_of
from tamizdat.deeds import Deed, What
from tamizdat.rights import Right

SET = "Set. The password that you had as your second one works no more."
WRONG = "Not set: the first one is not your password."
SAME = "Not set: the second password must differ from the first."
DIFFER = "Not set: the two differ."


class You:
    """The page, and its forms. Of a session only the days are shown: nothing else is kept."""

    def __init__(
        self, office: Office, passwords: Passwords, notes: Notes, *, patience: float = PATIENCE
    ) -> None:
        self._office = office
        self._passwords = passwords
        self._notes = notes
        self._throttle = Throttle(patience=patience)

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.get("/you", self._show),
            web.post("/you/sessions/{session}/end", self._end),
            web.post("/you/second", self._set_second),
        ]

    async def _show(self, request: web.Request) -> web.StreamResponse:
        who, now = visitor_of(request), self._office.clock.now()
        found = await self._office.people.sessions_of(who.person.number)
        return inside(
            request,
            self._office,
            "you.html",
            here="you",
            number=who.person.number,
            word=code_word(self._office.salt, who.person.number),
            sessions=[
                (one.token, day(one.begun, now), day(one.seen, now), one.token == who.token)
                for one in found
                if holds(one, now)
            ],
            log=who.may(Right.LOG),
            people=who.may(Right.PEOPLE),
            note=self._notes.take(who),
        )

    async def _end(self, request: web.Request) -> web.StreamResponse:
        """One of their own; another's is not there for them."""
        who, named = visitor_of(request), request.match_info["session"]
        mine = await self._office.people.sessions_of(who.person.number)
        wanted = named.encode("utf-8", "replace")  # digests of other letters than ours raise
        same = (one.token for one in mine if hmac.compare_digest(one.token.encode(), wanted))
        found = next(same, None)
        if found is None:
            raise web.HTTPNotFound
        await self._office.people.end(found)
        number = who.person.number
        ended = Deed(at=self._office.clock.now(), what=What.ENDED, person=number, about=number)
        await self._office.deeds.note(ended)
        self._notes.leave(who, "That session is over.")
        raise web.HTTPSeeOther("/you")

    async def _set_second(self, request: web.Request) -> web.StreamResponse:
        form, who = await small_form(request), visitor_of(request)
        given = form.fields.get("second", "")
        fault = password_fault(given)
        if fault is None and not hmac.compare_digest(
            given.encode(), form.fields.get("again", "").encode()
        ):
            fault = DIFFER
        try:
            said = fault or await self._set(request, form.fields.get("password", ""), given)
        except BusyError as error:
            said = f"{error}."
        self._notes.leave(who, said)
        raise web.HTTPSeeOther("/you")

    async def _set(self, request: web.Request, password: str, given: str) -> str:
        """The second one given here freezes, as it does at the door, and all looks as ever.

        What was given and what was chosen open the desk from then on: whoever forced it may try.
        """
        person, people = visitor_of(request).person, self._office.people
        now = asyncio.get_running_loop().time()
        if self._throttle.wait(person.name, now) != 0:
            return "Too many tries. Wait a minute."
        which = await self._passwords.which(person.password, person.second, password, known=True)
        if which is None:
            return WRONG
        self._throttle.forgive(person.name)
        encoded = await self._passwords.encode(given, known=True)
        if which is Which.SECOND:
            await people.freeze(person.number, self._office.clock.now())
        if hmac.compare_digest(given.encode(), password.encode()):
            return SAME
        if which is Which.SECOND and person.second:
            await people.set_password(person.number, person.second)
        await people.set_second(person.number, encoded)
        return SET
