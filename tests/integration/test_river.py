"""The river from end to end, as strangers see it: the real program, its words, its exit codes."""

import base64
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kit.export import Post, export
from tests.kit.images import jpeg
from tests.kit.program import Answer, Program
from tests.kit.web import served

OTHER_ROOT = "0" * 64
POSTS = (
    Post(
        number=1,
        title="The ferry stays in harbour",
        text="[caption width='9']<img src='https://heron.example/f.jpg'/>Boat[/caption]\n\n"
        "The ferry did not sail on Monday.\n\n[gallery ids='1,2']The captain was not asked.",
        category="Town",
        tags=("ferry",),
        excerpt="No ferry on Monday.",
    ),
    Post(number=2, title="Bread", text="Prices rose by a third.", author="oto", category="Markets"),
    Post(number=3, title="Bad one", text="", status="draft"),
    Post(number=4, title="About us", text="We write from abroad.", kind="page"),
)
HTML = (
    "<html lang=en><head><title>A bridge closes</title>"
    "<meta property='article:published_time' content='2026-09-01T10:00:00Z'></head>"
    "<body><article><h1>A bridge closes</h1><p>The bridge at Lund closes.</p></article></body>"
)
FEED = (
    "<rss version='2.0'><channel><title>Wire</title><language>en</language>"
    "<item><title>A wire report</title><guid>wire-1</guid>"
    "<pubDate>Tue, 01 Sep 2026 12:00:00 GMT</pubDate>"
    "<description>&lt;p&gt;Grain waits at the border.&lt;/p&gt;</description></item>"
    "</channel></rss>"
)
MARKDOWN = """---
id: own
title: Our own report
language: en
date: 2026-09-02
---
What we saw ourselves.

![A boat](boat.jpg)
"""


@dataclass(frozen=True)
class Room:
    """A newsroom after its first two editions, and what the program said on the way."""

    program: Program
    folder: Path
    root: str
    said: dict[str, Answer]
    editions: Path

    @property
    def mirror(self) -> Path:
        return self.folder / "mirrors" / "amber"

    def edition(self, number: int) -> Path:
        """A copy of the mirror as it was at that edition."""
        return self.editions / str(number)

    def own(self, *arguments: str | Path) -> Answer:
        """A verb in this newsroom."""
        return self.program.run("-C", self.folder, *arguments)

    def verify(self, copy: Path | str, *more: str | Path) -> Answer:
        """The verdict under the right root."""
        return self.program.run("verify", copy, "--root", self.root, *more)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    top = tmp_path_factory.mktemp("river")
    home, sources, folder = top / "home", top / "sources", top / "room"
    home.mkdir()
    (sources / "texts").mkdir(parents=True)
    (sources / "export.xml").write_bytes(export(*POSTS))
    (sources / "page.html").write_text(HTML)
    (sources / "wire.xml").write_text(FEED)
    (sources / "texts" / "own.md").write_text(MARKDOWN)
    (sources / "texts" / "boat.jpg").write_bytes(jpeg(3))
    program = Program(home)
    founded = program.run("init", folder, "--name", "The Heron", "--json")
    made = Room(program, folder, founded.json["root"], {"init": founded}, top / "editions")
    made.said["wxr"] = made.own("import", "wxr", sources / "export.xml", "--release", "--json")
    made.said["publish"] = made.own("publish", "--json")
    shutil.copytree(made.mirror, made.edition(1))
    for kind, name in (("html", "page.html"), ("feed", "wire.xml"), ("folder", "texts")):
        made.said[kind] = made.own("import", kind, sources / name, "--release", "--json")
    made.said["second"] = made.own("import", "wxr", sources / "export.xml", "--release", "--json")
    changed = export(Post(number=2, title="Bread", text="Prices rose by a half.", author="oto"))
    (sources / "changed.xml").write_bytes(changed)
    made.said["changed"] = made.own("import", "wxr", sources / "changed.xml", "--release", "--json")
    made.said["again"] = made.own("publish", "--json")
    shutil.copytree(made.mirror, made.edition(2))
    yield made
    shutil.rmtree(top)


def bundle(mirror: Path, suffix: str) -> list[Path]:
    return sorted((mirror / "b").glob(f"*.{suffix}"))


def test_init_tells_the_root_and_the_mirrors(room: Room) -> None:
    answer = room.said["init"]

    assert answer.code == 0
    assert len(room.root) == 64
    assert answer.json["mirrors"] == ["amber", "birch", "cedar"]


def test_an_export_comes_in_and_the_bad_item_is_set_aside(room: Room) -> None:
    answer = room.said["wxr"]

    assert answer.code == 0
    assert (answer.json["new"], answer.json["released"]) == (3, True)
    assert answer.json["set_aside"] == [{"label": 'item 3 "Bad one"', "reason": "draft"}]


