"""Copies in every state that formats 4 allows, and beside each the ones that it does not."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from signing import seal, shards
from signing.sources import FolderSource
from signing.verify import Report, verify
from tamizdat import canonical, paths
from tamizdat.digest import digest
from tamizdat.edition import Stamp
from tamizdat.errors import FormatError
from tamizdat.wire import ShardRef
from tests.unit.signing.paper import (
    BASE,
    NOTICE,
    START,
    Newsroom,
    Write,
    complete,
    deletes,
    first_files,
    lasting,
    lay,
    object_path,
    passing,
    second_files,
    writes,
)

NOW = START + timedelta(hours=6)
PASSING = "latest.json.{:016x}.asc"


async def judge(folder: Path, room: Newsroom, *more: Write) -> Report:
    lay(folder, complete(room, 3))
    lay(folder, more)
    return await verify(FolderSource(folder), room.root_id, NOW)


def early(room: Newsroom, role: str, number: int) -> bytes:
    return room.pen(role).sign(b"a body that never came", number).armor.encode()


async def test_the_signatures_before_and_after_may_wait(room: Newsroom, tmp_path: Path) -> None:
    more = [(PASSING.format(n), early(room, "timestamp", n)) for n in (1, 2)]

    assert (await judge(tmp_path, room, *more)).authentic  # formats 4.7


async def test_a_third_waiting_signature_is_refused(room: Newsroom, tmp_path: Path) -> None:
    more = [(PASSING.format(n), early(room, "timestamp", n)) for n in (1, 2, 3)]

    assert (await judge(tmp_path, room, *more)).clause == "4.7"


@pytest.mark.parametrize("role", ["release", "mirrors", "denial", "root-a", "stranger"])
async def test_a_waiting_signature_of_another_role_is_refused(
    room: Newsroom, tmp_path: Path, role: str
) -> None:
    report = await judge(tmp_path, room, (PASSING.format(1), early(room, role, 1)))

    assert report.clause == "4.7"


async def test_a_waiting_signature_differs_from_the_valid_one(
    room: Newsroom, tmp_path: Path
) -> None:
    valid = room.published[2].pointer.sealed.signatures[0].armor.encode()

    assert (await judge(tmp_path, room, (PASSING.format(1), valid))).clause == "4.7"


async def test_a_waiting_signature_bears_a_passing_name(room: Newsroom, tmp_path: Path) -> None:
    pen = room.pen("timestamp")
    name = paths.lasting_signature("latest.json", pen.fingerprint)

    assert (await judge(tmp_path, room, (name, early(room, "timestamp", 1)))).clause == "2.1"


NEXT = [
    # edition, role, whose name it bears, clause
    (4, "release", "release", ""),
    (4, "timestamp", "timestamp", "4.7"),
    (4, "release", "denial", "2.1"),
    (5, "release", "release", "4.6"),
]


@pytest.mark.parametrize(("number", "role", "name", "clause"), NEXT)
async def test_signatures_of_the_next_edition_may_lie_there_early(
    room: Newsroom, tmp_path: Path, number: int, role: str, name: str, clause: str
) -> None:
    path = paths.lasting_signature(paths.manifest(number), room.pen(name).fingerprint)

    report = await judge(tmp_path, room, (path, early(room, role, 1)))

    assert (report.authentic, report.clause) == (not clause, clause)  # formats 4.8


async def test_a_signature_of_the_next_root_may_lie_there_early(
    room: Newsroom, tmp_path: Path
) -> None:
    path = paths.lasting_signature(paths.root(2), room.pen("root-a").fingerprint)

    assert (await judge(tmp_path, room, (path, early(room, "root-a", 1)))).authentic


async def test_a_copy_without_a_pointer_says_that_newer_may_exist(
    room: Newsroom, tmp_path: Path
) -> None:
    files = {p: b for p, b in complete(room, 3).items() if not p.startswith("latest.json")}
    lay(tmp_path, files)

    report = await verify(FolderSource(tmp_path), room.root_id, NOW)

    assert (report.authentic, report.fresh, report.edition) == (True, None, 3)
    assert report.clause == "6.7"


async def test_an_empty_folder_is_no_copy(room: Newsroom, tmp_path: Path) -> None:
    report = await verify(FolderSource(tmp_path), room.root_id, NOW)
    lay(tmp_path, lasting("root/1.json", room.roots[0]))
    only_root = await verify(FolderSource(tmp_path), room.root_id, NOW)

    assert (report.clause, only_root.clause) == ("6.2", "4.4")


def feed(base: str, second: str) -> bytes:
    return f"<feed>{base}en/2026/aaaaaaaaaaaaa.html 3 {second}</feed>\n".encode()


FEEDS = [
    (BASE, BASE, True),
    (paths.PLACEHOLDER, paths.PLACEHOLDER, True),
    (BASE, paths.PLACEHOLDER, False),
    (BASE, "https://evil.example/", False),
    ("https://evil.example/", "https://evil.example/", False),
]


@pytest.mark.parametrize(("first", "second", "good"), FEEDS)
async def test_a_feed_bears_the_base_or_the_placeholder(
    room: Newsroom, tmp_path: Path, first: str, second: str, *, good: bool
) -> None:
    report = await judge(tmp_path, room, ("en/atom.xml", feed(first, second)))

    assert report.authentic is good  # formats 3.9


async def test_a_withdrawn_page_must_be_the_notice(room: Newsroom, tmp_path: Path) -> None:
    page = "en/2026/bbbbbbbbbbbbb.html"
    again = (page, first_files()[page])

    assert (await judge(tmp_path, room, again)).clause == "5.3"
    assert (await judge(tmp_path, room, (page, NOTICE))).authentic


async def test_a_list_of_withdrawals_is_never_older_than_the_pointers(
    room: Newsroom, tmp_path: Path
) -> None:
    files = complete(room, 3)
    lay(tmp_path, {path: files[path] for path in files if "withdrawn.json" not in path})
    old = room.lists[0]
    name = paths.passing_signature("withdrawn.json", old.sha256)
    lay(tmp_path, [(name, old.signatures[0].armor.encode()), ("withdrawn.json", old.body)])

    report = await verify(FolderSource(tmp_path), room.root_id, NOW)

    assert report.clause == "5.5"


async def test_two_later_editions_may_lie_there(room: Newsroom, tmp_path: Path) -> None:
    steps = [*writes(room, 1), *writes(room, 2)[:-2], *writes(room, 3)[:-2]]
    lay(tmp_path, steps)

    report = await verify(FolderSource(tmp_path), room.root_id, NOW)

    assert (report.authentic, report.edition, report.changing_to) == (True, 1, 3), report.reason


async def test_a_page_of_an_earlier_edition_does_not_pass_for_todays(
    room: Newsroom, tmp_path: Path
) -> None:
    room.gone.clear()
    lay(tmp_path, [*writes(room, 1), *writes(room, 2)])
    page = "en/lists/1.html"
    lay(tmp_path, [(page, first_files()[page])])

    report = await verify(FolderSource(tmp_path), room.root_id, NOW)

    assert report.clause == "4.3"


async def test_what_an_earlier_edition_left_is_as_it_was_stamped(
    room: Newsroom, tmp_path: Path
) -> None:
    left = object_path(b"picture of a street")
    lay(tmp_path, [*writes(room, 1), *writes(room, 2)])
    good = await verify(FolderSource(tmp_path), room.root_id, NOW)
    lay(tmp_path, [(left, b"another picture")])

    report = await verify(FolderSource(tmp_path), room.root_id, NOW)

    assert (good.authentic, report.clause) == (True, "4.9")


async def test_another_edition_in_the_chain_is_refused(room: Newsroom, tmp_path: Path) -> None:
    twin = await Newsroom().found()
    await twin.publish(first_files() | {"index.html": b"<p>another</p>\n"})
    await twin.publish(second_files())

    lay(tmp_path, complete(room, 3))
    lay(tmp_path, lasting(paths.manifest(2), twin.published[1].edition.sealed))
    report = await verify(FolderSource(tmp_path), room.root_id, NOW)

    assert report.clause == "4.5"


async def test_a_collection_may_leave_a_gap_below_the_oldest(tmp_path: Path) -> None:
    room = await Newsroom().found()
    for oldest in (1, 1, 3):
        await room.publish(first_files(), oldest=oldest)
    files = {**dict(writes(room, 1)), **complete(room, 3)}
    lay(tmp_path, files)
    good = await verify(FolderSource(tmp_path), room.root_id, NOW)
    (tmp_path / paths.manifest(1)).write_bytes(room.published[1].edition.sealed.body)

    report = await verify(FolderSource(tmp_path), room.root_id, NOW)

    assert (good.authentic, report.authentic) == (True, False), good.reason


async def test_a_chain_reaches_down_to_the_oldest(tmp_path: Path) -> None:
    room = await Newsroom().found()
    await room.publish(first_files())
    before = room.published.copy()
    room.published.clear()
    await room.publish(first_files())
    second = replace(room.published[0].edition.manifest, edition=2)
    edition = await seal.seal_manifest(second, room.signer("release"))
    pointer = await seal.seal_pointer(
        edition,
        version=2,
        root_version=1,
        withdrawn=(1, room.lists[0]),
        issued=START,
        signer=room.signer("timestamp"),
    )
    room.published[:] = before
    files = {p: b for p, b in complete(room, 1).items() if not p.startswith("latest.json")}
    lay(tmp_path, files)
    lay(tmp_path, [*lasting(paths.manifest(2), edition.sealed)])
    lay(tmp_path, passing("latest.json", pointer.sealed))

    report = await verify(FolderSource(tmp_path), room.root_id, NOW)

    assert report.clause == "4.5"


class Busy(FolderSource):
    """A folder into which someone publishes while it is read: some steps with each look."""

    def __init__(self, folder: Path, steps: Sequence[Write | str], pace: int) -> None:
        super().__init__(folder)
        self.folder = folder
        self.steps = list(steps)
        self.pace = pace

    def advance(self) -> None:
        for step in self.steps[: self.pace]:
            if isinstance(step, str):
                (self.folder / step).unlink(missing_ok=True)
            else:
                lay(self.folder, [step])
        del self.steps[: self.pace]

    async def fetch(self, wanted: Mapping[str, int]) -> Mapping[str, bytes]:
        self.advance()
        return await super().fetch(wanted)

    async def stamps(self, wanted: Mapping[str, int]) -> Mapping[str, Stamp]:
        self.advance()
        return await super().stamps(wanted)


@pytest.mark.parametrize("pace", [1, 2, 3, 5, 8, 13, 40, 200])
async def test_publishing_meanwhile_never_makes_a_copy_false(
    room: Newsroom, tmp_path: Path, pace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signing.verify._WAIT", 0.0)
    lay(tmp_path, writes(room, 1))
    steps: list[Write | str] = []
    for number in (2, 3):
        steps += [*writes(room, number), *deletes(room, number, range(1, number))]

    report = await verify(Busy(tmp_path, steps, pace), room.root_id, NOW)

    assert report.authentic, report.reason


SHARD: dict[str, canonical.Json] = {"type": "shard", "spec": "1.0", "key": "front"}
GOOD: list[canonical.Json] = ["a.html", 1, digest(b"a")]
SHARDS: list[tuple[list[canonical.Json], str]] = [
    ([["b.html", 1, digest(b"b")], GOOD], "3.6"),
    ([GOOD, GOOD], "3.6"),
    ([["latest.json", 1, digest(b"a")]], "3.6"),
    ([["root/2.json", 1, digest(b"a")]], "3.6"),
    ([["x.asc", 1, digest(b"a")]], "3.6"),
    ([["../a.html", 1, digest(b"a")]], "3.1"),
    ([["o/aa/a.webp", 1, digest(b"a")]], "3.7"),
    ([["a.html", -1, digest(b"a")]], "3.6"),
    (["a.html"], "3.6"),
    ([["a.html", 1]], "3.6"),
]


@pytest.mark.parametrize(("files", "clause"), SHARDS)
def test_shards_name_only_what_they_may(files: list[canonical.Json], clause: str) -> None:
    body = canonical.encode(SHARD | {"files": files})
    ref = ShardRef(key="front", sha256=digest(body), len=len(body))

    with pytest.raises(FormatError) as caught:
        shards.parse(body, ref, "s/x.json")

    assert caught.value.clause == clause


def test_a_shard_is_the_one_that_was_named() -> None:
    body = canonical.encode(SHARD | {"files": [GOOD]})
    ref = ShardRef(key="front", sha256=digest(body), len=len(body))
    bare = canonical.encode({"key": "front"})

    assert shards.parse(body, ref, "s").files == (("a.html", 1, digest(b"a")),)
    for wrong in (
        (body + b" ", ref),
        (body, replace(ref, key="en")),
        (bare, ShardRef(key="front", sha256=digest(bare), len=len(bare))),
    ):
        with pytest.raises(FormatError):
            shards.parse(*wrong, "s")


READ = """
import asyncio, sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from signing.fetch import read
from signing.sources import FolderSource
source, target, root, now = sys.argv[1:]
print("started", flush=True)
asyncio.run(read([FolderSource(Path(source))], Path(target), root, datetime.fromisoformat(now)))
"""


def start_and_kill(command: Sequence[str], delay: float) -> None:
    with subprocess.Popen(command, stdout=subprocess.PIPE) as reader:
        assert reader.stdout
        reader.stdout.readline()
        try:
            reader.wait(delay)
        except subprocess.TimeoutExpired:
            os.kill(reader.pid, signal.SIGKILL)


async def test_a_killed_reader_leaves_the_last_good_edition(room: Newsroom, tmp_path: Path) -> None:
    source, target = tmp_path / "mirror", tmp_path / "to"
    lay(source, complete(room, 3))
    lay(target, complete(room, 2))
    command = [sys.executable, "-c", READ, str(source), str(target), room.root_id, NOW.isoformat()]

    for delay in (0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08):
        start_and_kill(command, delay)
        report = await verify(FolderSource(target), room.root_id, NOW)
        assert report.authentic, report.reason
