"""The byline switch: a name is gone from every byte of every mirror, archives opened."""

import asyncio
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Literal

import pytest

from feeds.incoming import Incoming
from service.founding import MIRRORS
from service.pipeline import publish
from service.stories.bylines import switch
from service.stories.importing import bring_in
from service.sweeping import sweep
from tamizdat.article import ArticleId
from tamizdat.errors import ConfigError
from tests.kit.newsdesk import Office, office, written

NAME = "Wilhelmina Quast"
TEXT = replace(written("<p>It sailed.</p>"), authors=("Oto Lind", NAME))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path / "room") as made:
        yield made


def bearing(folder: Path, name: str) -> list[str]:
    """Files below `folder` in which the name stands, in themselves or in what they pack."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [
        str(path.relative_to(folder))
        for path in files
        if any(name.encode() in body for body in opened_whole(path.read_bytes()))
    ]


def opened_whole(body: bytes) -> list[bytes]:
    """A file, and what it packs."""
    if not zipfile.is_zipfile(BytesIO(body)):
        return [body]
    with zipfile.ZipFile(BytesIO(body)) as archive:
        return [body, *(archive.read(name) for name in archive.namelist())]


async def test_a_removed_name_is_in_no_byte_of_any_mirror(house: Office) -> None:
    out = await house.out(TEXT)
    await house.out(replace(TEXT, title="Another", authors=(NAME,)))
    other = await house.out(replace(TEXT, title="A third", authors=("Oto Lind",)))
    draft = await house.desk.save(None, replace(TEXT, title="Not yet"))
    await house.publish()
    mirrors = house.room.folder / "mirrors"
    before = bearing(mirrors, NAME)

    done = await house.desk.switch(f"  {NAME.upper()} ")
    await house.publish()
    await publish(house.room)
    after = bearing(mirrors, NAME)
    await sweep(house.room)

    assert {path.split("/")[0] for path in before} == set(MIRRORS)
    assert any(path.endswith(".zip") for path in before)
    assert after == []
    assert bearing(house.room.folder, NAME) == []
    assert len(done.articles) == 2
    assert other.card.id not in done.articles
    assert done.drafts == (draft.card.id,)
    assert done.mentioned == ()
    story = await house.desk.story(out.card.id)
    assert story
    assert (story.authors, story.card.revision) == (("Oto Lind",), 2)
    assert len(bearing(mirrors, "Oto Lind")) > len(MIRRORS)


async def test_a_renamed_author_signs_with_the_other_name(house: Office) -> None:
    out = await house.out(replace(TEXT, authors=(NAME, "A. Grey")))
    await house.publish()

    await switch(house.room, NAME, "A. Grey")
    await house.publish()
    await publish(house.room)

    story = await house.desk.story(out.card.id)
    assert story
    assert story.authors == ("A. Grey",)
    assert bearing(house.room.folder / "mirrors", NAME) == []


async def test_no_source_and_no_editor_brings_it_back(house: Office) -> None:
    source = [
        Incoming(kind="test", key="1", title="The ferry", html="<p>One.</p>", authors=(NAME,))
    ]
    await bring_in(house.room, source, release=True)
    await switch(house.room, NAME)

    changed = [replace(source[0], html="<p>Two.</p>")]
    await bring_in(house.room, changed, release=True)
    typed = await house.desk.save(None, TEXT)
    await house.desk.release(typed.card.id)
    await house.publish()

    assert bearing(house.room.folder / "mirrors", NAME) == []


class Watched(asyncio.Lock):
    """A lock; `asked` counts who came to it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Semaphore(0)

    async def acquire(self) -> Literal[True]:
        self.asked.release()
        return await super().acquire()


async def test_what_is_saved_while_a_switch_waits_bears_no_name(house: Office) -> None:
    lock = Watched()
    desk = Office(replace(house.room, writing=lock)).desk

    async with asyncio.timeout(30), asyncio.TaskGroup() as group, lock:  # an import is under way
        await lock.asked.acquire()
        group.create_task(desk.switch(NAME))
        await lock.asked.acquire()
        saving = group.create_task(desk.save(None, TEXT))
        await lock.asked.acquire()

    assert saving.result().authors == ("Oto Lind",)


async def test_words_that_speak_the_name_are_named_and_left_to_an_editor(house: Office) -> None:
    spoken = replace(TEXT, text=f"<p>Said {NAME}.</p>", authors=())
    out = await house.out(spoken)

    done = await house.desk.switch(NAME)

    assert (done.articles, done.mentioned) == ((), (out.card.id,))


async def test_a_name_is_switched_once_and_again_without_harm(house: Office) -> None:
    out = await house.out(TEXT)

    first = await house.desk.switch(NAME)
    again = await house.desk.switch(NAME)

    assert first.articles == (ArticleId(out.card.id),)
    assert again.articles == ()


@pytest.mark.parametrize(("name", "to"), [("", ""), ("Oto", " oto "), ("x" * 201, "")])
async def test_what_is_no_switch_is_refused(name: str, to: str, house: Office) -> None:
    with pytest.raises(ConfigError):
        await house.desk.switch(name, to)
