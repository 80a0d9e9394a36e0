"""Nobody is locked out by a stranger, and no stranger guesses faster for it."""

from http.cookies import SimpleCookie

import pytest
from argon2 import PasswordHasher

from desk.devices import lane_of, marked
from desk.door import SLOW_DOWN
from desk.names import name_digest
from desk.passwords import AT_ONCE, WAITING, BusyError, Passwords, Which
from desk.throttle import FREE, Throttle
from tamizdat.deeds import What
from tamizdat.people import Role
from tests.kit.desk.room import PASSWORD, QUICK, SALT, Room, Visit, opened, signed_in, visiting

ANNA = {"name": "heron 1", "password": PASSWORD}
GUESSES = 1000


class Counting(Passwords):
    """Real hashes, counted."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        super().__init__(hasher)
        self.checked = 0

    async def which(
        self, first: str | None, second: str | None, password: str, *, known: bool = False
    ) -> Which | None:
        self.checked += 1
        return await super().which(first, second, password, known=known)


def hasty() -> Room:
    """A desk that lets no try wait: what does not pass at once is refused."""
    return Room(passwords=Counting(QUICK), patience=-1.0)


async def guessed(visit: Visit, count: int = GUESSES) -> list[int]:
    """Wrong passwords for Anna, one after the other."""
    tries = [{"name": "heron 1", "password": f"guess number {n}"} for n in range(count)]
    return [(await visit.post("/sign-in", one))[0] for one in tries]


def checks(room: Room) -> int:
    assert isinstance(room.passwords, Counting)
    return room.passwords.checked


async def test_a_thousand_guesses_of_strangers_do_not_lock_anna_out_where_she_was_before() -> None:
    room = hasty()
    async with opened(room) as (_, base), signed_in(room, base) as anna, visiting(base) as stranger:
        await anna.post("/sign-out")
        answers = await guessed(stranger)
        looked_at = checks(room)
        shut, text, _ = await stranger.post("/sign-in", ANNA)
        back, _, _ = await anna.post("/sign-in", ANNA)

    assert answers[:FREE] == [403] * FREE
    assert set(answers[FREE:]) == {429}
    assert looked_at == FREE
    assert (shut, SLOW_DOWN in text) == (429, True)
    assert back == 303


async def test_a_browser_of_annas_in_other_hands_guesses_no_faster() -> None:
    room = hasty()
    async with opened(room) as (_, base), signed_in(room, base) as anna:
        await anna.post("/sign-out")
        answers = await guessed(anna, 200)

    assert answers.count(403) == FREE
    assert checks(room) == FREE


async def test_strangers_and_her_browser_together_have_two_budgets_and_no_third() -> None:
    room = hasty()
    async with opened(room) as (_, base), signed_in(room, base) as anna, visiting(base) as stranger:
        await anna.post("/sign-out")
        await guessed(anna, 100)
        await guessed(stranger, 100)
        stranger.session.cookie_jar.update_cookies({"desk-here": f"{'A' * 22}.{'0' * 64}"})
        await guessed(stranger, 100)

    assert checks(room) == 2 * FREE


async def test_a_mark_is_worth_nothing_for_another_name() -> None:
    room = hasty()
    async with (
        opened(room) as (_, base),
        signed_in(room, base),
        signed_in(room, base) as boris,
        visiting(base) as stranger,
    ):
        await guessed(stranger, 20)
        shut, _, _ = await boris.post("/sign-in", ANNA)

    assert shut == 429


async def test_a_mark_dies_with_the_password_and_names_nobody() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base):
        anna = room.people.persons[1]
        mark = marked(SALT, anna)
        renewed = await room.passwords.encode("another one, quite")
        await room.people.set_password(1, renewed)

    assert lane_of(SALT, mark, anna) is not None
    assert lane_of(SALT, mark, room.people.persons[1]) is None
    assert lane_of(b"another salt", mark, anna) is None
    assert lane_of(SALT, mark, None) is None
    assert "heron" not in mark
    assert anna.name not in mark
    assert marked(SALT, anna) != mark


@pytest.mark.parametrize("kept", ["", ".", "x" * 500, "a.b", f"{'A' * 22}.", "\u0430" * 22 + ".x"])
async def test_a_strange_mark_is_no_mark(kept: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base):
        assert lane_of(SALT, kept, room.people.persons[1]) is None


async def test_the_mark_is_kept_by_rule_and_goes_with_sign_out_everywhere() -> None:
    room = Room(address="https://desk.example")
    async with opened(room) as (_, base), visiting(base) as visit:
        given = {"name": "heron", "password": PASSWORD, "again": PASSWORD}
        link = f"/join/{await room.link(Role.EDITOR)}"
        async with visit.session.post(
            base + link,
            data=given,
            headers={"Sec-Fetch-Site": "same-origin"},
            allow_redirects=False,
        ) as answer:
            sent = SimpleCookie()
            for one in answer.headers.getall("Set-Cookie"):
                sent.load(one)

    mark, session = sent["__Host-desk-here"], sent["__Host-desk"]
    assert (mark["httponly"], mark["samesite"], mark["secure"]) == (True, "Strict", True)
    assert (mark["path"], mark["domain"], session["max-age"]) == ("/", "", "")
    assert int(mark["max-age"]) == 180 * 86400


async def test_a_flood_of_guesses_is_noted_once_an_hour_and_without_an_address() -> None:
    room = hasty()
    async with opened(room) as (_, base), signed_in(room, base), visiting(base) as stranger:
        await guessed(stranger, 50)
        await stranger.post("/sign-in", {"name": "nobody", "password": "no no no no"})
        room.clock.on(hours=1)
        await guessed(stranger, 5)

    slowed = [one for one in room.deeds.noted if one.what is What.SLOWED]
    assert [(one.person, one.about) for one in slowed] == [(None, 1), (None, 1)]
    assert "127.0.0.1" not in repr(room.deeds.noted)


async def test_hashes_for_strangers_never_stand_before_those_of_a_known_browser() -> None:
    passwords = Passwords(QUICK)
    encoded = await passwords.encode(PASSWORD)
    strangers = passwords._strangers
    for _ in range(AT_ONCE):
        await strangers._turns.acquire()
    strangers._waiting = WAITING

    known = await passwords.which(encoded, None, PASSWORD, known=True)
    with pytest.raises(BusyError):
        await passwords.which(encoded, None, PASSWORD)

    assert known is Which.FIRST


def test_floods_of_invented_names_fill_no_lane_of_known_browsers() -> None:
    strangers, known = Throttle(), Throttle()
    for number in range(20_000):
        strangers.wait(name_digest(SALT, f"invented {number}"), 0.0)

    assert known.wait(name_digest(SALT, "anna"), 0.0) == 0.0
