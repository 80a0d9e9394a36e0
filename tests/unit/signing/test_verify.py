from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signing.sources import FolderSource
from signing.state import Seen, State
from signing.verify import Report, verify
from tests.unit.signing.paper import (
    START,
    Newsroom,
    complete,
    deletes,
    first_files,
    lasting,
    lay,
    second_files,
    tree,
    writes,
)

NOW = START + timedelta(hours=6)


async def judge(folder: Path, room: Newsroom, now: datetime = NOW) -> Report:
    return await verify(FolderSource(folder), room.root_id, now)


def lying(folder: Path, names: Sequence[str]) -> list[str]:
    return [name for name in names if (folder / name).exists()]


async def test_a_complete_mirror_is_authentic_and_fresh(room: Newsroom, tmp_path: Path) -> None:
    lay(tmp_path, complete(room, 3))

    report = await judge(tmp_path, room)

    assert (report.authentic, report.fresh, report.edition) == (True, True, 3), report.reason
    assert (report.changing_to, report.withdrawn, report.reason) == (None, 1, "")


async def test_a_push_killed_anywhere_is_authentic(room: Newsroom, tmp_path: Path) -> None:
    lay(tmp_path, writes(room, 1))
    assert (await judge(tmp_path, room)).authentic

    for number in (2, 3):
        steps = writes(room, number)
        for done, step in enumerate(steps, 1):
            lay(tmp_path, [step])
            report = await judge(tmp_path, room)
            assert report.authentic, f"{number}: {done} {step[0]}: {report.reason}"
            assert report.edition == (number if done == len(steps) else number - 1)
        for path in lying(tmp_path, deletes(room, number, kept=range(1, number))):
            (tmp_path / path).unlink()
            report = await judge(tmp_path, room)
            assert report.authentic, f"{number}: deleted {path}: {report.reason}"


