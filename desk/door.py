"""The door: signing in and out, and joining by a link."""

import asyncio
import hmac
from dataclasses import replace
from datetime import datetime, timedelta

from aiohttp import web

from desk.devices import LIFETIME, device_cookie, lane_of, marked
from desk.forms import small_form
from desk.invitations import hidden
from desk.names import name_digest, name_fault
from desk.office import Office
from desk.origin import safe_path
from desk.passwords import LONGEST as MOST
from desk.passwords import BusyError, Passwords, Which, password_fault
from desk.sessions import LONGEST, Cookie, begin, cookie_for
from desk.template import fill
from desk.throttle import PATIENCE, Throttle
from desk.visiting import VISITOR, page, visitor_of
from tamizdat.deeds import Deed, What
from tamizdat.people import Invitation, Person

WRONG = "That name and that password do not go together."
SLOW_DOWN = "Too many tries for this name. Wait a minute, or ask an operator for a link."

QUIET = timedelta(hours=1)
"""Guesses at one person's password are noted at most so often."""


class Door:
    """Lets people in and out. A try that would wait longer than `patience` seconds is refused."""

    def __init__(self, office: Office, passwords: Passwords, *, patience: float = PATIENCE) -> None:
        self._office = office
        self._passwords = passwords
        self._strangers = Throttle(patience=patience)
        self._devices = Throttle(patience=patience)
        self._slowed: dict[int, datetime] = {}
        self._cookie = cookie_for(office.address)
        self._here = device_cookie(self._cookie)

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.get("/sign-in", self._show_sign_in),
            web.post("/sign-in", self._sign_in),
            web.post("/sign-out", self._sign_out),
            web.post("/sign-out-everywhere", self._sign_out_everywhere),
            web.get("/join/{token}", self._show_join),
            web.post("/join/{token}", self._join),
        ]

    async def _show_sign_in(self, request: web.Request) -> web.StreamResponse:
        if VISITOR in request:
            raise web.HTTPSeeOther("/")
        return page(fill("sign_in.html", to=safe_path(request.query.get("to", "/")), fault=""))

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        """A browser that signed in before has a lane of its own: no stranger can fill it."""
        form = await small_form(request)
        to = safe_path(form.fields.get("to", "/"))
        name = name_digest(self._office.salt, form.fields.get("name", ""))
        person = await self._office.people.by_name(name)
        lane = lane_of(self._office.salt, request.cookies.get(self._here.name, ""), person)
        throttle = self._strangers if lane is None else self._devices
        pause = throttle.wait(lane or name, asyncio.get_running_loop().time())
        if pause is None:
            await self._note_slowed(person)
            return page(fill("sign_in.html", to=to, fault=SLOW_DOWN), status=429)
        await asyncio.sleep(pause)
        given = form.fields.get("password", "")
        try:
            known = await self._known(person, given, here=lane is not None)
        except BusyError as error:
            return page(fill("sign_in.html", to=to, fault=f"{error}."), status=503)
        if known is None:
            return page(fill("sign_in.html", to=to, fault=WRONG), status=403)
        throttle.forgive(lane or name)
        await self._note(What.SIGNED_IN, known)
        return await self._let_in(request, known, to)

    async def _known(self, person: Person | None, password: str, *, here: bool) -> Person | None:
        """The person, where the password is one of theirs; as slow for a name that nobody has.

        The second one looks the same from outside, and freezes what they do alone.
        """
        people = self._office.people
        given = password if len(password) <= MOST else ""
        first, second = (person.password, person.second) if person else (None, None)
        which = await self._passwords.which(first, second, given, known=here)
        if person is None or which is None:
            return None
        used = person.password if which is Which.FIRST else person.second or ""
        if self._passwords.is_old(used):
            encoded = await self._passwords.encode(password, known=here)
            if which is Which.FIRST:
                await people.set_password(person.number, encoded)
                person = replace(person, password=encoded)
            else:
                await people.set_second(person.number, encoded)
        if which is Which.SECOND:
            await people.freeze(person.number, self._office.clock.now())
        elif person.second is None:
            await people.set_second(person.number, await self._passwords.nobodys(known=here))
        return person

    async def _let_in(self, request: web.Request, person: Person, to: str) -> web.StreamResponse:
        """Always a new token: whatever the browser kept before is worth nothing (fixation)."""
        before = request.cookies.get(self._cookie.name, "")
        if 0 < len(before) <= LONGEST:
            await self._office.people.end(hidden(before))
        token = await begin(self._office.people, person, self._office.clock.now())
        response = web.Response(status=303, headers={"Location": to})
        self._keep(response, self._cookie, token)
        self._keep(response, self._here, marked(self._office.salt, person), LIFETIME)
        return response

    def _keep(
        self, response: web.Response, cookie: Cookie, value: str, age: timedelta | None = None
    ) -> None:
        response.set_cookie(
            cookie.name,
            value,
            max_age=None if age is None else int(age.total_seconds()),
            path="/",
            httponly=True,
            secure=cookie.secure,
            samesite="Strict",
        )

    async def _note(self, what: What, person: Person) -> None:
        deed = Deed(at=self._office.clock.now(), what=what, person=person.number)
        await self._office.deeds.note(deed)

    async def _note_slowed(self, person: Person | None) -> None:
        """Once an hour for each person: a flood of guesses must not fill the ledger."""
        now = self._office.clock.now()
        last = self._slowed.get(person.number) if person else None
        if person is None or (last is not None and now - last < QUIET):
            return
        self._slowed[person.number] = now
        await self._office.deeds.note(Deed(at=now, what=What.SLOWED, about=person.number))

    async def _sign_out(self, request: web.Request) -> web.StreamResponse:
        await self._office.people.end(visitor_of(request).token)
        return self._let_out()

    async def _sign_out_everywhere(self, request: web.Request) -> web.StreamResponse:
        """This browser forgets, too, that somebody signed in here."""
        person = visitor_of(request).person
        await self._office.people.end_all(person.number)
        now = self._office.clock.now()
        ended = Deed(at=now, what=What.ENDED, person=person.number, about=person.number)
        await self._office.deeds.note(ended)
        return self._let_out(self._here)

    def _let_out(self, *more: Cookie) -> web.StreamResponse:
        response = web.Response(status=303, headers={"Location": "/sign-in"})
        for cookie in (self._cookie, *more):
            response.del_cookie(
                cookie.name, path="/", httponly=True, secure=cookie.secure, samesite="Strict"
            )
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    async def _show_join(self, request: web.Request) -> web.StreamResponse:
        invitation = await self._invitation(request)
        return self._join_page(request, invitation)

    async def _join(self, request: web.Request) -> web.StreamResponse:
        invitation = await self._invitation(request)
        form = await small_form(request)
        name, password = form.fields.get("name", ""), form.fields.get("password", "")
        again = form.fields.get("again", "")
        fault = name_fault(name) or password_fault(password)
        if fault is None and not hmac.compare_digest(password.encode(), again.encode()):
            fault = "The two passwords differ."
        if fault:
            return self._join_page(request, invitation, fault, name)
        try:
            encoded = await self._passwords.encode(password)
            second = await self._passwords.nobodys()
        except BusyError as error:
            return self._join_page(request, invitation, f"{error}.", name)
        person = await self._office.people.join(
            invitation.token,
            name_digest(self._office.salt, name),
            encoded,
            self._office.clock.now(),
        )
        if person is None:
            return self._join_page(request, invitation, "Choose another name.", name)
        await self._office.people.set_second(person.number, second)
        await self._note(What.JOINED, person)
        return await self._let_in(request, person, "/")

    async def _invitation(self, request: web.Request) -> Invitation:
        token = request.match_info["token"]
        found = (
            await self._office.people.invitation(hidden(token)) if len(token) <= LONGEST else None
        )
        if found is None or found.expires <= self._office.clock.now():
            raise web.HTTPNotFound
        return found

    def _join_page(
        self, request: web.Request, invitation: Invitation, fault: str = "", name: str = ""
    ) -> web.StreamResponse:
        known = invitation.person is not None
        token = request.match_info["token"]
        text = fill("join.html", token=token, fault=fault, name=name, known=known)
        return page(text, status=422 if fault else 200)
