"""Publishing from an old backup: above what readers have seen, and nothing withdrawn comes back."""

import asyncio
import shutil
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from service.backup.catching_up import catch_up
from service.backup.restored import RESTORED
from service.wiring import opened
from tamizdat.errors import LedgerError
from tamizdat.wire import Manifest, Pointer, Withdrawn
from tests.kit.backups import MIRRORS, Town, copied, town
from tests.kit.images import jpeg
from tests.kit.program import Answer
from tests.kit.seeker import hits, needles, tree

SECRET = "The heron named its source."
LATER = "The swift came after the backup."
NOW_GONE = "The stork was never in the backup."


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Edition 1 is out and backed up."""
    made = town(tmp_path_factory.mktemp("backed-up"))
    made.write("heron", SECRET)
    made.write("crane", "The crane flew.")
    made.press.published()
    made.backup()
    assert made.verified()["edition"] == 1
    return made


@pytest.fixture(scope="module")
def gone_on(backed_up: Town, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Two more editions, and two withdrawals: one of an article that no backup has."""
    made = copied(backed_up, tmp_path_factory.mktemp("gone-on"))
    (made.top / "sources" / "boat.jpg").write_bytes(jpeg(7))
    made.write("swift", f"{LATER}\n\n![A boat](boat.jpg)")
    made.press.published()
    made.write("stork", NOW_GONE, language="sv")
    made.press.published()
    made.press.run("article", "withdraw", made.ids["stork"])
    made.press.run("article", "withdraw", made.ids["heron"])
    for name in MIRRORS:
        assert made.verified(name)["edition"] == 5
    return made


@pytest.fixture
def place(backed_up: Town, tmp_path: Path) -> Town:
    return copied(backed_up, tmp_path)


@pytest.fixture
def late(gone_on: Town, tmp_path: Path) -> Town:
    return copied(gone_on, tmp_path)


def restored(place: Town) -> None:
    place.lost()
    assert place.restore().code == 0


def publish(place: Town, *words: str) -> Answer:
    return place.press.run("publish", "--json", *words)


def pointer(place: Town, name: str = "amber") -> Pointer:
    return Pointer.parse((place.mirror(name) / "latest.json").read_bytes(), "latest.json")


def manifest(place: Town, edition: int) -> Manifest:
    body = (place.mirror() / f"e/{edition}/manifest.json").read_bytes()
    return Manifest.parse(body, "manifest.json")


def test_the_next_edition_is_above_all_that_readers_have_seen(late: Town) -> None:
    swift, stork, heron = (late.ids[one] for one in ("swift", "stork", "heron"))
    before = pointer(late)
    restored(late)

    told = publish(late).json

    assert told["restored"]["adopted"] == [2, 3, 4, 5]
    assert sorted(told["restored"]["withdrawn"]) == sorted([stork, heron])
    assert told["restored"]["unknown"] == [f"en/2026/{swift}.html"]
    assert (told["edition"], told["refusals"]) == (6, [])
    assert manifest(late, 6).prev is not None
    assert pointer(late).version > before.version
    assert pointer(late).withdrawn.version >= before.withdrawn.version
    for name in MIRRORS:
        read = late.verified(name)
        assert (read["authentic"], read["fresh"], read["edition"]) == (True, True, 6)


def test_what_was_withdrawn_stays_withdrawn_everywhere(late: Town) -> None:
    stork, heron = late.ids["stork"], late.ids["heron"]
    restored(late)
    wanted = needles(SECRET, NOW_GONE)
    in_the_backup = hits(tree(late.room), wanted)

    publish(late)
    again = late.press.run("import", "folder", late.top / "sources", "--release", "--json").json
    publish(late)

    assert in_the_backup
    assert hits(tree(late.room), wanted) == []
    for name in MIRRORS:
        mirror = late.mirror(name)
        listed = Withdrawn.parse((mirror / "withdrawn.json").read_bytes(), "withdrawn.json")
        assert {one.id for one in listed.articles} == {stork, heron}
        assert hits(tree(mirror), wanted) == []
        for page in (f"en/2026/{heron}.html", f"sv/2026/{stork}.html"):
            language = page.partition("/")[0]
            notice = (mirror / language / "withdrawn.html").read_bytes()
            assert (mirror / page).read_bytes() == notice
        assert late.verified(name)["authentic"] is True
    assert again["withdrawn"] == 2


