"""Withdrawal: of what was withdrawn, no byte stays: on no mirror, in no bundle, not with us."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tamizdat.digest import digest
from tamizdat.wire import Withdrawn
from tests.contract.s3_server import Server, running
from tests.kit.bucket import add_bucket
from tests.kit.export import Post, export
from tests.kit.images import jpeg
from tests.kit.press import Press
from tests.kit.program import Answer, inside
from tests.kit.seeker import hits, needles, tree

PLANTED = (
    "the grey heron told nobody",
    "A headline «née» about Ostrava",
    "Wilhelmina Quast",
    "quastian-tag",
    "In short: the heron left before dawn",
    "Heron Desk",
    "an alternative of the heron picture",
    "the heron was never corrected",
)
PHRASE, TITLE, BYLINE, TAG, SUMMARY, SECTION, ALT, REASON = PLANTED
FOLDERS = ("amber", "birch", "cedar")
ADDRESS = "doomed/story.md"
STAYS = "The bread stays on the shelf."


def story(text: str = PHRASE) -> str:
    return (
        f"---\nid: doomed\ntitle: {TITLE}\nlanguage: en\ndate: 2026-10-01\nauthors: [{BYLINE}]\n"
        f"section: {SECTION}\ntags: [{TAG}]\nsummary: '{SUMMARY}'\n---\n"
        f"It is said that {text}.\n\n![{ALT}](heron.jpg)\n"
    )


@dataclass
class Town:
    """A newsroom with folder mirrors and a bucket, and the story that is planted in it."""

    press: Press
    sources: Path
    server: Server
    bucket: str
    doomed: str = ""
    picture: bytes = b""

    def write(self, text: str) -> None:
        (self.sources / "story.md").write_text(story(text))

    def bring_in(self) -> Answer:
        return self.press.run("import", "folder", self.sources, "--release", "--json")

    def bucketed(self) -> dict[str, bytes]:
        client = self.server.client()
        try:
            pages = client.get_paginator("list_object_versions").paginate(Bucket=self.bucket)
            found = {}
            for page in pages:
                for one in page.get("Versions", ()):
                    got = client.get_object(
                        Bucket=self.bucket, Key=one["Key"], VersionId=one["VersionId"]
                    )
                    found[f"s3!{one['Key']}!{one['VersionId']}"] = got["Body"].read()
            return found
        finally:
            client.close()

    @property
    def wanted(self) -> frozenset[bytes]:
        inner = self.picture[len(self.picture) // 2 :][:64]
        return needles(*PLANTED, inner)

    def found(self) -> list[str]:
        """Where anything planted still stands."""
        return hits({**tree(self.press.folder), **self.bucketed()}, self.wanted)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Town:
    """A town after eight editions, with the story on every mirror."""
    top = tmp_path_factory.mktemp("withdrawal")
    sources = top / "sources"
    sources.mkdir()
    town = Town(Press.founded(top / "room"), sources, server, add_bucket(top / "room", server))
    (sources / "heron.jpg").write_bytes(jpeg(11))
    town.write(PHRASE)
    (top / "e.xml").write_bytes(
        export(
            Post(number=1, title="Bread", text=STAYS, category="Town"),
            Post(number=2, title="Boats", text="Boats lie in harbour.", category="Sea"),
        )
    )
    others = town.press.run("import", "wxr", top / "e.xml", "--release", "--json").json["ids"]
    (town.doomed,) = town.bring_in().json["ids"]
    assert town.press.published() == 1
    for edition in range(2, 9):
        _change(town, others[0], edition)
        if edition == 5:
            town.press.run("mirror", "retire", "cedar")
        assert town.press.published() == edition
    pages = (town.press.mirror() / "o").rglob("*.*")
    town.picture = max((path.read_bytes() for path in pages), key=len)
    return town


def _change(town: Town, other: str, edition: int) -> None:
    """Imports and corrections in turn; each correction builds the bundles anew."""
    if edition % 2:
        town.write(f"{PHRASE}, {edition} times")
        town.bring_in()
        town.press.run("article", "correct", other, "--title", f"Bread {edition}")
    else:
        change = ("--replace", f"It is said=In {edition} it is said", "--reason", REASON)
        town.press.run("article", "correct", town.doomed, *change)


@pytest.fixture(scope="module")
def after(grown: Town, tmp_path_factory: pytest.TempPathFactory) -> "Withdrawn8":
    """The withdrawal: one mirror is down while it happens, and comes back later."""
    press, kept = grown.press, tmp_path_factory.mktemp("kept")
    old_zip = kept / "old.zip"
    old_zip.write_bytes(next((press.mirror() / "b").glob("*.zip")).read_bytes())
    before = grown.found()
    down = press.mirror("birch")
    down.rename(kept / "birch")
    down.write_text("no folder: the disk is gone")
    withdrawn = press.run("article", "withdraw", grown.doomed, "--json")
    down.unlink()
    (kept / "birch").rename(down)
    elsewhere = [hit for hit in grown.found() if not hit.startswith("mirrors/birch/")]
    (grown.sources / "late.md").write_text("---\ntitle: Late\nlanguage: en\n---\nLater.\n")
    (grown.sources / "story.md").rename(kept / "story.md")
    grown.bring_in()
    back = press.run("publish", "--json")
    return Withdrawn8(grown, before, withdrawn, elsewhere, back, old_zip, kept / "story.md")


@dataclass(frozen=True)
class Withdrawn8:
    """What was seen before, during and after."""

    town: Town
    before: list[str]
    withdrawn: Answer
    elsewhere: list[str]
    back: Answer
    old_zip: Path
    story: Path


def test_the_seeker_finds_the_story_everywhere_before(after: Withdrawn8) -> None:
    places = {"/".join(hit.split("/")[:2]) for hit in after.before}
    wrapped = {match for hit in after.before for match in re.findall(r"!(data|en/2026|zlib)", hit)}

    assert {"mirrors/amber", "mirrors/birch", "mirrors/cedar", "state/blobs"} <= places
    assert any(hit.startswith("s3!") for hit in after.before)
    assert {"data", "en/2026"} <= wrapped


# formats 5.1, 5.2


def test_it_is_gone_at_once_wherever_a_mirror_answers(after: Withdrawn8) -> None:
    refusals = after.withdrawn.json["refusals"]

    assert [one["mirror"] for one in refusals] == ["birch"]
    assert after.elsewhere == []


def test_it_is_gone_from_the_mirror_that_comes_back(after: Withdrawn8) -> None:
    mirrors = tree(after.town.press.folder / "mirrors")

    assert after.back.code == 0
    assert after.town.found() == []
    assert hits(mirrors, needles(digest(after.town.picture))) == []


def test_the_id_is_on_the_list_and_the_page_is_the_notice(after: Withdrawn8) -> None:
    for name in FOLDERS:
        mirror = after.town.press.mirror(name)
        listed = Withdrawn.parse((mirror / "withdrawn.json").read_bytes(), "withdrawn.json")
        page = mirror / f"en/2026/{after.town.doomed}.html"

        assert [one.id for one in listed.articles] == [after.town.doomed]
        assert page.read_bytes() == (mirror / "en/withdrawn.html").read_bytes()
        assert inside("verify", mirror, "--root", after.town.press.root).code == 0


def test_what_was_not_withdrawn_stays(after: Withdrawn8) -> None:
    assert hits(tree(after.town.press.mirror()), needles(STAYS))


# formats 5.3


def test_the_same_source_does_not_bring_it_back(after: Withdrawn8) -> None:
    press = after.town.press
    (after.town.sources / "story.md").write_text(after.story.read_text())

    released = after.town.bring_in()
    drafted = press.run("import", "folder", after.town.sources, "--json")
    press.run("publish", "--json")
    (after.town.sources / "story.md").unlink()

    assert (released.json["withdrawn"], drafted.json["withdrawn"]) == (1, 1)
    assert press.run("draft", "list", "--json").json == []
    assert hits(tree(press.folder / "mirrors"), after.town.wanted) == []
    assert after.town.found() == []


def test_an_old_zip_does_not_bring_it_back(after: Withdrawn8, tmp_path: Path) -> None:
    root, folder, state = after.town.press.root, tmp_path / "copy", tmp_path / "state"
    pinned = ("--root", root, "--state", state, "--json")
    inside("read", after.town.press.mirror(), "--to", folder, *pinned)

    merged = inside("read", after.old_zip, "--to", folder, *pinned)
    fresh = inside("read", after.old_zip, "--to", tmp_path / "fresh", *pinned)
    told = inside("verify", after.old_zip, *pinned)

    assert merged.json["edition"] >= 9
    assert "nothing newer" in merged.json["reason"]
    assert hits(tree(folder), after.town.wanted) == []
    assert fresh.code == 1
    assert not (tmp_path / "fresh").exists()
    assert "was seen before" in told.json["reason"]
    assert "older than edition" in told.json["reason"]


# formats 5.4


def test_a_fourth_withdrawal_within_the_hour_waits_for_a_second_person(tmp_path: Path) -> None:
    press = Press.founded(tmp_path / "room")
    posts = [Post(number=n, title=f"T{n}", text=f"Text {n}.") for n in range(1, 6)]
    (tmp_path / "e.xml").write_bytes(export(*posts))
    ids = press.run("import", "wxr", tmp_path / "e.xml", "--release", "--json").json["ids"]

    alone = [press.run("article", "withdraw", one, "--person", "mira") for one in ids[:4]]
    again = press.run("article", "withdraw", ids[3], "--person", "mira")
    second = press.run("article", "withdraw", ids[3], "--person", "oto")

    assert [answer.code for answer in alone] == [0, 0, 0, 1]
    assert (again.code, second.code) == (1, 0)
    assert "second person" in alone[3].err
    assert len(hits(tree(press.folder), [b"Text "])) == 1
    assert hits(tree(press.folder), needles("mira")) == []


def test_a_withdrawn_draft_leaves_nothing(tmp_path: Path) -> None:
    press = Press.founded(tmp_path / "room")
    (tmp_path / "heron.jpg").write_bytes(jpeg(11))
    (tmp_path / "story.md").write_text(story())
    (draft,) = press.run("draft", "add", tmp_path / "story.md", "--json").json["ids"]
    before = hits(tree(press.folder), needles(PHRASE))

    answer = press.run("article", "withdraw", draft)

    assert before
    assert answer.code == 0
    assert hits(tree(press.folder), needles(*PLANTED)) == []
    assert not list((press.folder / "state" / "blobs").glob("*/*"))


def test_what_could_not_be_deleted_is_deleted_by_the_next_publish(tmp_path: Path) -> None:
    press = Press.founded(tmp_path / "room")
    (tmp_path / "heron.jpg").write_bytes(jpeg(11))
    (tmp_path / "story.md").write_text(story())
    (doomed,) = press.run("import", "folder", tmp_path, "--release", "--json").json["ids"]
    press.published()
    zipped = next((press.mirror() / "b").glob("*.zip"))
    zipped.rename(tmp_path / "aside.zip")
    (zipped / "obstacle").mkdir(parents=True)

    withdrawn = press.run("article", "withdraw", doomed, "--json")
    (zipped / "obstacle").rmdir()
    zipped.rmdir()
    (tmp_path / "aside.zip").rename(zipped)
    again = press.run("publish", "--json")

    assert [one["mirror"] for one in withdrawn.json["refusals"]] == ["amber"]
    assert again.json["refusals"] == []
    assert hits(tree(press.folder), needles(*PLANTED)) == []


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from service.wiring import opened
from service.stories.withdrawing import withdraw

async def main() -> None:
    async with opened(Path(sys.argv[1])) as room:
        await withdraw(room, sys.argv[2], "mira")
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def test_a_kill_after_the_withdrawal_leaves_the_rest_to_the_next_publish(tmp_path: Path) -> None:
    press = Press.founded(tmp_path / "room")
    (tmp_path / "heron.jpg").write_bytes(jpeg(11))
    (tmp_path / "story.md").write_text(story())
    (tmp_path / "e.xml").write_bytes(export(Post(number=1, title="Bread", text=STAYS)))
    press.run("import", "wxr", tmp_path / "e.xml", "--release")
    (doomed,) = press.run("import", "folder", tmp_path, "--release", "--json").json["ids"]
    press.published()

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(press.folder), doomed],
        check=False,
        timeout=60,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    _end_agents(press.folder)
    before = hits(tree(press.folder), needles(PHRASE))
    press.published()

    assert killed.returncode == -signal.SIGKILL
    assert before
    assert hits(tree(press.folder), needles(*PLANTED)) == []
    assert inside("verify", press.mirror(), "--root", press.root).code == 0


def _end_agents(folder: Path) -> None:
    """End the gpg-agents that a killed program leaves behind."""
    for home in (folder / "keys" / "online", folder / "keys" / "root"):
        with suppress(FileNotFoundError):
            subprocess.run(
                ["gpgconf", "--homedir", str(home), "--kill", "all"],
                check=False,
                timeout=30,
                capture_output=True,
            )
