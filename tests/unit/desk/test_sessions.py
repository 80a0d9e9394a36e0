"""How the browser keeps a session, and how long it counts."""

from datetime import UTC, datetime, timedelta

import pytest

from desk.invitations import LIFETIME, hidden, invite
from desk.names import name_digest, name_fault
from desk.passwords import BusyError, Passwords, password_fault
from desk.sessions import IDLE, WHOLE, Cookie, begin, cookie_for, holds, visitor
from tamizdat.digest import is_digest
from tamizdat.people import Role, Session
from tests.kit.desk.people import MemoryPeople
from tests.kit.desk.room import QUICK

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("address", "cookie"),
    [
        (None, Cookie(name="desk", secure=False)),
        ("http://abcdef.onion", Cookie(name="desk", secure=False)),
        ("https://desk.example", Cookie(name="__Host-desk", secure=True)),
        ("HTTPS://desk.example", Cookie(name="__Host-desk", secure=True)),
    ],
)
def test_over_https_no_other_host_can_plant_the_cookie(address: str | None, cookie: Cookie) -> None:
    assert cookie_for(address) == cookie


@pytest.mark.parametrize(
    ("begun", "seen", "good"),
    [
        (NOW, NOW, True),
        (NOW - WHOLE + SECOND, NOW - IDLE + SECOND, True),
        (NOW - WHOLE, NOW, False),
        (NOW - IDLE, NOW - IDLE, False),
    ],
)
def test_a_session_holds_for_its_time(begun: datetime, seen: datetime, good: object) -> None:
    session = Session(token=hidden("x"), person=1, begun=begun, seen=seen)

    assert holds(session, NOW) is good


async def test_the_ledger_keeps_digests_and_no_tokens() -> None:
    people = MemoryPeople()
    link = await invite(people, Role.EDITOR, NOW)
    person = await people.join(hidden(link), name_digest(b"s", "heron"), "x", NOW)
    assert person is not None

    token = await begin(people, person, NOW)

    assert len(token) == len(link) == 43
    assert token not in repr(people.sessions)
    assert all(is_digest(kept) for kept in people.sessions)


async def test_a_link_lives_for_two_days() -> None:
    people = MemoryPeople()

    await invite(people, Role.OPERATOR, NOW, person=4)

    invitation = next(iter(people.invitations.values()))
    assert (invitation.expires, invitation.person) == (NOW + LIFETIME, 4)


@pytest.mark.parametrize("token", [None, "", "unknown", "x" * 65, "\ud800"])
async def test_a_strange_cookie_is_nobodys(token: str | None) -> None:
    assert await visitor(MemoryPeople(), token, NOW) is None


async def test_beginning_forgets_what_is_over() -> None:
    people = MemoryPeople()
    link = await invite(people, Role.EDITOR, NOW)
    person = await people.join(hidden(link), name_digest(b"s", "heron"), "x", NOW)
    assert person is not None
    await begin(people, person, NOW - WHOLE - SECOND)

    await begin(people, person, NOW)

    assert len(people.sessions) == 1


@pytest.mark.parametrize("other", ["heron", "HERON", " Heron ", "heron\u200a"])
def test_spelling_of_a_name_does_not_matter(other: str) -> None:
    assert name_digest(b"s", "Heron") == name_digest(b"s", other)


@pytest.mark.parametrize(("one", "other"), [("Zoë", "Zoe\u0308"), ("STRASSE", "straße")])
def test_ways_to_compose_a_letter_do_not_matter(one: str, other: str) -> None:
    assert name_digest(b"s", one) == name_digest(b"s", other)


def test_a_name_of_another_newsroom_has_another_digest() -> None:
    assert name_digest(b"s", "heron") != name_digest(b"t", "heron")


@pytest.mark.parametrize("name", ["heron", "Зоя", "علی", "李 雷", "x" * 64])
def test_names_of_any_script_will_do(name: str) -> None:
    assert name_fault(name) is None


@pytest.mark.parametrize("password", ["x" * 12, "four random words", "十二個字元以上的密碼就可以"])
def test_a_password_needs_length_and_nothing_else(password: str) -> None:
    assert password_fault(password) is None


@pytest.mark.parametrize("password", ["", "x" * 11, "e\u0301" * 11, "x" * 1025])
def test_a_short_or_huge_password_is_refused(password: str) -> None:
    assert password_fault(password) is not None


async def test_a_password_is_the_same_from_every_keyboard() -> None:
    passwords = Passwords(QUICK)

    encoded = await passwords.encode("caf\u00e9 caf\u00e9 caf\u00e9")

    assert await passwords.check(encoded, "cafe\u0301 cafe\u0301 cafe\u0301")


async def test_a_queue_of_hashes_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.passwords.WAITING", 0)

    with pytest.raises(BusyError):
        await Passwords(QUICK).encode("four random words")
