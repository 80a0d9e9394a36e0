"""Pictures of drafts under a key: nowhere open until they are released, and never lost."""

import json
import shutil
from pathlib import Path

import pytest

from service.closing import CLOSED
from service.config import FILE
from service.sweeping import sweep
from service.wiring import opened
from tamizdat.closing import Drawer
from tamizdat.digest import Digest
from tamizdat.story import Story
from tests.kit.backups import MIRRORS, Town, town
from tests.kit.images import jpeg
from tests.kit.newsdesk import Office, address, office, written
from tests.kit.seeker import hits, tree

PASTED = f'<p>Told.</p><img src="{address(jpeg(11))}" alt="A quay">'


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A newsroom without a key."""
    async with office(tmp_path / "room") as made:
        return made.room.folder


def give_key(folder: Path, phrase: str = "six random words of a newsroom") -> None:
    (folder / "passphrase").write_text(f"{phrase}\n")
    config = (folder / FILE).read_text()
    (folder / FILE).write_text(f'{config}\n[desk]\nsealed = "passphrase"\n')


def sha256(story: Story) -> Digest:
    return Digest(story.pictures[0].partition(".")[0])


async def given(house: Office, story: Story) -> bytes:
    found = await house.desk.picture(sha256(story))
    assert found
    return found[0]


def open_at(folder: Path, body: bytes) -> list[str]:
    """Where the bytes of a picture lie open below a newsroom's folder."""
    return hits(tree(folder), [body])


async def test_a_picture_lies_closed_until_its_story_is_released(folder: Path) -> None:
    give_key(folder)
    async with opened(folder) as room:
        house = Office(room)
        draft = await house.desk.save(None, written(PASTED))
        body = await given(house, draft)
        named = [name for name in tree(folder) if sha256(draft) in name]
        before = open_at(folder, body)
        await sweep(room)
        kept = await given(house, draft)
        story = await house.desk.release(draft.card.id)
        await house.publish()
        await sweep(room)

        assert (named, before, kept) == ([], [], body)
        assert len(house.pages(story.path)) == len(MIRRORS)
        lying = {where.split("/")[0] for where in open_at(folder, body)}
        assert lying == {"mirrors", "state"}
        assert [path for path in (folder / "state" / "drafts").rglob("*") if path.is_file()] == []


async def test_the_second_draft_of_what_is_out_keeps_the_picture(folder: Path) -> None:
    give_key(folder)
    async with opened(folder) as room:
        house = Office(room)
        out = await house.out(written(PASTED))
        body = await given(house, out)
        await house.publish()
        again = await house.desk.save(out.card.id, written(out.html.replace("Told", "Said")))
        await sweep(room)
        withdrawn = await house.desk.withdraw(out.card.id, 1)
        await house.publish()
        await sweep(room)

        assert again.pictures == out.pictures
        assert withdrawn is None
        assert open_at(folder / "state", body) == []


async def test_what_lay_open_before_there_was_a_key_is_closed(folder: Path) -> None:
    async with opened(folder) as room:
        house = Office(room)
        draft = await house.desk.save(None, written(PASTED))
        body = await given(house, draft)
    before = open_at(folder, body)
    give_key(folder)
    async with opened(folder) as room:
        await sweep(room)
        after = open_at(folder, body)
        house = Office(room)
        story = await house.desk.story(draft.card.id)
        assert story
        assert await given(house, story) == body

    assert (bool(before), after) == (True, [])


async def test_pictures_of_drafts_that_were_closed_by_an_older_program_are_closed(
    folder: Path,
) -> None:
    give_key(folder)
    async with opened(folder) as room:
        house = Office(room)
        draft = await house.desk.save(None, written(PASTED))
        body = await given(house, draft)
        room.blobs.write(body)  # as it did
        shutil.rmtree(folder / "state" / "drafts")
        await room.ledgers.facts.set(CLOSED, "")
    async with opened(folder) as room:
        await sweep(room)

        lying = open_at(folder, body)
        house = Office(room)
        story = await house.desk.story(draft.card.id)
        assert story
        assert (await given(house, story), lying) == (body, [])


async def test_without_the_key_nothing_is_given_out_and_nothing_lost(folder: Path) -> None:
    give_key(folder)
    async with opened(folder) as room:
        draft = await Office(room).desk.save(None, written(PASTED))
    config = (folder / FILE).read_text()
    (folder / FILE).write_text(config.replace('sealed = "passphrase"\n', ""))
    async with opened(folder) as room:
        missing = room.blobs.has(sha256(draft))
        assert isinstance(room.blobs, Drawer)
        room.blobs.keep_closed([])
    (folder / FILE).write_text(config)
    async with opened(folder) as room:
        here = room.blobs.has(sha256(draft))

    assert (missing, here) == (False, True)


def test_a_backup_brings_them_back(tmp_path: Path) -> None:
    made = town(tmp_path)
    give_key(made.room)
    drafted(made)
    made.write("crane", "The crane flew.")
    assert made.press.published() == 1
    made.backup()
    phrase = (made.room / "passphrase").read_text()
    made.lost()
    restored = made.restore()
    (made.room / "passphrase").write_text(phrase)
    released = made.press.run("draft", "release", "--all", "--json")
    edition = made.press.published()

    assert (restored.code, released.code, edition) == (0, 0, 2), (restored, released)
    assert made.verified()["edition"] == 2
    assert len([*made.mirror().rglob("*.jpg")]) == 1


def drafted(made: Town) -> None:
    """A draft with a picture."""
    sources = made.top / "drafts"
    sources.mkdir()
    (sources / "boat.jpg").write_bytes(jpeg(7))
    text = (
        "---\nid: swift\ntitle: The swift\nlanguage: en\n---\n\nIt came.\n\n![A boat](boat.jpg)\n"
    )
    (sources / "swift.md").write_text(text)
    taken = made.press.run("import", "folder", sources, "--json")
    assert taken.code == 0, taken
    assert json.loads(taken.out)["ids"]
