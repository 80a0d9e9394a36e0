"""The staff: the page on which operators see who works here, and let people out."""

from aiohttp import web

from desk.code_words import code_word
from desk.forms import small_form
from desk.leaving import STILL, went
from desk.office import Office
from desk.spans import day
from desk.visiting import Notes, inside, visitor_of
from tamizdat.deeds import Deed, What
from tamizdat.people import Person, Role
from tamizdat.rights import Right, may

LAST = "Not done: nobody else lets people in and out. Make somebody an operator first."
WAITS = "It waits for a second operator."
WORDS = {
    Role.WRITER: "writes, and asks others to approve",
    Role.EDITOR: "writes, approves, releases, withdraws",
    Role.OPERATOR: "turns mirrors, lets people in and out; reads no story",
    Role.BOTH: "all of it",
}


class Staff:
    """The page, and its forms. Who was forced to sign in changes nothing here."""

    def __init__(self, office: Office, notes: Notes) -> None:
        self._office = office
        self._notes = notes

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.get("/people", self._show),
            web.post("/people/{number}/role", self._change_role),
            web.post("/people/{number}/sign-out", self._sign_out),
            web.post("/people/{number}/remove", self._remove),
        ]

    async def _show(self, request: web.Request) -> web.StreamResponse:
        who, now = visitor_of(request), self._office.clock.now()
        people = [one for one in await self._office.people.all() if one.removed is None]
        told = [
            (
                one.number,
                one.role,
                day(one.since, now),
                len(await self._office.people.sessions_of(one.number)),
                one.number == who.person.number,
            )
            for one in people
        ]
        return inside(
            request,
            self._office,
            "people.html",
            here="people",
            people=told,
            roles=WORDS,
            still=STILL,
            codes=await words_for(self._office, who.person),
            note=self._notes.take(who),
        )

    async def _change_role(self, request: web.Request) -> web.StreamResponse:
        person, form = await self._person(request), await small_form(request)
        try:
            role = Role(form.line("role"))
        except ValueError:
            raise web.HTTPBadRequest from None
        if await self._is_free(request, None if may(role, Right.PEOPLE) else person):
            await self._note(request, What.ROLE, person)
            await self._office.people.set_role(person.number, role)
            self._say(request, f"Person {person.number}: {role.value}.")
        raise web.HTTPSeeOther("/people")

    async def _sign_out(self, request: web.Request) -> web.StreamResponse:
        person = await self._person(request)
        if await self._is_free(request, None):
            await self._note(request, What.ENDED, person)
            count = await self._office.people.end_all(person.number)
            self._say(request, f"Person {person.number} is signed out: {count} sessions ended.")
        raise web.HTTPSeeOther("/people")

    async def _remove(self, request: web.Request) -> web.StreamResponse:
        person = await self._person(request)
        if await self._is_free(request, person):
            await self._note(request, What.REMOVED, person)
            gone = await self._office.people.remove(person.number, self._office.clock.now())
            self._say(request, f"{went(person.number, gone)} Read below what is left to do.")
        raise web.HTTPSeeOther("/people")

    async def _person(self, request: web.Request) -> Person:
        number = request.match_info["number"]
        known = number.isascii() and number.isdecimal() and len(number) < 9  # noqa: PLR2004 - digits
        found = await self._office.people.get(int(number)) if known else None
        if found is None or found.removed is not None:
            raise web.HTTPNotFound
        return found

    async def _is_free(self, request: web.Request, leaves: Person | None) -> bool:
        """Whether it may be done; if not, the next page says why.

        `leaves` is who would let people in and out no more.
        """
        if visitor_of(request).person.frozen is not None:
            self._say(request, WAITS)
            return False
        if leaves is None:
            return True
        stay = [
            one
            for one in await self._office.people.all()
            if one.removed is None and may(one.role, Right.PEOPLE) and one.number != leaves.number
        ]
        if not stay:
            self._say(request, LAST)
        return bool(stay)

    async def _note(self, request: web.Request, what: What, about: Person) -> None:
        who, now = visitor_of(request).person.number, self._office.clock.now()
        await self._office.deeds.note(Deed(at=now, what=what, person=who, about=about.number))

    def _say(self, request: web.Request, sentence: str) -> None:
        self._notes.leave(visitor_of(request), sentence)


async def words_for(office: Office, reader: Person) -> tuple[str, ...]:
    """Code words of those who were forced to sign in, for this reader; none for themselves."""
    told = not office.told or reader.number in office.told
    if not told or reader.frozen is not None or reader.role is Role.WRITER:
        return ()
    return tuple(
        code_word(office.salt, one.number)
        for one in await office.people.all()
        if one.removed is None and one.frozen is not None
    )