def test_what_is_not_in_the_backup_is_kept_to_be_brought_in_again(late: Town) -> None:
    swift = late.ids["swift"]
    restored(late)

    told = publish(late).json
    kept = Path(told["restored"]["kept"])
    gone = hits(tree(late.mirror()), needles(LATER))
    taken = late.press.run("import", "html", kept, "--release", "--json").json
    publish(late)

    assert kept == late.room / "state" / "recovered"
    assert sorted(path.suffix for path in kept.rglob("*.*")) == [".html", ".jpg"]
    assert (kept / f"en/2026/{swift}.html").exists()
    assert gone == []
    assert (taken["new"], taken["set_aside"]) == (1, [])
    assert hits(tree(late.mirror()), needles(LATER))
    assert [*late.mirror().glob("o/*/*.jpg")]


def test_a_correction_made_since_is_not_undone(place: Town) -> None:
    heron = place.ids["heron"]
    page = place.mirror() / f"en/2026/{heron}.html"
    change = ("--replace", f"{SECRET}=The heron said nothing.")
    place.press.run("article", "correct", heron, *change, "--reason", "Wrong")
    place.press.published()
    restored(place)

    held = publish(place)
    held_again = place.press.run("publish")
    still = page.read_bytes()
    corrected = place.press.run("article", "correct", heron, *change)
    done = publish(place)

    assert (held.code, held.json["edition"]) == (1, None)
    assert held.json["restored"]["older"] == [f"en/2026/{heron}.html"]
    assert held_again.code == 1
    assert "correct them again" in held_again.err
    assert len(held_again.err.strip().splitlines()) == 1
    assert b"The heron said nothing." in still
    assert corrected.code == 0
    assert (done.code, done.json["edition"]) == (0, 3)
    assert SECRET.encode() not in still + page.read_bytes()
    assert place.verified()["edition"] == 3


def test_a_correction_that_may_go_back_goes_back_blindly(place: Town) -> None:
    heron = place.ids["heron"]
    place.press.run("article", "correct", heron, "--title", "Another title")
    place.press.published()
    restored(place)

    assert publish(place).code == 1
    blind = publish(place, "--blind")

    assert (blind.code, blind.json["edition"]) == (0, 3)
    assert place.verified()["edition"] == 3


def test_where_no_mirror_tells_nothing_is_published(late: Town) -> None:
    shutil.move(late.top / "mirrors", late.top / "elsewhere")
    restored(late)

    refused = publish(late)
    withdrawing = late.press.run("article", "withdraw", late.write("crow", "A crow."))
    (late.top / "mirrors").mkdir()
    shutil.rmtree(late.top / "mirrors")
    shutil.move(late.top / "elsewhere", late.top / "mirrors")
    told = publish(late).json

    assert (refused.code, refused.out) == (1, "")
    assert len(refused.err.strip().splitlines()) == 1
    assert "--blind" in refused.err
    assert withdrawing.code == 1
    assert told["edition"] == 6


def test_blindly_it_goes_on_from_what_it_knows(late: Town) -> None:
    shutil.rmtree(late.top / "mirrors")
    restored(late)

    told = publish(late, "--blind").json

    assert (told["edition"], told["refusals"]) == (1, [])
    assert [one["mirror"] for one in told["restored"]["silent"]] == list(MIRRORS)


def test_a_mirror_that_did_not_tell_is_looked_at_when_it_is_back(late: Town) -> None:
    late.mirror("cedar").rename(late.top / "cedar")
    restored(late)

    told = publish(late).json
    shutil.rmtree(late.mirror("cedar"))
    (late.top / "cedar").rename(late.mirror("cedar"))
    back = publish(late).json

    assert [one["mirror"] for one in told["restored"]["silent"]] == ["cedar"]
    assert (back["edition"], back["refusals"]) == (6, [])
    assert late.verified("cedar")["edition"] == 6
    assert hits(tree(late.mirror("cedar")), needles(SECRET, NOW_GONE, LATER)) == []


