"""When something behind the desk fails: a page says so, a log line tells kind and place only."""

import logging
from collections.abc import Sequence

import pytest

from desk.desk import Desk, serving
from desk.passwords import BusyError, Passwords
from service.door import door
from tamizdat.errors import ConfigError, LedgerError
from tamizdat.people import Role
from tamizdat.story import Card, Newsdesk, Story
from tests.kit.desk.board import NOW
from tests.kit.desk.room import PASSWORD, QUICK, Room, hidden_field, opened, signed_in, visiting
from tests.kit.desk.samples import DATA, STRIKE, fill_newsdesk
from tests.kit.desk.stories import MemoryNewsdesk


class Failing(MemoryNewsdesk):
    """Fails when stories are listed, and refuses what is asked of one."""

    def __init__(self, fault: Exception) -> None:
        super().__init__(NOW)
        self.fault = fault

    async def cards(self) -> Sequence[Card]:
        raise self.fault


class Refusing(MemoryNewsdesk):
    """Refuses whatever is asked of a story."""

    async def release(self, article: str, reason: str = "", person: int = 0) -> Story:
        assert person >= 0
        raise ConfigError(f"no release of {article[:2]} {reason}today")

    async def discard(self, article: str) -> None:
        raise ConfigError(f"no discarding of {article[:2]} today")

    async def withdraw(self, article: str, person: int) -> str | None:
        raise ConfigError(f"no withdrawal of {article[:2]} by {person} today")


_: type[Newsdesk] = Failing

FAULTS: list[tuple[Exception, int, str]] = [
    (LedgerError("canary"), 503, "Not just now"),
    (TimeoutError("canary"), 503, "Not just now"),
    (RuntimeError("canary"), 500, "Something broke"),
]


@pytest.mark.parametrize(("fault", "status", "words"), FAULTS)
async def test_a_fault_becomes_a_page_and_tells_no_secret(
    fault: Exception, status: int, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    room = Room(newsdesk=Failing(fault))
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        answered, page, headers = await visit.get("/")

    assert answered == status
    assert words in page
    assert "canary" not in page + caplog.text
    assert headers["Cache-Control"] == "no-store"
    assert [type(fault).__name__] == [record.__dict__["kind"] for record in caplog.records]


async def test_what_is_refused_is_said_where_it_was_asked() -> None:
    newsdesk = Refusing(NOW)
    fill_newsdesk(newsdesk)
    room = Room(newsdesk=newsdesk)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, sheet, _ = await visit.get(f"/stories/{STRIKE}")
        given = {"seen": hidden_field(sheet, "seen"), "title": "x", "form": "html", "text": "y"}
        released, release, _ = await visit.post(f"/stories/{STRIKE}/release", given)
        await visit.post(f"/stories/{STRIKE}/discard")
        _, discard, _ = await visit.get(f"/stories/{STRIKE}")
        withdrawn, withdraw, _ = await visit.post(f"/stories/{DATA}/withdraw", {"word": "mobile"})

    assert (released, withdrawn) == (422, 422)
    assert "no release of aa today" in release
    assert "no discarding of aa today" in discard
    assert "no withdrawal of dd by 1 today" in withdraw


async def test_pages_that_do_not_fit_a_story_lead_to_the_one_that_does() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, _, headers = await visit.get(f"/stories/{STRIKE}/correct")
        door, _, inside = await visit.get("/sign-in")
        part, text, _ = await visit.get(f"/stories/{DATA}?part=1")

    assert (status, headers["Location"]) == (303, f"/stories/{STRIKE}")
    assert (door, inside["Location"]) == (303, "/")
    assert (part, "<html" in text) == (200, False)


async def test_saving_an_older_copy_of_a_release_is_refused() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, _, _ = await visit.post(f"/stories/{STRIKE}/release", {"seen": "old", "title": "x"})

    assert status == 409


async def test_a_crowd_at_the_door_is_asked_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base), visiting(base) as visit:
        monkeypatch.setattr("desk.passwords.WAITING", 0)
        link = await room.link(Role.EDITOR)
        joining = {"name": "finch", "password": PASSWORD, "again": PASSWORD}
        signing, said, _ = await visit.post("/sign-in", {"name": "heron 1", "password": PASSWORD})
        joined, told, _ = await visit.post(f"/join/{link}", joining)

    assert (signing, joined) == (503, 422)
    assert "too many try to sign in" in said
    assert "too many try to sign in" in told


async def test_a_hash_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.passwords.SECONDS", 0.01)
    passwords = Passwords(QUICK)
    async with passwords._strangers._turns, passwords._strangers._turns:
        with pytest.raises(BusyError):
            await passwords.encode(PASSWORD)


async def test_more_listeners_than_there_is_room_for_are_sent_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("desk.channel.LISTENERS", 0)
    async with opened(room := Room()) as (_, base), signed_in(room, base) as visit:
        status, _, _ = await visit.get("/events")
        async with visit.session.head(f"{base}/events") as answer:
            head = answer.status

    assert (status, head) == (503, 405)


async def test_who_is_shut_out_by_a_script_gets_no_page() -> None:
    async with opened(Room()) as (_, base), visiting(base) as visit:
        status, _, _ = await visit.get("/board/events", Sec_Fetch_Dest="empty")

    assert status == 401


async def test_a_session_of_nobody_is_no_session() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        room.people.persons.clear()
        status, _, _ = await visit.get("/")

    assert status == 303


def test_a_newsroom_without_a_language_is_refused() -> None:
    with pytest.raises(ValueError, match="one language"):
        Room(languages=()).office()


async def test_the_desk_can_be_closed_before_its_server(caplog: pytest.LogCaptureFixture) -> None:
    room = Room()
    desk = Desk(room.office(), passwords=Passwords(QUICK))
    entry = door("desk", "localhost:0")
    async with serving(desk, entry) as port, visiting(f"http://localhost:{port}") as visit:
        desk.close()
        status, _, _ = await visit.get("/sign-in")

    assert status == 200
    assert not [record for record in caplog.records if record.levelno > logging.INFO]
