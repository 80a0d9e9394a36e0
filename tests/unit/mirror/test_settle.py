"""Settling and auditing a mirror in memory: what goes, in which order, and what drifted."""

import pytest

from mirror.audit import Audit
from tamizdat.placement import Placement, Refusal
from tests.unit.mirror.paper import Piece, address, picture
from tests.unit.mirror.room import FIRST, PIECES, SECOND, THIRD, Keeping, Room
from tests.unit.mirror.tree import expected


@pytest.fixture
def room() -> Room:
    room = Room()
    room.paper.publish(PIECES)
    return room


async def test_settling_deletes_what_only_the_edition_before_needed(room: Room) -> None:
    await room.push(room.paper.target())
    room.paper.publish({FIRST: PIECES[FIRST]})
    target = room.paper.target()
    await room.push(target)

    outcome = await room.settle(target)

    assert isinstance(outcome, Placement)
    assert room.memory.files == expected(target, room.paper.blobs)
    kinds = [path.partition("/")[0] for _, path in room.memory.asked]
    assert kinds.index("en") < kinds.index("o") < kinds.index("s")  # formats 4.2


async def test_an_object_that_an_untouched_shard_names_stays(room: Room) -> None:
    shared, own = picture("x")[0], picture("y")[0]
    await room.push(room.paper.target())
    room.paper.publish({FIRST: PIECES[FIRST], SECOND: Piece("2025-02", "two")})
    target = room.paper.target()
    await room.push(target)

    await room.settle(target)

    assert shared in room.memory.files
    assert own not in room.memory.files


async def test_manifests_below_the_oldest_go_last(room: Room) -> None:
    for text in ("a", "b", "c", "d"):
        await room.arrive()
        room.paper.publish({**PIECES, THIRD: Piece("2025-02", text)})

    target = await room.arrive()

    deleted = [path for verb, path in room.memory.asked if verb == "delete"]
    assert [path.partition(".json")[0] for path in deleted[-2:]] == ["e/2/manifest"] * 2
    assert deleted[-1].endswith(".asc")
    assert room.memory.files == expected(target, room.paper.blobs)


async def test_settling_what_is_settled_is_nothing(room: Room) -> None:
    target = room.paper.target()
    await room.push(target)

    assert await room.settle(target) is None
    assert room.memory.asked == []


async def test_after_a_removal_a_cache_that_still_serves_is_refused(room: Room) -> None:
    room.memory = Keeping()
    await room.push(room.paper.target())
    room.paper.publish({FIRST: PIECES[FIRST]}, removal=True)
    target = room.paper.target()
    await room.push(target)

    outcome = await room.settle(target)

    assert isinstance(outcome, Refusal)
    assert "still gets it after it was deleted" in outcome.detail  # formats 5.2


async def test_an_audit_finds_what_drifted_and_a_push_mends_it(room: Room) -> None:
    target = room.paper.target()
    await room.push(target)
    page = address(FIRST, PIECES[FIRST])
    room.memory.files[page] = b"a lie"
    del room.memory.files["e/1/manifest.json"]
    room.memory.files["en/2025/zzzzzzzzzzzz2.html"] = b"not ours"

    drift = await room.audit(target)
    assert isinstance(drift, Audit)
    await room.push(target, frozenset((*drift.missing, *drift.altered)))
    await room.settle(target, drift.surplus)

    assert drift.missing == ("e/1/manifest.json",)
    assert drift.altered == (page,)
    assert drift.surplus == ("en/2025/zzzzzzzzzzzz2.html",)
    assert room.memory.files == expected(target, room.paper.blobs)
    assert await room.audit(target) == Audit(missing=(), altered=(), surplus=())
