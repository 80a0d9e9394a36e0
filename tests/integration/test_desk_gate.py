"""The gate of the desk: who is let in, from where, and what every answer carries."""

import logging
import re
from io import BytesIO

import aiohttp
import pytest

from desk.desk import Desk
from desk.gate import HEADERS
from desk.rules import is_public
from tamizdat.people import Role
from tests.kit.desk.room import FROM_HERE, Room, opened, signed_in, visiting
from tests.kit.desk.samples import DATA, STRIKE, fill_newsdesk

VALUES = {
    "token": "nothing",
    "id": str(DATA),
    "mirror": "dune",
    "country": "IR",
    "number": "3",
    "name": "0" * 64 + ".png",
    "session": "0" * 64,
}


def routes() -> list[tuple[str, str]]:
    """Every method and address of the application, as its router spells them."""
    made = Desk(Room().office()).application()
    resources = [(route.method, route.resource) for route in made.router.routes()]
    return [(method, one.canonical) for method, one in resources if one and method != "HEAD"]


def filled(address: str) -> str:
    """An address with values in place of names."""
    return re.sub(r"\{([a-z0-9]+)\}", lambda m: VALUES.get(m[1], "x"), address)


ROUTES = [(method, filled(address)) for method, address in routes()]
INSIDE = [(m, filled(address)) for m, address in routes() if not is_public(m, address)]
OUTSIDE = [filled(address) for m, address in routes() if is_public(m, address)]
FORMS = [path for method, path in ROUTES if method == "POST"]
ELSEWHERE: list[dict[str, str]] = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
]
TURNS = [
    "/board/cell/dune/IR/rotate",
    "/incidents/213/false-alarm",
    "/turns/17/undo",
]


def test_the_router_holds_what_these_tests_go_through() -> None:
    assert len(ROUTES) > 25
    assert set(OUTSIDE) >= {"/sign-in", "/join/nothing"}


@pytest.mark.parametrize(("method", "path"), INSIDE)
async def test_nobody_gets_in_without_a_session(method: str, path: str) -> None:
    async with opened(Room()) as (_, base), visiting(base) as visit:
        if method == "POST":
            status, text, _ = await visit.post(path)
            assert (status, "signed out" in text) == (401, True)
        else:
            status, _, headers = await visit.get(path)
            assert (status, headers["Location"].startswith("/sign-in")) == (303, True)


@pytest.mark.parametrize("headers", ELSEWHERE)
@pytest.mark.parametrize("path", FORMS)
async def test_a_form_from_elsewhere_is_refused(path: str, headers: dict[str, str]) -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
        status, _, _ = await visit.post(path, {"word": "Mobile", "reason": "x"}, headers)

        assert status == 403
        assert not room.operations.asked
        assert len(room.people.sessions) == 1


@pytest.mark.parametrize("path", TURNS)
async def test_an_editor_turns_nothing(path: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base, Role.EDITOR) as visit:
        status, _, _ = await visit.post(path, {"reason": "a test"})

        assert status == 403
        assert not room.operations.asked


@pytest.mark.parametrize("path", TURNS)
async def test_an_operator_turns(path: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base, Role.OPERATOR) as visit:
        status, _, _ = await visit.post(path, {"reason": "a test"})

        assert status == 303
        assert len(room.operations.asked) == 1


@pytest.mark.parametrize(
    "path", ["/sign-in", "/nothing", "/board", "/stories/new", "/incidents", "/board/raw/3"]
)
async def test_every_answer_carries_the_rules(path: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, _, headers = await visit.get(path)

        assert {name: headers[name] for name in HEADERS} == HEADERS
        assert headers["Cache-Control"] == "no-store"
        assert "Server" not in headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example"])
async def test_a_foreign_name_that_leads_here_gets_nothing(host: str) -> None:
    async with opened(Room()) as (_, base), visiting(base) as visit:
        status, text, _ = await visit.get("/sign-in", Host=host)

        assert status == 421
        assert "<form" not in text


async def test_the_public_name_is_answered_beside_the_machines_own() -> None:
    room = Room(address="https://desk.example")
    async with opened(room) as (_, base), visiting(base) as visit:
        named, _, _ = await visit.get("/sign-in", Host="desk.example")
        local, _, _ = await visit.get("/sign-in")

        assert (named, local) == (200, 200)


@pytest.mark.parametrize(
    "path",
    ["/stories/zzzzzzzzzzzzz", "/stories/..%2f..", "/board/cell/dune/XX", "/board/cell/x/IR",
     "/board/raw/99", "/board/raw/0", "/board/raw/99999999999", "/pictures/" + "0" * 64,
     "/pictures/x", "/nothing", "/join/nothing", "/assets/0/desk.css"],
)  # fmt: skip
async def test_what_is_not_there_is_not_there(path: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, text, _ = await visit.get(path)

        assert status == 404
        assert "Nothing here" in text


async def test_a_body_that_is_too_large_is_refused() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        kind = {"Content-Type": "application/x-www-form-urlencoded", **FROM_HERE}
        short, _, _ = await visit.post("/sign-in", b"name=" + b"x" * 17_000, kind)
        form = aiohttp.FormData({"title": "x", "seen": "x"})
        form.add_field("text", BytesIO(b"x" * 17_000_000), content_type="text/plain")
        long, _, _ = await visit.post(f"/stories/{STRIKE}", form)

        assert (short, long) == (413, 413)


async def test_a_kind_of_body_that_no_form_sends_is_refused() -> None:
    async with opened(Room()) as (_, base), visiting(base) as visit:
        kind = {"Content-Type": "application/json", **FROM_HERE}
        status, _, _ = await visit.post("/sign-in", b"{}", kind)

        assert status == 415


async def test_nothing_of_a_broken_request_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with opened(Room()) as (_, base), visiting(base) as visit:
        await visit.post("/sign-in", {"name": "canary-name", "password": "canary-password"})
        await visit.get("/canary-path")

    assert "canary" not in caplog.text
    assert "127.0.0.1" not in caplog.text


async def test_a_link_from_another_site_is_asked_again_from_here() -> None:
    async with opened(Room()) as (_, base), visiting(base) as visit:
        status, text, _ = await visit.get("/board", Sec_Fetch_Site="cross-site")

        assert status == 200
        assert "http-equiv=refresh" in text
