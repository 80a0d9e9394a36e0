"""Recovery: what a thief's key counted up ends with the key (formats 6.8)."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from signing import fetch
from signing.fetch import read
from signing.sources import FolderSource
from signing.state import MAX_LEAP, Seen, State, refuse_older
from signing.trust import Trust
from tamizdat.digest import digest
from tamizdat.errors import FormatError
from tamizdat.wire import Role
from tests.unit.signing.paper import (
    START,
    Newsroom,
    complete,
    lay,
    third_files,
    tree,
)
from tests.unit.signing.test_trust import NOW, begin, signed

HIGH = Seen(number=2**52, sha256=digest(b"a thief's"))
RENEWED = [
    # the role that lost a key, and the counters that end
    ("timestamp", {"pointer"}),
    ("release", {"edition", "withdrawn"}),
    ("denial", {"withdrawn"}),
    ("mirrors", set()),
]


def renewed(room: Newsroom, role: str, *, keep: bool = False) -> Trust:
    """Trust in a second root that names another key for `role`, or one more."""
    body = room.root_body(version=2)
    pen = room.pen(f"new-{role}")
    old = body.roles[role].keys if keep else ()  # type: ignore[index]
    roles = body.roles | {role: Role(keys=(*old, pen.fingerprint), threshold=1)}
    root = replace(body, keys=body.keys | {pen.fingerprint: pen.key}, roles=roles)  # type: ignore[arg-type]
    return begin(room).next_root(signed(room, root.encode(), "root-a", "root-b"))


def seen_of(room: Newsroom, root: int) -> State:
    seen = Seen(number=root, sha256=room.root_id)
    return State(root_id=room.root_id, root=seen, pointer=HIGH, edition=HIGH, withdrawn=HIGH)


@pytest.mark.parametrize(("role", "ended"), RENEWED)
def test_a_counter_ends_with_a_key_of_its_role(room: Newsroom, role: str, ended: set[str]) -> None:
    still = renewed(room, role).still(seen_of(room, 1))

    gone = {name for name in ("pointer", "edition", "withdrawn") if getattr(still, name) == Seen()}
    assert gone == ended
    assert still.root.number == 1


def test_a_key_more_ends_nothing_and_nor_does_a_root_that_was_seen(room: Newsroom) -> None:
    known = seen_of(room, 2)

    assert renewed(room, "timestamp", keep=True).still(seen_of(room, 1)) == seen_of(room, 1)
    assert renewed(room, "timestamp").still(known) == known
    assert renewed(room, "timestamp").still(seen_of(room, 0)).pointer == Seen()


def test_a_counter_never_leaps() -> None:
    before = Seen(number=3, sha256=digest(b"3"))

    refuse_older("latest.json", Seen(number=3 + MAX_LEAP, sha256=digest(b"x")), before)
    refuse_older("latest.json", HIGH, Seen())
    with pytest.raises(FormatError, match="leaps from number 3 to"):
        refuse_older("latest.json", Seen(number=4 + MAX_LEAP, sha256=digest(b"x")), before)


async def test_a_reader_whom_a_thief_led_far_ahead_comes_back(
    room: Newsroom, tmp_path: Path
) -> None:
    made = complete(room, 3)
    lay(tmp_path / "mirror", made)
    first = await read([FolderSource(tmp_path / "mirror")], tmp_path / "to", room.root_id, NOW)
    assert first.seen
    led = replace(first.seen, edition=replace(HIGH, number=99), withdrawn=HIGH)
    await room.rotate("release-2")
    await room.publish(third_files())
    lay(tmp_path / "next", complete(room, 4))

    stuck = await read([FolderSource(tmp_path / "mirror")], tmp_path / "a", room.root_id, NOW, led)
    back = await read([FolderSource(tmp_path / "next")], tmp_path / "b", room.root_id, NOW, led)

    assert not stuck.authentic
    assert (back.authentic, back.edition) == (True, 4), back.reason
    assert back.seen
    assert (back.seen.edition.number, back.seen.withdrawn.number) == (4, 2)


async def test_a_copy_that_shows_an_old_root_beside_a_newer_one_is_refused(
    room: Newsroom, tmp_path: Path
) -> None:
    await room.publish(third_files())
    await room.publish(third_files())
    lay(tmp_path / "thief", complete(room, 5))
    honest = await Newsroom().found()
    honest.published, honest.lists = room.published[:3], room.lists
    await honest.rotate("release-2")
    await honest.publish(third_files())
    lay(tmp_path / "honest", complete(honest, 4))
    sources = [FolderSource(tmp_path / "thief"), FolderSource(tmp_path / "honest")]

    report = await read(sources, tmp_path / "to", room.root_id, NOW)
    (tmp_path / "honest" / "index.html").unlink()
    damaged = await read(sources, tmp_path / "other", room.root_id, NOW)

    assert report.authentic, report.reason
    assert "root/2.json" in tree(tmp_path / "to")
    assert not damaged.authentic
    assert "root/2.json: is shown by another copy (formats 6.8)" in damaged.reason


class Slow(FolderSource):
    """A host that never comes to an end."""

    async def fetch(self, wanted: Mapping[str, int]) -> Mapping[str, bytes]:
        await asyncio.Event().wait()
        return await super().fetch(wanted)


async def test_a_slow_host_keeps_nobody_from_what_another_has(
    room: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "GRACE", 0.01)
    lay(tmp_path / "good", complete(room, 3))
    lay(tmp_path / "slow", complete(room, 3))
    sources = [Slow(tmp_path / "slow"), FolderSource(tmp_path / "good")]

    async with asyncio.timeout(60):
        report = await read(sources, tmp_path / "to", room.root_id, START + timedelta(hours=6))

    assert (report.authentic, report.edition) == (True, 3)
    assert "slow: is far slower than another" in report.reason
