"""The pages beside the stories: names to watch for, bylines, what was set aside."""

from datetime import UTC, datetime

import pytest

from tamizdat.article import ArticleId
from tamizdat.byline import Switched
from tamizdat.people import Role
from tamizdat.set_aside import FromSource
from tests.kit.desk.board import NOW
from tests.kit.desk.room import Room, opened, signed_in

ID = ArticleId("aaaaaaaaaaaaa")
NAME = "Мария <Холмова>"


async def test_editors_see_and_change_the_names_they_watch_for() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        await visit.post("/names/add", {"names": f"{NAME}\r\n\r\nMira Holm\r\n"})
        _, page, _ = await visit.get("/names")
        await visit.post("/names/remove", {"name": "Mira Holm"})
        await visit.post("/names/add", {"names": "x" * 300})
        _, after, _ = await visit.get("/names")

    assert "2 added." in page
    assert "Мария &lt;Холмова&gt;" in page
    assert "Not done: a name is too long." in after
    assert room.watch_list.known == {NAME}


async def test_who_was_forced_to_sign_in_sees_and_changes_no_name() -> None:
    room = Room()
    room.watch_list.known = {"Mira Holm"}
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        await room.people.freeze(1, NOW)
        await visit.post("/names/remove", {"name": "Mira Holm"})
        _, page, _ = await visit.get("/names")

    assert "Mira" not in page
    assert "It waits for a second editor." in page
    assert room.watch_list.known == {"Mira Holm"}


async def test_the_page_promises_nothing_at_once_to_who_was_forced() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, free, _ = await visit.get("/bylines")
        await room.people.freeze(1, NOW)
        _, forced, _ = await visit.get("/bylines")

    assert "at once" in free
    assert "at once" not in forced
    assert "until a second editor types the same two names" in forced


async def test_a_byline_is_switched_and_what_is_left_to_do_is_told() -> None:
    room = Room()
    room.bylines.answer = Switched(articles=(ID,), mentioned=(ID,))
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, page, _ = await visit.post("/bylines", {"name": " Mira  Holm ", "to": ""})
        room.bylines.answer = Switched(waits="It waits for a second person.")
        asked, _, _ = await visit.post("/bylines", {"name": "Mira Holm", "to": "M. H."})
        _, after, _ = await visit.get("/bylines")
        await visit.post("/bylines", {"name": ""})
        _, refused, _ = await visit.get("/bylines")

    assert (status, asked) == (200, 303)
    assert "1 story and 0 drafts are signed anew." in page
    assert f'href="/stories/{ID}"' in page
    assert room.bylines.asked == [("Mira Holm", "", 1), ("Mira Holm", "M. H.", 1)]
    assert "It waits for a second person." in after
    assert "Not done: which name?" in refused


@pytest.mark.parametrize("address", ["/names", "/bylines"])
async def test_who_only_writes_sees_no_list_of_names(address: str) -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base, Role.WRITER) as visit:
        status, _, _ = await visit.get(address)
        _, home, _ = await visit.get("/stories/new")

    assert status == 403
    assert address not in home


async def test_what_was_set_aside_is_told_with_its_reason() -> None:
    room = Room()
    room.set_asides.sources = (
        FromSource(
            source="site.example/feed",
            asked=datetime(2026, 10, 1, 5, 0, tzinfo=UTC),
            fault="answers 404",
            pieces=(("item <3>", "holds no text"),),
        ),
        FromSource(source="drop"),
    )
    async with opened(room) as (_, base), signed_in(room, base, Role.WRITER) as visit:
        _, page, _ = await visit.get("/set-aside")
        room.set_asides.sources = ()
        _, empty, _ = await visit.get("/set-aside")

    assert "site.example/feed" in page
    assert "answers 404" in page
    assert "item &lt;3&gt;</bdi>: holds no text" in page
    assert "Nothing was set aside." in page
    assert "the config names no source" in empty