async def test_a_collection_killed_anywhere_is_authentic(room: Newsroom, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        lay(tmp_path, writes(room, number))

    for path in lying(tmp_path, deletes(room, 3, kept=[2])):
        (tmp_path / path).unlink()
        report = await judge(tmp_path, room)
        assert report.authentic, f"deleted {path}: {report.reason}"

    assert tree(tmp_path) == complete(room, 3)


def cut(body: bytes) -> bytes:
    return body[:-1]


def append(body: bytes) -> bytes:
    return body + b"\n"


def flip_first(body: bytes) -> bytes:
    return bytes([body[0] ^ 1]) + body[1:]


def flip_middle(body: bytes) -> bytes:
    at = len(body) // 2
    return body[:at] + bytes([body[at] ^ 0x20]) + body[at + 1 :]


def flip_last(body: bytes) -> bytes:
    return body[:-1] + bytes([body[-1] ^ 4])


@pytest.mark.parametrize("spoil", [cut, append, flip_first, flip_middle, flip_last])
async def test_a_change_of_any_file_is_refused(
    room: Newsroom, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    files = complete(room, 3)
    lay(tmp_path, files)

    for path, body in files.items():
        (tmp_path / path).write_bytes(spoil(body))
        report = await judge(tmp_path, room)
        (tmp_path / path).write_bytes(body)
        assert not report.authentic, path
        assert report.clause, path


async def test_a_file_that_is_missing_is_refused(room: Newsroom, tmp_path: Path) -> None:
    files = complete(room, 3)
    lay(tmp_path, files)

    for path, body in files.items():
        (tmp_path / path).unlink()
        report = await judge(tmp_path, room)
        (tmp_path / path).write_bytes(body)
        assert not report.authentic, path


STRANGE = [
    "evil.html",
    "en/2026/eeeeeeeeeeeee.html",
    "e/9/manifest.json",
    "e/4/manifest.json",
    "e/4/note.asc",
    "root/2.json",
    "s/x.json",
    "b/x.zip",
    "latest.json.asc",
    ".hidden",
    "en/con.html",
    "edition.zip",
    "withdrawn.json.0000000000000000.asc",
    "e/4/manifest.json.0000000000000000000000000000000000000000.asc",
]


@pytest.mark.parametrize("path", STRANGE)
async def test_a_file_too_many_is_refused(room: Newsroom, tmp_path: Path, path: str) -> None:
    lay(tmp_path, complete(room, 3))
    lay(tmp_path, [(path, b"{}\n")])

    report = await judge(tmp_path, room)

    assert not report.authentic  # formats 4.6


async def test_a_copy_of_any_file_under_a_new_name_is_refused(
    room: Newsroom, tmp_path: Path
) -> None:
    files = complete(room, 3)
    lay(tmp_path, files)

    for path, body in files.items():
        name = path.replace("e/3/", "e/4/") if path.startswith("e/3/") else f"en/{path}.html"
        lay(tmp_path, [(name, body)])
        report = await judge(tmp_path, room)
        (tmp_path / name).unlink()
        assert not report.authentic, path


async def test_a_link_is_never_followed(room: Newsroom, tmp_path: Path) -> None:
    folder = tmp_path / "mirror"
    lay(folder, complete(room, 3))
    (tmp_path / "index.html").write_bytes((folder / "index.html").read_bytes())
    (folder / "index.html").unlink()
    (folder / "index.html").symlink_to(tmp_path / "index.html")

    report = await judge(folder, room)

    assert report.clause == "4.6"


CLOCKS = [
    # the clock                          fresh
    (START + timedelta(hours=4), True),
    (START + timedelta(hours=38), True),
    (START + timedelta(hours=40), False),
    (START + timedelta(days=40), False),
    (START + timedelta(days=400), False),
    (START - timedelta(hours=12), True),
    (START - timedelta(days=2), False),
    (datetime(1970, 1, 1, tzinfo=UTC), False),
]


@pytest.mark.parametrize(("now", "fresh"), CLOCKS)
async def test_age_never_makes_a_copy_less_authentic(
    room: Newsroom, tmp_path: Path, now: datetime, *, fresh: bool
) -> None:
    lay(tmp_path, complete(room, 3))

    report = await judge(tmp_path, room, now)

    assert (report.authentic, report.fresh) == (True, fresh)  # formats 6.4


async def test_a_clock_at_the_epoch_refuses_nothing(room: Newsroom, tmp_path: Path) -> None:
    lay(tmp_path, complete(room, 3))

    report = await judge(tmp_path, room, datetime.fromisoformat("1970-01-01T00:00:00+00:00"))

    assert (report.authentic, report.clause) == (True, "6.5")


async def test_another_root_is_refused(room: Newsroom, tmp_path: Path) -> None:
    lay(tmp_path, complete(room, 3))
    stranger = await Newsroom(name="other").found()

    report = await judge(tmp_path, stranger)

    assert report.clause == "6.2"


async def test_a_root_of_another_newsroom_cannot_be_grafted(room: Newsroom, tmp_path: Path) -> None:
    stranger = await Newsroom(name="other").found()
    await stranger.rotate("release-2")
    lay(tmp_path, complete(room, 3))
    lay(tmp_path, [step for step in writes_of_roots(stranger) if "2.json" in step[0]])

    report = await judge(tmp_path, room)

    assert report.clause == "2.10"  # formats 6.2


def writes_of_roots(room: Newsroom) -> list[tuple[str, bytes]]:

    return [
        step for n, root in enumerate(room.roots, 1) for step in lasting(f"root/{n}.json", root)
    ]


async def test_a_rotated_release_key_is_followed(tmp_path: Path) -> None:
    room = await Newsroom().found()
    await room.publish(first_files())
    lay(tmp_path, writes(room, 1))
    await room.rotate("release-2")
    await room.publish(second_files())

    lay(tmp_path, writes(room, 2))
    report = await judge(tmp_path, room)

    assert report.authentic, report.reason


async def test_what_was_seen_is_never_rolled_back(room: Newsroom, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    lay(old, complete(room, 2))
    lay(new, complete(room, 3))
    seen = (await judge(new, room)).seen

    report = await verify(FolderSource(old), room.root_id, NOW, seen)
    again = await verify(FolderSource(new), room.root_id, NOW, seen)

    assert report.clause == "6.6"
    assert again.authentic


async def test_another_edition_under_a_known_number_is_refused(
    room: Newsroom, tmp_path: Path
) -> None:
    lay(tmp_path, complete(room, 3))
    seen = State(root_id=room.root_id, edition=Seen(number=2, sha256="0" * 64))

    report = await verify(FolderSource(tmp_path), room.root_id, NOW, seen)

    assert report.clause == "6.6"
