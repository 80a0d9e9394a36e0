"""What comes in by itself: a watched folder, and sources that are asked again and again."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from service.newsroom import Newsroom
from service.running.inbound import Inbound
from service.stories.dropped import Folder, set_aside
from service.stories.pulling import pull, pulled_of
from service.stories.settings import SourceSettings
from tests.kit.docx import docx, paragraph
from tests.kit.images import jpeg
from tests.kit.press_site import GHOST_KEY, Site, site
from tests.kit.unsigned import drafts, unsigned


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with unsigned(tmp_path / "room") as made:
        yield made


@pytest.fixture
async def paper() -> AsyncIterator[Site]:
    async with site() as made:
        yield made


def source(url: str, **more: object) -> SourceSettings:
    told = {"url": url, "allow_private": True, **more}
    return SourceSettings.model_validate(told)


def watched(tmp_path: Path, files: dict[str, bytes]) -> Folder:
    place = tmp_path / "in"
    place.mkdir()
    for name, body in files.items():
        (place / name).write_bytes(body)
    return Folder(place=place)


async def test_a_dropped_text_becomes_a_draft_once_it_is_whole(
    room: Newsroom, tmp_path: Path
) -> None:
    whole = docx(paragraph("The whole text."))
    folder = watched(tmp_path, {"story.docx": whole[:200]})

    looks = [await folder.look(room)]
    (folder.place / "story.docx").write_bytes(whole)
    looks += [await folder.look(room), await folder.look(room), await folder.look(room)]

    assert looks == [0, 0, 1, 0]
    assert [one.html for one in await drafts(room)] == ["<p>The whole text.</p>"]
    assert [one.name for one in (folder.place / "taken").iterdir()] == ["story.docx"]


async def test_every_kind_is_taken_and_a_text_finds_its_picture(
    room: Newsroom, tmp_path: Path
) -> None:
    entries = [{"id": word, "content_html": f"<p>{word}.</p>"} for word in ("Fed", "Two")]
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": entries}
    ghost = {"data": {"posts": [{"uuid": "u", "title": "Ghostly", "html": "<p>Boo.</p>"}]}}
    files = {
        "a.md": b"# Marked\n\nText. ![boat](boat.jpg)",
        "boat.jpg": jpeg(1),
        "b.html": b"<title>Page</title><p>Paged.</p>",
        "c.json": json.dumps(feed).encode(),
        "d.json": json.dumps(ghost).encode(),
        ".hidden.md": b"no",
        "e.docx.part": b"no",
    }
    folder = watched(tmp_path, files)

    await folder.look(room)
    taken = await folder.look(room)

    found = await drafts(room)
    assert taken == 4
    assert {one.title for one in found} == {"Marked", "Page", "Fed.", "Two.", "Ghostly"}
    assert [len(one.pictures) for one in found if one.title == "Marked"] == [1]
    assert {one.name for one in folder.place.iterdir()} == {
        "boat.jpg", ".hidden.md", "e.docx.part", "taken"}  # fmt: skip


async def test_what_cannot_be_taken_lies_aside_with_the_reason(
    room: Newsroom, tmp_path: Path
) -> None:
    folder = watched(tmp_path, {"a.pdf": b"%PDF-1.7", "b.xyz": b"?", "c.docx": b"x", "d.md": b""})

    await folder.look(room)
    taken = await folder.look(room)

    told = dict(set_aside(folder.place))
    assert (taken, await drafts(room)) == (0, [])
    assert told.keys() == {"a.pdf", "b.xyz", "c.docx", "d.md"}
    assert "is a PDF" in told["a.pdf"]
    assert "no text that is known" in told["b.xyz"]


async def test_the_same_name_again_is_the_same_story(room: Newsroom, tmp_path: Path) -> None:
    folder = watched(tmp_path, {"a.md": b"First."})
    await folder.look(room)
    await folder.look(room)
    (folder.place / "a.md").write_bytes(b"Second.")
    await folder.look(room)
    await folder.look(room)

    assert [one.html.strip() for one in await drafts(room)] == ["<p>Second.</p>"]
    assert {one.name for one in (folder.place / "taken").iterdir()} == {"a.md", "a (2).md"}


async def test_a_link_out_of_the_folder_is_not_followed(room: Newsroom, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("A secret.")
    folder = watched(tmp_path, {})
    (folder.place / "a.md").symlink_to(tmp_path / "secret.md")

    await folder.look(room)
    await folder.look(room)

    assert await drafts(room) == []


async def test_a_source_is_asked_for_what_changed_only(room: Newsroom, paper: Site) -> None:
    paper.picture("/boat.jpg")
    one = ("one", '<p>Told.</p><img src="/boat.jpg">')
    asked = source(paper.feed(one))

    _, first = await pull(room, asked)
    _, again = await pull(room, asked)
    paper.feed(one, ("two", "<p>More.</p>"))
    found, more = await pull(room, asked)

    assert (first, again, more) == (1, 0, 1)
    assert paper.asked.count("/boat.jpg") == 1
    assert found.seen.etag
    assert {len(one.pictures) for one in await drafts(room)} == {0, 1}


async def test_a_source_that_fails_is_noted_and_comes_back(room: Newsroom, paper: Site) -> None:
    asked = source(paper.feed(("one", "<p>Told.</p>")))
    paper.status = 503

    first, _ = await pull(room, asked)
    second, _ = await pull(room, asked)
    paper.status = 200
    third, count = await pull(room, asked)

    assert (first.failures, second.failures, third.failures, count) == (1, 2, 0, 1)
    assert "answers 503" in second.reason
    assert await pulled_of(room.ledgers.facts, room.salt, asked) == third


async def test_what_was_set_aside_is_told_and_asked_for_again(room: Newsroom, paper: Site) -> None:
    asked = source(paper.feed(("one", "<p>Told.</p>"), ("one", "<p>Twice.</p>")))

    found, _ = await pull(room, asked)

    assert found.aside == (("entry 2", "has the same id as an entry before it"),)
    assert found.seen.etag == ""


async def test_sites_are_asked_for_their_newest(room: Newsroom, paper: Site) -> None:
    paper.posts = [
        {"uuid": f"u{n}", "guid": {"rendered": f"g{n}"}, "title": "x", "html": f"<p>{n}</p>"}
        for n in range(3)
    ]
    (room.folder / "key").write_text(f"{GHOST_KEY}\n")

    _, ghosts = await pull(room, source(paper.address, kind="ghost", key="key"))
    lacking, _ = await pull(room, source(paper.address, kind="ghost", key="none"))

    assert ghosts == 1
    assert "cannot be read" in lacking.reason


async def test_without_leave_nothing_private_is_asked(room: Newsroom, paper: Site) -> None:
    found, _ = await pull(room, source(paper.feed(("one", "x")), allow_private=False))

    assert "private network" in found.reason
    assert paper.asked == []


@dataclass
class Heard:
    """Who was told."""

    drafts: asyncio.Event = field(default_factory=asyncio.Event)
    out: asyncio.Event = field(default_factory=asyncio.Event)


async def test_it_all_runs_by_itself(tmp_path: Path, paper: Site) -> None:
    place = paper.feed(("one", "<p>Told.</p>"))
    config = (
        f'[import]\nfolder = "in"\nlook_seconds = 1\n[[source]]\nurl = "{place}"\nevery = 1\n'
        "release = true\nallow_private = true\n"
    )
    heard = Heard()
    (tmp_path / "room" / "in").mkdir(parents=True)
    (tmp_path / "room" / "in" / "a.md").write_text("Dropped.")
    async with unsigned(tmp_path / "room", config) as room, asyncio.timeout(120):
        inbound = Inbound(room=room, told=heard.drafts.set, out=heard.out.set)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(inbound.run())
            await heard.out.wait()
            heard.drafts.clear()
            paper.feed(("two", "<p>More.</p>"))
            await heard.drafts.wait()
            running.cancel()
        texts = await room.ledgers.articles.texts()

    assert texts
