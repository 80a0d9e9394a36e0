"""The OWASP top ten, asked of the desk: what no other test here asks already.

A01 (access, by route and role, and whose sessions one may end) is asked in test_desk_rights.py and
test_desk_people.py; A07 (guessing, lock-out, two passwords) in test_desk_lockout.py,
test_desk_duress.py and test_desk_door.py; A09 (what is noted, and that a changed row shows) in
test_deeds.py and tests/contract/test_ledger_deeds.py; A10 (addresses that lead inwards) in the
tests of feeds.
"""

import logging
import re
from http.cookies import SimpleCookie
from io import BytesIO

import aiohttp
import pytest

from desk.forms import FIELDS, LARGE, SMALL
from desk.gate import HEADERS
from desk.sessions import visitor
from tamizdat.people import Role
from tests.kit.desk.room import FROM_HERE, PASSWORD, Room, Visit, opened, signed_in, visiting
from tests.kit.desk.samples import STRIKE, fill_newsdesk

JOINING = {"name": "heron 1", "password": PASSWORD, "again": PASSWORD}
SIGNING = {"name": "heron 1", "password": PASSWORD}
SCRIPT = '"><script>alert(1)</script>'


def token_of(visit: Visit) -> str:
    kept = {cookie.key: cookie.value for cookie in visit.session.cookie_jar}
    return kept["desk"]


async def test_a_session_that_ended_is_worth_nothing_anywhere() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit, visiting(base) as thief:
        stolen = token_of(visit)
        await visit.post("/sign-out")
        thief.session.cookie_jar.update_cookies({"desk": stolen})
        page, _, _ = await thief.get("/")
        form, _, _ = await thief.post("/stories/new", {"title": "x"})

    assert (page, form) == (303, 401)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND"])
async def test_other_methods_reach_nothing(method: str) -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
        path = f"{base}/stories/{STRIKE}"
        async with visit.session.request(method, path, headers=FROM_HERE) as answer:
            status = answer.status

    assert status == 405
    assert STRIKE in room.newsdesk.stories


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL"])
async def test_headers_that_turn_a_request_into_another_are_not_heard(header: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base, Role.WRITER) as visit:
        _, text, _ = await visit.get("/keys", **{header: "/people"})

    assert "<h1>Keys</h1>" in text


async def test_the_session_in_the_cookie_is_random_new_each_time_and_not_kept() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        tokens = [token_of(visit)]
        for _ in range(5):
            await visit.post("/sign-in", SIGNING)
            tokens.append(token_of(visit))

    assert len(set(tokens)) == len(tokens)
    assert {len(one) for one in tokens} == {43}
    assert not any(one in repr(room.people.sessions) for one in tokens)


async def test_a_session_id_that_a_stranger_chose_is_never_taken_over() -> None:
    room = Room()
    chosen = "A" * 43
    async with opened(room) as (_, base), signed_in(room, base), visiting(base) as visit:
        visit.session.cookie_jar.update_cookies({"desk": chosen})
        before, _, _ = await visit.get("/")
        await visit.post("/sign-in", SIGNING)
        after = token_of(visit)
        async with visiting(base) as stranger:
            stranger.session.cookie_jar.update_cookies({"desk": chosen})
            theirs, _, _ = await stranger.get("/")

    assert (before, theirs) == (303, 303)
    assert after != chosen
    assert await visitor(room.people, chosen, room.clock.at) is None


async def test_a_session_changes_also_where_a_new_password_is_chosen() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        before = token_of(visit)
        await visit.post(f"/join/{await room.link(Role.EDITOR, person=1)}", JOINING)
        after = token_of(visit)

    assert before != after
    assert await visitor(room.people, before, room.clock.at) is None


async def test_all_cookies_are_for_our_pages_over_tls_only() -> None:
    room = Room(address="https://desk.example")
    async with opened(room) as (_, base), visiting(base) as visit:
        link = f"{base}/join/{await room.link(Role.EDITOR)}"
        async with visit.session.post(
            link, data=JOINING, headers=FROM_HERE, allow_redirects=False
        ) as answer:
            sent = [SimpleCookie(one) for one in answer.headers.getall("Set-Cookie")]

    for jar in sent:
        for name, cookie in jar.items():
            assert name.startswith("__Host-")
            assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (
                True,
                True,
                "Strict",
            )
            assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert len(sent) == 2


