"""Somebody is forced to sign in: the desk looks as ever, and nothing goes out by them alone."""

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from desk.code_words import code_word
from desk.passwords import Passwords, Which
from desk.you import SAME, SET, WRONG
from tamizdat.people import Role
from tamizdat.progress import Policy
from tamizdat.state import StoryState
from tests.kit.desk.room import (
    PASSWORD,
    QUICK,
    SALT,
    Room,
    Visit,
    hidden_field,
    opened,
    signed_in,
    visiting,
)
from tests.kit.desk.samples import STRIKE, fill_newsdesk

SECOND = "the words of a bad day"
FORCED = {"name": "heron 1", "password": SECOND}
FREE = {"name": "heron 1", "password": PASSWORD}


async def choose(visit: Visit, first: str = PASSWORD, second: str = SECOND) -> str:
    """They set a second password; what the page says."""
    given = {"password": first, "second": second, "again": second}
    await visit.post("/you/second", given)
    return (await visit.get("/you"))[1]


def bare(text: str) -> str:
    """A page without what differs between any two sessions or moments."""
    return re.sub(r"[0-9a-f]{64}|\d\d:\d\d(:\d\d)?|after=[^\"]*", "", text)


def rules(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in headers if name not in {"Set-Cookie", "Date"}}


@pytest.mark.parametrize("path", ["/", "/you", f"/stories/{STRIKE}", "/log", "/board", "/people"])
async def test_every_page_looks_the_same_with_the_second_password(path: str) -> None:
    pages = []
    for given in (FREE, FORCED):
        room = Room()
        fill_newsdesk(room.newsdesk)
        async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as own:
            await choose(own)
            await own.post("/sign-out-everywhere")
            async with visiting(base) as visit:
                _, _, headers = await visit.post("/sign-in", given)
                status, text, more = await visit.get(path)
        pages.append((rules(headers), status, bare(text), rules(more)))

    assert pages[0] == pages[1]


async def test_the_second_password_freezes_and_the_first_does_not() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as own, visiting(base) as visit:
        await choose(own)
        await visit.post("/sign-in", FREE)
        free = room.people.persons[1].frozen
        await visit.post("/sign-in", FORCED)
        first = room.people.persons[1].frozen
        await visit.post("/sign-in", FREE)

    assert (free, first) == (None, room.clock.at)
    assert room.people.persons[1].frozen == first  # who was forced may know both


async def test_a_new_link_from_an_operator_ends_it() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as own, visiting(base) as visit:
        await choose(own)
        await visit.post("/sign-in", FORCED)
        link = f"/join/{await room.link(Role.EDITOR, person=1)}"
        await visit.post(link, {"name": "heron 1", "password": PASSWORD, "again": PASSWORD})
        again, _, _ = await visit.post("/sign-in", FORCED)

    assert room.people.persons[1].frozen is None
    assert again == 403


async def test_both_are_checked_each_time_or_neither() -> None:
    passwords = Verified(QUICK)
    first, second = await passwords.encode(PASSWORD), await passwords.encode(SECOND)
    found = {}
    for one, other in ((first, second), (first, None), (None, None)):
        for given in (PASSWORD, SECOND, "neither of the two"):
            passwords.verified = 0
            which = await passwords.which(one, other, given)
            found[(one, other), given] = which, passwords.verified

    assert {count for _, count in found.values()} == {2}
    assert found[(first, second), PASSWORD][0] is Which.FIRST
    assert found[(first, second), SECOND][0] is Which.SECOND
    assert found[(first, None), SECOND][0] is None
    assert found[(None, None), PASSWORD][0] is None


async def test_the_ledger_does_not_tell_who_chose_one() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as own, signed_in(room, base):
        await choose(own)

    kept = [person.second or "" for person in room.people.persons.values()]
    assert len({one.partition("$m=")[0] for one in kept}) == 1
    assert {len(one) for one in kept} == {len(kept[0])}
    assert kept[0] != kept[1]


