"""The door of the desk: joining by a link, signing in and out, and how long it holds."""

import asyncio
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from argon2 import PasswordHasher

from desk.door import SLOW_DOWN, WRONG
from desk.names import name_digest
from desk.passwords import Passwords
from desk.sessions import IDLE, WHOLE
from desk.throttle import FREE
from tamizdat.people import Role
from tests.kit.desk.room import PASSWORD, QUICK, SALT, Room, opened, signed_in, visiting

JOINING = {"name": "heron", "password": PASSWORD, "again": PASSWORD}


async def test_a_link_lets_one_person_in_once() -> None:
    room = Room()
    link = f"/join/{await room.link(Role.EDITOR)}"
    async with opened(room) as (_, base), visiting(base) as first, visiting(base) as second:
        shown, _, _ = await first.get(link)
        joined, _, _ = await first.post(link, JOINING)
        desk, _, _ = await first.get("/")
        again, _, _ = await second.get(link)
        taken, _, _ = await second.post(link, JOINING)

    assert (shown, joined, desk, again, taken) == (200, 303, 200, 404, 404)
    assert [person.role for person in room.people.persons.values()] == [Role.EDITOR]


async def test_neither_name_nor_password_is_kept_in_clear() -> None:
    room = Room()
    async with opened(room) as (_, base), visiting(base) as visit:
        await visit.post(f"/join/{await room.link(Role.EDITOR)}", JOINING)

    person = room.people.persons[1]
    assert person.name == name_digest(SALT, "Heron")
    assert "heron" not in repr(person)
    assert PASSWORD not in repr(person)
    assert person.password.startswith("$argon2id$")


async def test_a_link_is_dead_after_two_days() -> None:
    room = Room()
    link = f"/join/{await room.link(Role.EDITOR)}"
    room.clock.on(hours=48)
    async with opened(room) as (_, base), visiting(base) as visit:
        status, _, _ = await visit.post(link, JOINING)

    assert status == 404
    assert not room.people.persons


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"name": " "}, "Choose a name."),
        ({"name": "x" * 65}, "at most 64"),
        ({"name": "a\u0007b"}, "can be seen"),
        ({"password": "short words", "again": "short words"}, "at least 12"),
        ({"password": "x" * 1025, "again": "x" * 1025}, "at most 1024"),
        ({"again": "four random words"}, "The two passwords differ."),
    ],
)
async def test_what_cannot_be_used_is_said_and_the_link_stays(
    given: dict[str, str], why: str
) -> None:
    room = Room()
    link = f"/join/{await room.link(Role.EDITOR)}"
    async with opened(room) as (_, base), visiting(base) as visit:
        refused, text, _ = await visit.post(link, JOINING | given)
        joined, _, _ = await visit.post(link, JOINING)

    assert (refused, joined) == (422, 303)
    assert why in text


async def test_a_name_that_somebody_has_is_refused() -> None:
    room = Room()
    async with opened(room) as (_, base), visiting(base) as visit:
        await visit.post(f"/join/{await room.link(Role.EDITOR)}", JOINING)
        status, text, _ = await visit.post(f"/join/{await room.link(Role.EDITOR)}", JOINING)

    assert status == 422
    assert "Choose another name." in text


async def test_a_new_password_ends_every_session_of_that_person() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as old, visiting(base) as new:
        link = f"/join/{await room.link(Role.EDITOR, person=1)}"
        words = "other words for the door"
        await new.post(link, {"name": "heron 1", "password": words, "again": words})
        gone, _, _ = await old.get("/")
        here, _, _ = await new.get("/")

    assert (gone, here) == (303, 200)
    assert len(room.people.persons) == 1


async def test_signing_in_takes_the_right_password_and_leads_back() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base), visiting(base) as visit:
        _, wrong, _ = await visit.post("/sign-in", {"name": "heron 1", "password": "no no no no"})
        given = {"name": " HERON 1", "password": PASSWORD, "to": "/board?rows=all"}
        status, _, headers = await visit.post("/sign-in", given)
        board, _, _ = await visit.get("/board")

    assert WRONG in wrong
    assert (status, headers["Location"], board) == (303, "/board?rows=all", 200)


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
async def test_signing_in_never_leads_elsewhere(to: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base), visiting(base) as visit:
        given = {"name": "heron 1", "password": PASSWORD, "to": to}
        _, _, headers = await visit.post("/sign-in", given)

    assert headers["Location"] == "/"