@pytest.mark.parametrize("path", ["/sign-in?to=/{}", "/log?before={}", "/board?rows={}", "/{}"])
async def test_what_stands_in_an_address_is_never_markup(path: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
        await visit.post("/sign-out")
        _, outside, _ = await visit.get(path.format(SCRIPT))
        await visit.post("/sign-in", SIGNING)
        _, inside, _ = await visit.get(path.format(SCRIPT))

    assert "<script>alert" not in outside + inside


async def test_what_is_typed_comes_back_as_text() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        link = f"/join/{await room.link(Role.EDITOR)}"
        _, joining, _ = await visit.post(link, {**JOINING, "name": SCRIPT, "again": "differs"})
        given = {"title": SCRIPT, "summary": SCRIPT, "authors": SCRIPT, "text": SCRIPT}
        _, _, headers = await visit.post("/stories/new", given | {"form": "html"})
        _, page, _ = await visit.get(headers["Location"])

    assert "<script>alert" not in joining + page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "name", ["' OR 1=1 --", "heron 1' --", "%", "heron 1\x00", '"; DROP TABLE']
)
async def test_what_is_typed_is_never_a_query(name: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base), visiting(base) as visit:
        status, _, _ = await visit.post("/sign-in", {"name": name, "password": PASSWORD})

    assert status == 403


async def test_a_header_cannot_be_split_by_what_is_typed() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base), visiting(base) as visit:
        given = SIGNING | {"to": "/board\r\nSet-Cookie: planted=1"}
        _, _, headers = await visit.post("/sign-in", given)

    assert headers["Location"] == "/"
    assert "planted" not in repr(headers)


async def test_a_form_with_too_many_fields_is_refused() -> None:
    fields = "&".join(f"f{number}=x" for number in range(FIELDS + 1)).encode()
    async with opened(Room()) as (_, base), visiting(base) as visit:
        kind = {"Content-Type": "application/x-www-form-urlencoded", **FROM_HERE}
        status, _, _ = await visit.post("/sign-in", fields, kind)

    assert status == 400


@pytest.mark.parametrize(("size", "status"), [(SMALL // 2, 403), (SMALL + 1, 413)])
async def test_a_short_form_has_a_limit_that_is_exact_enough(size: int, status: int) -> None:
    async with opened(Room()) as (_, base), visiting(base) as visit:
        given = {"name": "x" * size, "password": "x"}
        answered, _, _ = await visit.post("/sign-in", given)

    assert answered == status


async def test_an_upload_has_a_limit_in_bytes_and_one_in_pieces() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        heavy = aiohttp.FormData({"title": "x"})
        heavy.add_field(
            "picture", BytesIO(b"x" * (LARGE + 1)), filename="a.png", content_type="image/png"
        )
        many = aiohttp.FormData({"title": "x"})
        for number in range(FIELDS + 1):
            one = BytesIO(b"x")
            many.add_field("picture", one, filename=f"{number}.png", content_type="image/png")
        too_heavy, _, _ = await visit.post("/stories/new", heavy)
        too_many, _, _ = await visit.post("/stories/new", many)

    assert (too_heavy, too_many) == (413, 400)
    assert not room.newsdesk.stories


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/pdf", "image/png2"])
async def test_only_kinds_of_pictures_that_are_rebuilt_may_come_in(kind: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        form = aiohttp.FormData({"title": "x"})
        body = BytesIO(b"<svg onload=alert(1)>")
        form.add_field("picture", body, filename="a.png", content_type=kind)
        status, _, _ = await visit.post("/stories/new", form)

    assert status == 415
    assert not room.newsdesk.stories


async def test_a_refusal_carries_the_rules_and_tells_nothing_of_the_program() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base, Role.WRITER) as visit:
        answers = [await visit.get(path) for path in ("/people", "/nothing", "/stories/x", "/log")]

    for status, text, headers in answers:
        assert status in {403, 404}
        assert {name: headers[name] for name in HEADERS} == HEADERS
        said = (text + repr(headers)).lower()
        assert not re.search(r"aiohttp|python|traceback|file \"", said)


async def test_pages_run_our_own_script_only_and_load_nothing_from_elsewhere() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
        pages = [
            (await visit.get(path))[1]
            for path in ("/?all", "/you", "/people", "/log", f"/stories/{STRIKE}", "/board")
        ]

    for page in pages:
        sources = re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"([^\"]*)\"", page)
        assert all(one.startswith(("/", "data:,")) and one[1:2] != "/" for one in sources)
        assert not re.search(r"\son[a-z]+=|javascript:", page)


async def test_nothing_secret_is_logged_by_any_of_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
        given = {"password": PASSWORD, "second": "kestrel " * 3, "again": "kestrel " * 3}
        await visit.post("/you/second", given)
        await visit.post("/sign-in", {"name": "heron 1", "password": "kestrel " * 3})
        for path in ("/you", "/people", "/log"):
            await visit.get(path)
        session = token_of(visit)

    assert "kestrel" not in caplog.text
    assert PASSWORD not in caplog.text
    assert session not in caplog.text
    assert "127.0.0.1" not in caplog.text