def test_readers_see_bylines_and_sections_but_no_shortcodes(room: Room) -> None:
    pages = b"".join(path.read_bytes() for path in room.mirror.rglob("*.html"))

    assert b"Mira Solen" in pages
    assert b"Oto Brandl" in pages
    assert b"The captain was not asked." in pages
    assert b"[gallery" not in pages
    assert b"[caption" not in pages
    assert b"heron.example/f.jpg" not in pages


@pytest.mark.parametrize("kind", ["html", "feed", "folder"])
def test_other_sources_come_in(room: Room, kind: str) -> None:
    answer = room.said[kind]

    assert answer.code == 0
    assert answer.json["new"] == 1


def test_the_same_source_twice_changes_nothing(room: Room) -> None:
    answer = room.said["second"]

    assert (answer.json["new"], answer.json["revised"], answer.json["unchanged"]) == (0, 0, 3)


def test_a_changed_source_makes_a_revision(room: Room) -> None:
    answer = room.said["changed"]
    (article,) = answer.json["ids"]
    page = next(room.mirror.glob(f"en/2026/{article}.html")).read_text()

    assert answer.json["revised"] == 1
    assert "Prices rose by a half." in page


def test_publish_says_what_became_of_every_mirror(room: Room) -> None:
    answer = room.said["publish"]

    assert answer.code == 0
    assert answer.json["edition"] == 1
    assert [p["mirror"] for p in answer.json["placements"]] == ["amber", "birch", "cedar"]
    assert all(p["verified"] is True and "url" in p for p in answer.json["placements"])
    assert answer.json["refusals"] == []


def test_publishing_again_without_news_changes_nothing(tmp_path: Path, room: Room) -> None:
    folder = tmp_path / "twin"
    shutil.copytree(room.folder, folder)

    answer = room.program.run("-C", folder, "publish", "--json")

    assert answer.json["edition"] == 2
    assert {p["writes"] for p in answer.json["placements"]} == {0}


def test_a_draft_is_listed_shown_and_released(tmp_path: Path, room: Room) -> None:
    folder, text = tmp_path / "twin", tmp_path / "late.md"
    shutil.copytree(room.folder, folder)
    text.write_text("---\ntitle: Late\nlanguage: en\ndate: 2026-09-03\n---\nLate words.\n")
    own = ("-C", folder)

    (draft,) = room.program.run(*own, "draft", "add", text, "--json").json["ids"]
    listed = room.program.run(*own, "draft", "list", "--json").json
    shown = room.program.run(*own, "draft", "show", draft, "--json").json
    unreleased = room.program.run(*own, "publish", "--json").json["edition"]
    released = room.program.run(*own, "draft", "release", draft, "--json").json
    published = room.program.run(*own, "publish", "--json").json["edition"]

    assert [one["id"] for one in listed] == [draft]
    assert "Late words." in shown["html"]
    assert unreleased == 2
    assert released == {"released": [draft]}
    assert published == 3
    assert "Late words." in (folder / f"mirrors/birch/en/2026/{draft}.html").read_text()


def test_corrections_and_withdrawals_reach_readers(tmp_path: Path, room: Room) -> None:
    folder, text = tmp_path / "twin", tmp_path / "right.md"
    shutil.copytree(room.folder, folder)
    text.write_text("# Set right\n\nWords that are right.\n")
    own = ("-C", folder)
    ids = room.program.run(*own, "article", "list", "--json").json
    first, second = ids[0]["id"], ids[1]["id"]
    pages = {one["id"]: folder / "mirrors/cedar" / one["path"] for one in ids}

    corrected = room.program.run(
        *own, "article", "correct", first, "--file", text, "--reason", "A slip", "--json"
    )
    room.program.run(*own, "publish", "--json")
    withdrawn = room.program.run(*own, "article", "withdraw", second, "--json")
    verdict = room.verify(folder / "mirrors/cedar", "--json")

    assert corrected.json["revision"] >= 2
    assert "Words that are right." in pages[first].read_text()
    assert "A slip" in pages[first].read_text()
    assert (withdrawn.code, withdrawn.json["edition"]) == (0, 4)
    assert pages[second].read_bytes() == (folder / "mirrors/cedar/en/withdrawn.html").read_bytes()
    assert verdict.json["authentic"] is True


def test_every_signature_convinces_plain_gpg(tmp_path: Path, room: Room) -> None:
    home = tmp_path / "gpg"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--batch", "--no-autostart", "--homedir", str(home)]
    certificates = room.own("key", "export").out
    subprocess.run(
        [*gpg, "--import"], input=certificates.encode(), check=True, capture_output=True, timeout=30
    )
    signatures = sorted(room.edition(1).rglob("*.asc"))

    verdicts = {
        path.name: subprocess.run(
            [*gpg, "--verify", path, path.with_name(path.name.split(".json.")[0] + ".json")],
            check=False,
            capture_output=True,
            timeout=30,
        ).returncode
        for path in signatures
    }

    assert len(verdicts) == 6
    assert set(verdicts.values()) == {0}


# formats 6.1