def test_mirrors_that_are_behind_are_caught_up_too(late: Town, backed_up: Town) -> None:
    shutil.rmtree(late.mirror("birch"))
    shutil.copytree(backed_up.mirror("birch"), late.mirror("birch"))
    restored(late)

    told = publish(late).json

    assert (told["edition"], told["refusals"]) == (6, [])
    for name in MIRRORS:
        assert late.verified(name)["edition"] == 6


def test_a_backup_from_before_the_oldest_manifest_connects_all_the_same(late: Town) -> None:
    restored(late)
    publish(late)

    assert manifest(late, 6).oldest == 1
    assert [n for n in range(1, 7) if (late.mirror() / f"e/{n}/manifest.json").exists()] == [
        1, 2, 3, 4, 5, 6,
    ]  # fmt: skip


def test_another_history_under_our_keys_is_refused(place: Town) -> None:
    place.write("swift", LATER)
    place.press.published()
    place.lost()
    place.restore()
    shutil.copytree(place.top / "mirrors", place.top / "kept")
    shutil.rmtree(place.top / "mirrors")
    assert publish(place, "--blind").json["edition"] == 1
    place.write("stork", "Another second edition.")
    assert publish(place).json["edition"] == 2
    place.backup("second")
    shutil.rmtree(place.top / "mirrors")
    (place.top / "kept").rename(place.top / "mirrors")
    place.lost()
    place.restore("second")

    refused = publish(place)
    blind = publish(place, "--blind")

    assert (refused.code, refused.out) == (1, "")
    assert "were they stolen" in refused.err
    assert len(refused.err.strip().splitlines()) == 1
    assert blind.json["edition"] == 2


def test_a_restored_backup_of_nothing_published_asks_too(tmp_path: Path) -> None:
    made = town(tmp_path)
    made.write("heron", SECRET)
    made.backup()
    made.press.published()
    assert made.verified()["edition"] == 1
    restored(made)

    told = publish(made).json

    assert told["restored"]["adopted"] == [1]
    assert (told["edition"], told["refusals"]) == (2, [])
    assert made.verified()["edition"] == 2


@dataclass
class Pulled:
    """A part of the ledger whose plug is pulled at one of all writes."""

    part: Any
    left: list[int]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.part, name)
        if name not in WRITES:
            return found

        async def write(*values: Any, **named: Any) -> None:
            self.left[0] -= 1
            if self.left[0] == 0:
                raise LedgerError("the plug was pulled")
            await found(*values, **named)

        return write


WRITES = {
    "adopt", "bury", "commit_overlay", "commit_pointer", "commit_withdrawals", "drop", "set",
    "set_lying", "set_placed", "withdraw",
}  # fmt: skip


async def caught_up(folder: Path, writes: int) -> bool:
    """Catch up until the plug is pulled; whether it was."""
    left = [writes]
    async with opened(folder) as room:
        whole = room.ledgers
        parts = ("articles", "drafts", "editions", "facts", "pool")
        pulled = {part: Pulled(getattr(whole, part), left) for part in parts}
        try:
            await catch_up(replace(room, ledgers=replace(whole, **pulled)))
        except LedgerError as error:
            return str(error) == "the plug was pulled"
    return False


def test_wherever_it_breaks_off_it_begins_anew(
    late: Town, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shutil.rmtree(late.room)
    late.restore()
    broken = 0

    while True:
        each = copied(late, tmp_path_factory.mktemp("broken"))
        if not asyncio.run(caught_up(each.room, broken + 1)):
            break
        broken += 1
        told = publish(each).json
        assert (told["edition"], told["refusals"]) == (6, []), broken
        assert told["restored"]["unknown"] == [f"en/2026/{each.ids['swift']}.html"]
        assert each.verified("birch")["edition"] == 6
        assert hits(tree(each.mirror()), needles(SECRET, NOW_GONE)) == []

    assert broken >= 15


def fact(place: Town) -> str:
    with sqlite3.connect(place.room / "state" / "ledger.db") as connection:
        query = "SELECT value FROM fact WHERE name = ?"
        (found,) = connection.execute(query, (RESTORED,)).fetchone()
    connection.close()
    return str(found)


def test_the_question_is_asked_until_it_is_answered(place: Town) -> None:
    restored(place)

    before = fact(place)
    publish(place)

    assert before.startswith("asking ")
    assert fact(place) == ""