async def test_the_page_never_tells_whether_there_is_one() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as own:
        _, before, _ = await own.get("/you")
        said = await choose(own)
        _, after, _ = await own.get("/you")

    assert SET in said
    assert bare(before) == bare(after)


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ("not the password", SECOND, WRONG),
        (PASSWORD, PASSWORD, SAME),
        (PASSWORD, "short", "at least 12"),
    ],
)
async def test_what_cannot_be_one_is_refused(first: str, second: str, why: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as own, visiting(base) as visit:
        said = await choose(own, first, second)
        await visit.post("/sign-in", {"name": "heron 1", "password": second})

    assert why in said
    assert room.people.persons[1].frozen is None


async def test_a_password_that_was_forced_out_of_them_opens_the_desk_as_it_was_told() -> None:
    room, chosen = Room(), "chosen by somebody else"
    async with opened(room) as (_, base), signed_in(room, base) as own, visiting(base) as visit:
        await choose(own)
        await visit.post("/sign-in", FORCED)
        said = await choose(visit, SECOND, chosen)
        opens = [
            (await visit.post("/sign-in", {"name": "heron 1", "password": one}))[0]
            for one in (SECOND, chosen)
        ]

    assert SET in said
    assert opens == [303, 303]
    assert room.people.persons[1].frozen == room.clock.at


async def test_the_second_password_given_on_the_page_freezes_and_says_nothing() -> None:
    room, chosen = Room(), "chosen by somebody else"
    async with opened(room) as (_, base), signed_in(room, base) as own, visiting(base) as visit:
        await choose(own)
        said = await choose(own, SECOND, chosen)
        opens = [
            (await visit.post("/sign-in", {"name": "heron 1", "password": one}))[0]
            for one in (SECOND, chosen)
        ]

    assert SET in said
    assert room.people.persons[1].frozen == room.clock.at
    assert opens == [303, 303]


async def test_a_story_names_nobody_of_the_watch_list_to_who_was_forced() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    story = room.newsdesk.stories[STRIKE]
    room.newsdesk.stories[STRIKE] = replace(story, watched=("Mira Hidden",))
    async with opened(room) as (_, base), signed_in(room, base) as own:
        await choose(own)
        _, free, _ = await own.get(f"/stories/{STRIKE}")
        await own.post("/sign-in", FORCED)
        _, forced, _ = await own.get(f"/stories/{STRIKE}")
        given = {"title": story.card.title, "text": story.html, "form": "html"}
        seen = {"seen": hidden_field(forced, "seen")}
        status, saved, _ = await own.post(f"/stories/{STRIKE}?part", given | seen)

    assert "Mira Hidden" in free
    assert "Mira Hidden" not in forced
    assert status == 200
    assert "Mira Hidden" not in saved


async def test_the_others_see_a_code_word_and_nothing_else() -> None:
    room = Room()
    word = code_word(SALT, 1)
    async with (
        opened(room) as (_, base),
        signed_in(room, base) as own,
        signed_in(room, base) as editor,
        signed_in(room, base, Role.OPERATOR) as operator,
        signed_in(room, base, Role.WRITER) as writer,
    ):
        await choose(own)
        _, before, _ = await editor.get("/?all")
        await own.post("/sign-in", FORCED)
        _, theirs, _ = await own.get("/?all")
        _, seen, _ = await editor.get("/?all")
        _, staff, _ = await operator.get("/people")
        _, unseen, _ = await writer.get("/?all")

    assert [word in page for page in (before, theirs, unseen)] == [False, False, False]
    assert [page.count(f"<p class=said role=status>{word}</p>") for page in (seen, staff)] == [1, 1]


async def test_only_those_who_were_chosen_are_told() -> None:
    room = Room(told=frozenset({3}))
    word = code_word(SALT, 1)
    async with (
        opened(room) as (_, base),
        signed_in(room, base) as own,
        signed_in(room, base) as second,
        signed_in(room, base) as third,
    ):
        await choose(own)
        await own.post("/sign-in", FORCED)
        pages = [(await visit.get("/?all"))[1] for visit in (second, third)]

    assert [word in page for page in pages] == [False, True]


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("/people/2/remove", {}),
        ("/people/2/role", {"role": "writer"}),
        ("/people/2/sign-out", {}),
        ("/board/cell/dune/IR/rotate", {}),
        ("/turns/17/undo", {}),
    ],
)
async def test_nothing_changes_hands_by_somebody_who_was_forced(
    path: str, given: dict[str, str]
) -> None:
    room = Room()
    async with (
        opened(room) as (_, base),
        signed_in(room, base, Role.BOTH) as own,
        signed_in(room, base) as other,
    ):
        await choose(own)
        await own.post("/sign-in", FORCED)
        status, _, _ = await own.post(path, given)
        still, _, _ = await other.get("/?all")

    assert (status, still) == (303, 200)
    assert not room.operations.asked
    assert room.people.persons[2].role is Role.EDITOR
    assert room.people.persons[2].removed is None


async def test_what_they_release_waits_as_where_a_second_person_is_asked_for() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    room.approving.rules = Policy(allowed=frozenset({2}), frozen=frozenset({1}))
    story = room.newsdesk.stories[STRIKE]
    async with (
        opened(room) as (_, base),
        signed_in(room, base) as own,
        signed_in(room, base) as other,
    ):
        _, page, _ = await own.get(f"/stories/{STRIKE}")
        given = {"title": story.card.title, "text": story.html, "form": "html"}
        seen = {"seen": hidden_field(page, "seen")}
        asked, _, _ = await own.post(f"/stories/{STRIKE}/ask", given | seen)
        waits = room.newsdesk.stories[STRIKE].card.state
        _, theirs, _ = await own.get(f"/stories/{STRIKE}")
        _, pending, _ = await other.get(f"/stories/{STRIKE}")
        await other.post(f"/stories/{STRIKE}/send")
        out = room.newsdesk.stories[STRIKE].card.state

    assert "Send for approval" in page
    assert "another person" in page
    assert (asked, waits, out) == (303, StoryState.WAITING, StoryState.OUT)
    assert "0 of 1 approved" in theirs
    assert "so somebody else approves it" in theirs
    assert "Send it out now" not in theirs
    assert "Send it out now" in pending


class Verified(Passwords):
    """Counts how many encodings are looked at."""

    verified = 0

    def _verify(self, encoded: str, password: str) -> bool:
        self.verified += 1
        return super()._verify(encoded, password)
