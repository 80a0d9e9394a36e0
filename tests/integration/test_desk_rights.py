"""Every address of the desk, asked by every role: the application's own routes, walked."""

import re
from dataclasses import replace

import pytest

from desk.desk import Desk
from desk.rules import ASSETS, PUBLIC, RULES, is_public, right_for
from tamizdat.people import Role
from tamizdat.progress import Progress
from tamizdat.rights import Reach, reach
from tests.kit.desk.room import Room, opened, signed_in, visiting
from tests.kit.desk.samples import DATA, STRIKE, fill_newsdesk

VALUES = {
    "token": "nothing",
    "id": str(STRIKE),
    "mirror": "dune",
    "country": "IR",
    "number": "99",
    "name": "0" * 64 + ".png",
    "session": "0" * 64,
}
OWN_FORMS = ("discard", "withdraw", "send-back", "stop-clock")


def routes() -> list[tuple[str, str]]:
    """Method and address of each route, as the application's router holds them."""
    router = Desk(Room().office()).application().router
    found = [(route.method, route.resource) for route in router.routes()]
    return [(method, one.canonical) for method, one in found if one and method != "HEAD"]


ROUTES = routes()
ASKED = [(role, *route) for role in Role for route in ROUTES if not is_public(*route)]


def filled(address: str) -> str:
    return re.sub(r"\{([a-z0-9]+)\}", lambda m: VALUES.get(m[1], "x"), address)


async def asked(room: Room, role: Role, method: str, address: str) -> int:
    """The answer to somebody of this role who has just joined."""
    async with opened(room) as (_, base), signed_in(room, base, role) as visit:
        if method == "POST":
            return (await visit.post(filled(address), {"word": "x", "reason": "x"}))[0]
        async with visit.session.get(base + filled(address), allow_redirects=False) as answer:
            return answer.status  # a stream of events has no end to wait for


def test_every_route_has_one_rule_and_every_rule_a_route() -> None:
    public = {route for route in ROUTES if is_public(*route)}
    assets = {route for route in public if route[1].startswith(ASSETS)}

    assert public - assets == PUBLIC
    assert {method for method, _ in assets} == {"GET"}
    assert set(ROUTES) - public == set(RULES)
    assert not PUBLIC & set(RULES)


def test_a_route_without_a_rule_is_nobodys() -> None:
    assert right_for("POST", "/stories/{id}/sell") is None
    assert not is_public("POST", "/stories/{id}/sell")


@pytest.mark.parametrize("role", list(Role))
async def test_a_route_that_somebody_adds_without_a_rule_answers_no_one(
    role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = {route: right for route, right in RULES.items() if route[1] != "/keys"}
    monkeypatch.setattr("desk.rules.RULES", rules)

    assert await asked(Room(), role, "GET", "/keys") == 403


@pytest.mark.parametrize(("role", "method", "address"), ASKED)
async def test_a_role_without_the_right_is_refused_and_one_with_it_is_not(
    role: Role, method: str, address: str
) -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)

    status = await asked(room, role, method, address)

    allowed = reach(role, RULES[method, address]) is Reach.ALL
    refused = 303 if (method, address) == ("GET", "/") else 403
    assert (status == refused) != allowed or (address, status) == ("/", 303)


@pytest.mark.parametrize("address", [a for m, a in ROUTES if m == "POST" and not is_public(m, a)])
async def test_a_state_is_changed_by_a_form_of_ours_only_and_never_by_looking(address: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
        looked, _, _ = await visit.get(filled(address))
        elsewhere, _, _ = await visit.post(filled(address), {}, {"Sec-Fetch-Site": "cross-site"})
        unsaid, _, _ = await visit.post(filled(address), {}, {})

    assert (elsewhere, unsaid) == (403, 403)
    assert looked != 500


@pytest.mark.parametrize("address", [a for m, a in ROUTES if m == "POST" and not is_public(m, a)])
async def test_a_form_of_nobodys_changes_nothing(address: str) -> None:
    async with opened(Room()) as (_, base), visiting(base) as visit:
        status, _, _ = await visit.post(filled(address))

    assert status == 401


@pytest.mark.parametrize("deed", OWN_FORMS)
async def test_a_writer_reaches_what_they_wrote_and_nobody_elses(deed: str) -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    _written_by(room, str(STRIKE), 1)
    _written_by(room, str(DATA), 2)
    async with opened(room) as (_, base), signed_in(room, base, Role.WRITER) as visit:
        own, _, _ = await visit.post(f"/stories/{STRIKE}/{deed}", {"word": "nothing"})
        other, _, _ = await visit.post(f"/stories/{DATA}/{deed}", {"word": "nothing"})
        none, _, _ = await visit.post(f"/stories/zzzzzzzzzzzzz/{deed}", {"word": "nothing"})

    assert own in {303, 422}
    assert (other, none) == (403, 403)


async def test_an_operator_lands_on_the_board_and_reads_no_story() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base, Role.OPERATOR) as visit:
        first, _, headers = await visit.get("/")
        story, text, _ = await visit.get(f"/stories/{STRIKE}")

    assert (first, headers["Location"]) == (303, "/board")
    assert (story, "Not allowed" in text) == (403, True)


async def test_a_writer_is_not_offered_what_they_may_not_do() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base, Role.WRITER) as visit:
        _, draft, _ = await visit.get(f"/stories/{STRIKE}")

    assert "/release" not in draft
    assert "/withdraw" not in draft
    assert "they release it" in draft


def _written_by(room: Room, name: str, person: int) -> None:
    story = next(one for key, one in room.newsdesk.stories.items() if key == name)
    card = replace(story.card, progress=Progress(author=person))
    room.newsdesk.stories[story.card.id] = replace(story, card=card)
