"""Pictures of drafts under a key: nowhere open until they are released, and never lost."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from service.closing import CLOSED
from service.config import FILE
from service.newsroom import Newsroom
from service.stories.correcting import Change, correct_in
from service.stories.drafting import release_drafts
from service.sweeping import sweep
from service.wiring import opened
from store.blobs import FolderBlobs
from store.closed_pictures import ClosedPictures
from tamizdat.closing import Drawer
from tamizdat.digest import Digest
from tamizdat.story import Story
from tests.kit.backups import MIRRORS, Town, town
from tests.kit.images import jpeg
from tests.kit.newsdesk import Office, address, office, written
from tests.kit.program import Answer, inside
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


async def found_again(room: Newsroom, draft: Story) -> bytes:
    """The picture of a draft, after another start."""
    house = Office(room)
    story = await house.desk.story(draft.card.id)
    assert story
    return await given(house, story)


def lies_open(folder: Path, story: Story) -> bool:
    """Whether a picture lies by its hash among the blobs, for who has no key."""
    return FolderBlobs(folder / "state" / "blobs").has(sha256(story))


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
        released = lies_open(folder, story)
        await sweep(room)
        await house.publish()
        await sweep(room)

        assert (named, before, kept) == ([], [], body)
        assert (released, lies_open(folder, story)) == (True, True)
        assert len(house.pages(story.path)) == len(MIRRORS)
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


async def test_a_draft_keeps_its_picture_once_what_was_out_with_it_is_withdrawn(
    folder: Path,
) -> None:
    give_key(folder)
    async with opened(folder) as room:
        house = Office(room)
        out = await house.out(written(PASTED))
        body = await given(house, out)
        await house.publish()
        other = await house.desk.save(None, written(PASTED, "Another"))
        await house.desk.withdraw(out.card.id, 1)
        await house.publish()
        await sweep(room)

        assert other.pictures == out.pictures
        assert open_at(folder / "state", body) == []
        assert await given(house, other) == body


async def test_what_lies_closed_though_it_is_out_is_laid_open(folder: Path) -> None:
    give_key(folder)
    async with opened(folder) as room:
        house = Office(room)
        out = await house.out(written(PASTED))
        await house.publish()
        body = await given(house, out)
        assert isinstance(room.blobs, Drawer)
        room.blobs.keep_only(one for one in await names(room) if one != sha256(out))
        lost = room.blobs.has(sha256(out))
        room.blobs.write_closed(body)
        await sweep(room)

        assert (lost, lies_open(folder, out)) == (False, True)


async def names(room: Newsroom) -> list[Digest]:
    """All blobs that lie there."""
    blobs = room.folder / "state" / "blobs"
    return [Digest(path.name) for path in blobs.rglob("*") if path.is_file()]


async def test_a_correction_from_a_file_that_waits_keeps_its_picture_closed(folder: Path) -> None:
    give_key(folder)
    async with opened(folder) as room:
        out = await Office(room).out(written("<p>Told.</p>"))
    config = (folder / FILE).read_text()
    (folder / FILE).write_text(f"{config}approvals = 1\n")
    (folder.parent / "boat.jpg").write_bytes(jpeg(7))
    file = folder.parent / "new.md"
    file.write_text("---\ntitle: The ferry\n---\n\nSaid.\n\n![A boat](boat.jpg)\n")
    async with opened(folder) as room:
        change = Change(file=file, title=None, replace=(), reason="More")
        made = await correct_in(room, out.card.id, change)

        assert room.blobs.has(made.pictures[0].sha256)
        assert not FolderBlobs(folder / "state" / "blobs").has(made.pictures[0].sha256)


@pytest.mark.parametrize("damage", ["missing", "altered"])
async def test_a_damaged_draft_keeps_nobody_out_and_stops_no_sweep(
    folder: Path, damage: str
) -> None:
    async with opened(folder) as room:
        house = Office(room)
        whole = await house.desk.save(None, written(PASTED))
        body = await given(house, whole)
        draft = await house.desk.save(None, written("<p>Lost.</p>", "Another"))
        text = await room.ledgers.drafts.get(draft.card.id)
        assert text
        file = folder / "state" / "blobs" / text[:2] / text
        file.unlink() if damage == "missing" else file.write_bytes(b"x" * file.stat().st_size)
    give_key(folder)
    async with opened(folder) as room:
        await sweep(room)
        assert await found_again(room, whole) == body


async def test_laying_open_many_reads_the_folder_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[None] = []
    look = ClosedPictures._look

    def counted(self: ClosedPictures) -> dict[bytes, Digest]:
        looks.append(None)
        return look(self)

    give_key(folder)
    async with opened(folder) as room:
        house = Office(room)
        bodies = [address(jpeg(seed)) for seed in range(5)]
        for number, picture in enumerate(bodies):
            html = f'<p>Told.</p><img src="{picture}" alt="A quay">'
            await house.desk.save(None, written(html, f"Story {number}"))
        with monkeypatch.context() as patch:
            patch.setattr(ClosedPictures, "_look", counted)
            await release_drafts(room, None)

    assert len(looks) <= 1


async def test_importing_the_same_again_closes_nothing_that_is_out(folder: Path) -> None:
    give_key(folder)
    drafts = folder.parent / "drafts"
    swift(drafts)
    first = await say(folder, "import", "folder", drafts, "--release")
    again = await say(folder, "import", "folder", drafts)

    assert (first.code, again.code) == (0, 0)
    assert not (folder / "state" / "drafts").exists()


async def test_the_proof_of_a_withdrawal_looks_at_what_lies_closed(folder: Path) -> None:
    give_key(folder)
    async with opened(folder) as room:
        house = Office(room)
        out = await house.out(written(PASTED))
        await house.publish()
        body = await given(house, out)
        assert isinstance(room.blobs, Drawer)
        await house.desk.withdraw(out.card.id, 1)
        await house.publish()
        room.blobs.keep_only(one for one in await names(room) if one != sha256(out))
        room.blobs.write_closed(body)
    found = await say(folder, "withdrawn", "check", out.card.id, "--json")
    async with opened(folder) as room:
        await sweep(room)
    after = await say(folder, "withdrawn", "check", out.card.id, "--json")

    assert [bool(stands(one)) for one in (found, after)] == [True, False]


def stands(told: Answer) -> list[str]:
    """What the proof found among what lies closed."""
    (ours,) = [one for one in told.json["places"] if one["place"] == "here: state/drafts"]
    found: list[str] = ours["stands"]
    return found


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
        assert await found_again(room, draft) == body

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
        assert (await found_again(room, draft), lying) == (body, [])


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
    swift(made.top / "drafts")
    taken = made.press.run("import", "folder", made.top / "drafts", "--json")
    assert taken.code == 0, taken
    assert json.loads(taken.out)["ids"]


def swift(sources: Path) -> None:
    """A folder with one text and its picture."""
    sources.mkdir()
    (sources / "boat.jpg").write_bytes(jpeg(7))
    text = (
        "---\nid: swift\ntitle: The swift\nlanguage: en\n---\n\nIt came.\n\n![A boat](boat.jpg)\n"
    )
    (sources / "swift.md").write_text(text)


async def say(folder: Path, *words: str | Path) -> Answer:
    return await asyncio.to_thread(inside, "-C", folder, *words)