def test_a_mirror_is_authentic_and_fresh_under_its_root(room: Room) -> None:
    answer = room.verify(room.mirror, "--json", "--require-fresh")

    assert answer.code == 0
    assert answer.json.keys() == {
        "authentic", "fresh", "edition", "changing_to", "issued", "expires", "reason",
    }  # fmt: skip
    assert (answer.json["authentic"], answer.json["fresh"], answer.json["edition"]) == (
        True, True, 2,
    )  # fmt: skip


def test_without_a_root_nothing_is_authentic(room: Room) -> None:
    answer = room.program.run("verify", room.mirror)

    assert answer.code == 2
    assert "--root" in answer.err


def test_a_newsroom_knows_its_own_root(room: Room) -> None:
    assert room.own("verify", room.mirror).code == 0


@pytest.mark.parametrize("root", ["abc", "x" * 64, OTHER_ROOT[:-1]])
def test_what_is_no_root_id_is_wrong_usage(room: Room, root: str) -> None:
    assert room.program.run("verify", room.mirror, "--root", root).code == 2


def test_a_wrong_root_is_not_authentic(room: Room) -> None:
    assert room.program.run("verify", room.mirror, "--root", OTHER_ROOT).code == 1


def test_what_is_not_there_is_wrong_usage(room: Room) -> None:
    assert room.verify("no-such-folder").code == 2


def test_another_newsrooms_root_convinces_nobody(tmp_path: Path, room: Room) -> None:
    other, grafted = tmp_path / "other", tmp_path / "grafted"
    foreign = room.program.run("init", other, "--json").json["root"]
    shutil.copytree(room.mirror, grafted)
    shutil.rmtree(grafted / "root")
    shutil.copytree(other / "keys" / "published" / "root", grafted / "root")

    assert room.program.run("verify", room.mirror, "--root", foreign).code == 1
    assert room.program.run("verify", grafted, "--root", foreign).code == 1
    assert room.verify(grafted).code == 1


# formats 6.6


def test_a_state_refuses_to_go_back(tmp_path: Path, room: Room) -> None:
    state = tmp_path / "state"

    before = room.verify(room.edition(1), "--state", state)
    newer = room.verify(room.edition(2), "--state", state)
    back = room.verify(room.edition(1), "--state", state, "--json")
    still = room.verify(room.edition(2), "--state", state)

    assert (before.code, newer.code, still.code) == (0, 0, 0)
    assert (back.code, back.json["authentic"]) == (1, False)


# formats 6.7, 7


@pytest.mark.parametrize(("suffix", "count"), [("zip", 1), ("html", 2)])
def test_files_passed_by_hand_are_authentic_but_of_unknown_age(
    tmp_path: Path, room: Room, suffix: str, count: int
) -> None:
    found = bundle(room.edition(1), suffix)
    handed = [shutil.copy(path, tmp_path / f"{n}.{suffix}") for n, path in enumerate(found)]

    answers = [room.verify(path, "--json") for path in handed]

    assert len(answers) == count
    assert [answer.code for answer in answers] == [0] * count
    assert all(answer.json["fresh"] is None for answer in answers)
    assert all("newer" in answer.json["reason"] for answer in answers)
    assert [room.verify(path, "--require-fresh").code for path in handed] == [1] * count


async def test_a_mirror_on_the_web_is_checked(room: Room) -> None:
    async with served(room.mirror) as address:
        good = await room.program.start("verify", address, "--root", room.root, "--json")
        wrong = await room.program.start("verify", address, "--root", OTHER_ROOT)

    assert (good.code, good.json["edition"]) == (0, 2)
    assert wrong.code == 1


async def test_read_takes_the_newest_authentic_edition(tmp_path: Path, room: Room) -> None:
    tampered, folder = tmp_path / "tampered", tmp_path / "copy"
    shutil.copytree(room.mirror, tampered)
    page = next(tampered.glob("en/2026/*.html"))
    page.write_bytes(page.read_bytes().replace(b"</p>", b"!</p>", 1))
    zipped = shutil.copy(bundle(room.edition(1), "zip")[0], tmp_path / "old.zip")
    pinned = ("--to", folder, "--root", room.root, "--json")
    async with AsyncExitStack() as stack:
        stale = await stack.enter_async_context(served(room.edition(1)))
        bad = await stack.enter_async_context(served(tampered))
        good = await stack.enter_async_context(served(room.edition(2)))

        first = await room.program.start("read", stale, bad, *pinned)
        mended = await room.program.start("read", bad, stale, good, *pinned)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    older = room.program.run("read", zipped, *pinned)
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert (first.json["authentic"], first.json["edition"]) == (True, 1)
    assert (mended.code, mended.json["edition"]) == (0, 2)
    assert room.verify(folder).code == 0
    assert older.json["edition"] == 2
    assert before == after


def test_no_bundle_holds_a_path_of_this_machine(room: Room) -> None:
    (zipped,) = bundle(room.edition(1), "zip")
    body = zipped.read_bytes()

    assert str(room.folder).encode() not in body
    assert base64.b64encode(str(room.folder).encode())[:24] not in body
