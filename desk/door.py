"""The door: signing in and out, and joining by a link."""

import asyncio
import hmac

from aiohttp import web

from desk.forms import small_form
from desk.invitations import hidden
from desk.names import name_digest, name_fault
from desk.office import Office
from desk.origin import safe_path
from desk.passwords import LONGEST as MOST
from desk.passwords import BusyError, Passwords, password_fault
from desk.sessions import LONGEST, begin, cookie_for
from desk.template import fill
from desk.throttle import Throttle
from desk.visiting import VISITOR, page, visitor_of
from tamizdat.digest import Digest
from tamizdat.people import Invitation, Person

WRONG = "That name and that password do not go together."
SLOW_DOWN = "Too many tries for this name. Wait a minute, or ask an operator for a link."


class Door:
    """Lets people in and out."""

    def __init__(self, office: Office, passwords: Passwords) -> None:
        self._office = office
        self._passwords = passwords
        self._throttle = Throttle()
        self._cookie = cookie_for(office.address)

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
        form = await small_form(request)
        to = safe_path(form.fields.get("to", "/"))
        name = name_digest(self._office.salt, form.fields.get("name", ""))
        pause = self._throttle.wait(name, asyncio.get_running_loop().time())
        if pause is None:
            return page(fill("sign_in.html", to=to, fault=SLOW_DOWN), status=429)
        await asyncio.sleep(pause)
        try:
            person = await self._known(name, form.fields.get("password", ""))
        except BusyError as error:
            return page(fill("sign_in.html", to=to, fault=f"{error}."), status=503)
        if person is None:
            return page(fill("sign_in.html", to=to, fault=WRONG), status=403)
        self._throttle.forgive(name)
        return await self._let_in(request, person, to)

    async def _known(self, name: Digest, password: str) -> Person | None:
        """Whose name and password these are; as slow for a name that nobody has."""
        person = await self._office.people.by_name(name)
        given = password if len(password) <= MOST else ""
        right = await self._passwords.check(person.password if person else None, given)
        if person is None or not right:
            return None
        if self._passwords.is_old(person.password):
            encoded = await self._passwords.encode(password)
            await self._office.people.set_password(person.number, encoded)
        return person

    async def _let_in(self, request: web.Request, person: Person, to: str) -> web.StreamResponse:
        """Always a new token: whatever the browser kept before is worth nothing (fixation)."""
        before = request.cookies.get(self._cookie.name, "")
        if 0 < len(before) <= LONGEST:
            await self._office.people.end(hidden(before))
        token = await begin(self._office.people, person, self._office.clock.now())
        response = web.Response(status=303, headers={"Location": to})
        response.set_cookie(
            self._cookie.name,
            token,
            path="/",
            httponly=True,
            secure=self._cookie.secure,
            samesite="Strict",
        )
        return response

    async def _sign_out(self, request: web.Request) -> web.StreamResponse:
        await self._office.people.end(visitor_of(request).token)
        return self._let_out()

    async def _sign_out_everywhere(self, request: web.Request) -> web.StreamResponse:
        await self._office.people.end_all(visitor_of(request).person.number)
        return self._let_out()

    def _let_out(self) -> web.StreamResponse:
        response = web.Response(status=303, headers={"Location": "/sign-in"})
        response.del_cookie(
            self._cookie.name,
            path="/",
            httponly=True,
            secure=self._cookie.secure,
            samesite="Strict",
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
