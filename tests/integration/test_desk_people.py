"""People at the desk: their own sessions, who lets whom out, and the page of what was done."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.staff import LAST
from tamizdat.article import ArticleId
from tamizdat.deeds import Deed, What
from tamizdat.people import Role
from tests.kit.desk.room import PASSWORD, Room, Visit, opened, signed_in, visiting


async def again(visit: Visit, name: str) -> int:
    """Somebody signs in with another browser."""
    return (await visit.post("/sign-in", {"name": name, "password": PASSWORD}))[0]


async def test_own_sessions_are_listed_by_days_and_nothing_else_is_told() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit, visiting(base) as other:
        await again(other, "heron 1")
        room.clock.on(hours=11)
        await visit.get("/")
        room.clock.on(hours=11)
        _, text, _ = await visit.get("/you")

    assert text.count("/you/sessions/") == 1  # the other one was not used for too long
    assert "signed in yesterday" in text
    assert "This browser" in text
    assert "127.0.0.1" not in text
    assert "aiohttp" not in text


async def test_one_session_is_ended_and_the_others_stay() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit, visiting(base) as other:
        first = next(iter(room.people.sessions))
        await again(other, "heron 1")
        lost = next(token for token in room.people.sessions if token != first)
        ended, _, _ = await visit.post(f"/you/sessions/{lost}/end")
        gone, _, _ = await other.get("/you")
        here, _, _ = await visit.get("/you")

    assert (ended, gone, here) == (303, 303, 200)
    assert Deed(at=room.clock.at, what=What.ENDED, person=1, about=1) in room.deeds.noted


async def test_nobody_ends_the_session_of_somebody_else() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base), signed_in(room, base) as visit:
        foreign = next(iter(room.people.sessions))
        status, _, _ = await visit.post(f"/you/sessions/{foreign}/end")

    assert status == 404
    assert len(room.people.sessions) == 2


async def test_an_operator_ends_all_sessions_of_somebody() -> None:
    room = Room()
    async with (
        opened(room) as (_, base),
        signed_in(room, base) as victim,
        signed_in(room, base, Role.OPERATOR) as visit,
    ):
        status, _, _ = await visit.post("/people/1/sign-out")
        _, said, _ = await visit.get("/people")
        gone, _, _ = await victim.get("/you")

    assert (status, gone) == (303, 303)
    assert "Person 1 is signed out: 1 sessions ended." in said
    assert room.deeds.noted[-1] == Deed(at=room.clock.at, what=What.ENDED, person=2, about=1)


async def test_somebody_is_removed_by_one_form_and_is_out_at_once() -> None:
    room = Room()
    async with (
        opened(room) as (_, base),
        signed_in(room, base) as victim,
        signed_in(room, base, Role.OPERATOR) as visit,
    ):
        status, _, _ = await visit.post("/people/1/remove")
        gone, _, _ = await victim.get("/")
        in_again = await again(victim, "heron 1")
        twice, _, _ = await visit.post("/people/1/remove")
        _, said, _ = await visit.get("/people")

    assert (status, gone, in_again, twice) == (303, 303, 403, 404)
    assert "Person 1 is removed: 1 session ended." in said
    assert "key revoke release" in said
    assert room.people.persons[1].removed == room.clock.at


async def test_a_role_is_changed_and_counts_at_the_next_request() -> None:
    room = Room()
    async with (
        opened(room) as (_, base),
        signed_in(room, base, Role.EDITOR) as editor,
        signed_in(room, base, Role.OPERATOR) as visit,
    ):
        before, _, _ = await editor.get("/board")
        await visit.post("/people/1/role", {"role": "writer"})
        after, _, _ = await editor.get("/board")
        strange, _, _ = await visit.post("/people/1/role", {"role": "owner"})

    assert (before, after, strange) == (200, 403, 400)
    assert room.people.persons[1].role is Role.WRITER


@pytest.mark.parametrize(("form", "given"), [("remove", {}), ("role", {"role": "editor"})])
async def test_the_last_one_who_lets_people_in_stays(form: str, given: dict[str, str]) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
        await visit.post(f"/people/1/{form}", given)
        _, said, _ = await visit.get("/people")

    assert LAST in said
    assert room.people.persons[1].removed is None
    assert room.people.persons[1].role is Role.BOTH


async def test_an_operator_may_go_where_another_one_stays() -> None:
    room = Room()
    async with (
        opened(room) as (_, base),
        signed_in(room, base, Role.BOTH) as visit,
        signed_in(room, base, Role.OPERATOR),
    ):
        await visit.post("/people/1/remove")

    assert room.people.persons[1].removed == room.clock.at


@pytest.mark.parametrize("number", ["0", "99", "x", "1" * 40, "-1"])
async def test_people_who_are_not_there_are_not_there(number: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
        status, _, _ = await visit.post(f"/people/{number}/remove")

    assert status == 404


async def test_what_was_done_is_read_by_editors_page_by_page() -> None:
    room = Room()
    story = ArticleId("abcdefghijklm")
    release = Deed(at=room.clock.at, what=What.RELEASED, person=7, article=story)
    await room.deeds.note(*(replace(release, person=number) for number in range(2, 130)))
    clocked = replace(release, person=None)
    closed = Deed(at=room.clock.at - timedelta(days=1), what=What.SLOWED, about=1)
    await room.deeds.note(clocked, closed)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, text, _ = await visit.get("/log")
        _, older, _ = await visit.get("/log?before=30")
        strange, _, _ = await visit.get("/log?before=-1%27")

    assert "You joined" in text
    assert "The clock released" in text
    assert "Somebody outside guessed too often at the password of you" in text
    assert "Person 129 released" in text
    assert "Person 2 released" not in text
    assert "/log?before=" in text
    assert "Person 2 released" in older
    assert strange == 200


async def test_signing_in_is_noted_and_nothing_that_was_typed() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base), visiting(base) as visit:
        await visit.post("/sign-in", {"name": "heron 1", "password": "kestrel kestrel"})
        await visit.post("/sign-in", {"name": "kestrel", "password": PASSWORD})
        await again(visit, "heron 1")

    assert [(one.what, one.person) for one in room.deeds.noted] == [
        (What.JOINED, 1),
        (What.SIGNED_IN, 1),
    ]
    assert "kestrel" not in repr(room.deeds.noted)