async def test_a_session_that_was_planted_before_is_worth_nothing() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as planted, visiting(base) as visit:
        visit.session.cookie_jar.update_cookies(_cookies(planted.session.cookie_jar))
        given = {"name": "heron 1", "password": PASSWORD}
        await visit.post("/sign-in", given)
        old, _, _ = await planted.get("/")
        new, _, _ = await visit.get("/")

    assert (old, new) == (303, 200)
    assert len(room.people.sessions) == 1


@pytest.mark.parametrize(
    ("address", "name", "secure"),
    [
        (None, "desk", ""),
        ("http://abcdef.onion", "desk", ""),
        ("https://desk.example", "__Host-desk", True),
    ],
)
async def test_the_cookie_is_for_our_own_pages_only(
    address: str | None, name: str, secure: object
) -> None:
    room = Room(address=address)
    async with opened(room) as (_, base), visiting(base) as visit:
        link = f"/join/{await room.link(Role.EDITOR)}"
        _, _, headers = await visit.post(link, JOINING)

    cookie = SimpleCookie(headers["Set-Cookie"])[name]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
    assert (cookie["secure"], cookie["domain"], cookie["max-age"]) == (secure, "", "")


@pytest.mark.parametrize("pause", [IDLE, timedelta(hours=13)])
async def test_a_session_that_nobody_uses_ends(pause: timedelta) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        room.clock.at += pause
        status, _, _ = await visit.get("/")

    assert status == 303


async def test_a_session_ends_after_a_week_however_much_it_is_used() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        during = []
        for _ in range(int(WHOLE / timedelta(hours=8)) - 1):
            room.clock.on(hours=8)
            during.append((await visit.get("/"))[0])
        room.clock.on(hours=8)
        after, _, _ = await visit.get("/")

    assert set(during) == {200}
    assert after == 303


async def test_use_is_written_down_once_a_minute_at_most() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        for _ in range(5):
            await visit.get("/")
        within = room.people.touched
        room.clock.on(minutes=1)
        await visit.get("/")

    assert (within, room.people.touched) == (0, 1)


async def test_signing_out_ends_one_session_and_everywhere_ends_all() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as first, visiting(base) as second:
        given = {"name": "heron 1", "password": PASSWORD}
        await second.post("/sign-in", given)
        await first.post("/sign-out")
        out, _, _ = await first.get("/")
        stays, _, _ = await second.get("/")
        await first.post("/sign-in", given)
        await first.post("/sign-out-everywhere")
        gone, _, _ = await second.get("/")

    assert (out, stays, gone) == (303, 200, 303)


async def test_somebody_who_was_removed_is_out_at_once() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        await room.people.remove(1, room.clock.now())
        status, _, _ = await visit.get("/")
        again, text, _ = await visit.post("/sign-in", {"name": "heron 1", "password": PASSWORD})

    assert (status, again) == (303, 403)
    assert WRONG in text


async def test_guessing_is_refused_and_nobody_else_notices() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base), visiting(base) as visit:
        guesses = [{"name": "victim", "password": f"guess number {n}"} for n in range(FREE + 20)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(visit.post("/sign-in", one)) for one in guesses[FREE + 4 :]]
            for one in guesses[:FREE]:
                await visit.post("/sign-in", one)
            given = {"name": "heron 1", "password": PASSWORD}
            other, _, _ = await visit.post("/sign-in", given)
            slowed = [task for task in tasks if not task.done()]
            for task in slowed:
                task.cancel()

    answers = [task.result() for task in tasks if not task.cancelled()]
    assert other == 303
    assert any(status == 429 and SLOW_DOWN in text for status, text, _ in answers)


async def test_an_unknown_name_costs_a_hash_as_well() -> None:
    passwords = Passwords(QUICK)
    encoded = await passwords.encode(PASSWORD)

    assert await passwords.check(encoded, PASSWORD)
    assert not await passwords.check(encoded, "another one, quite")
    assert not await passwords.check(None, PASSWORD)
    assert not await passwords.check("no encoding at all", PASSWORD)


async def test_an_encoding_of_older_parameters_is_made_anew() -> None:
    room = Room()
    older = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with opened(room) as (_, base), signed_in(room, base), visiting(base) as visit:
        await room.people.set_password(1, older)
        status, _, _ = await visit.post("/sign-in", {"name": "heron 1", "password": PASSWORD})

    assert status == 303
    assert room.people.persons[1].password != older
    assert not QUICK.check_needs_rehash(room.people.persons[1].password)


def _cookies(jar: object) -> dict[str, str]:
    return {cookie.key: cookie.value for cookie in jar}  # type: ignore[attr-defined]
