"""A mirror that missed so much that nothing leads on from what it points at (formats 4.1)."""

import pytest

from mirror.audit import Audit
from tamizdat import paths
from tamizdat.placement import Placement, Refusal
from tests.unit.mirror.paper import Piece
from tests.unit.mirror.room import FIRST, PIECES, THIRD, Full, Keeping, Room

POINTER = "latest.json"


def go_on(room: Room, editions: int) -> None:
    for number in range(editions):
        room.paper.publish({**PIECES, THIRD: Piece("2025-02", f"text {number}")})


@pytest.fixture
async def room() -> Room:
    """A mirror that holds edition 1 of a paper that keeps two before its newest."""
    room = Room()
    room.paper.publish(PIECES)
    await room.push(room.paper.target())
    return room


def deeds(room: Room) -> list[tuple[str, str]]:
    return [one for one in room.memory.asked if one[0] != "fetch"]


@pytest.mark.parametrize("known", [True, False])
async def test_the_pointer_goes_after_the_bulk_and_before_what_is_written_over(
    room: Room, *, known: bool
) -> None:
    signature = paths.passing_signature(POINTER, room.placed[2])
    go_on(room, 4)
    if not known:  # the ledger has forgotten the edition that lies there
        room.lying, room.placed = [], ()

    outcome = await room.push(room.paper.target())

    assert isinstance(outcome, Placement)
    done = deeds(room)
    at = done.index(("delete", POINTER))
    assert done[at + 1] == ("delete", signature)
    assert {path.split("/")[0] for verb, path in done[:at] if verb == "put"} <= {*"bose", "root"}
    assert done[-1] == ("put", POINTER)
    assert signature not in room.memory.files


async def test_what_a_row_of_manifests_leads_on_from_stays(room: Room) -> None:
    go_on(room, 3)

    await room.push(room.paper.target())

    assert "delete" not in {verb for verb, _ in room.memory.asked}


@pytest.mark.parametrize(("missed", "goes"), [(64, False), (65, True)])
async def test_a_reader_on_the_web_looks_no_further_ahead(
    room: Room, missed: int, *, goes: bool
) -> None:
    room.paper.kept = 100
    go_on(room, missed)

    await room.push(room.paper.target())

    assert (("delete", POINTER) in room.memory.asked) is goes


@pytest.mark.parametrize("refused", ["", "b/", "o/", "s/"])
async def test_a_mirror_that_does_not_take_all_of_the_bulk_keeps_what_it_points_at(
    room: Room, refused: str
) -> None:
    pointer = room.memory.files[POINTER]
    room.memory = Full(room.memory.files, refused)
    go_on(room, 4)
    room.paper.publish({FIRST: Piece("2025-01", "one", ("z",))})

    for _ in range(3):
        assert isinstance(await room.push(room.paper.target()), Refusal)
        assert room.memory.files[POINTER] == pointer


async def test_a_signature_that_outlived_its_pointer_goes_too(room: Room) -> None:
    signature = paths.passing_signature(POINTER, room.placed[2])
    go_on(room, 4)
    del room.memory.files[POINTER]  # a kill came between

    assert isinstance(await room.push(room.paper.target()), Placement)
    assert signature not in room.memory.files


async def test_where_the_old_pointer_is_still_served_nothing_is_written_over(room: Room) -> None:
    before = dict(room.memory.files)
    room.memory = Keeping()
    room.memory.files.update(before)
    go_on(room, 4)

    outcome = await room.push(room.paper.target())

    assert isinstance(outcome, Refusal)
    assert outcome.retry
    assert "empty the cache" in outcome.detail
    assert {path: room.memory.files[path] for path in before} == before


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b"x" * 5000])
async def test_what_is_no_pointer_is_written_over(room: Room, body: bytes) -> None:
    room.memory.files[POINTER] = body
    room.lying, room.placed = [], ()
    target = room.paper.target()

    assert isinstance(await room.push(target), Placement)
    assert ("delete", POINTER) not in room.memory.asked
    assert room.memory.files[POINTER] == target.pointer.sealed.body


async def test_a_pointer_of_an_edition_to_come_stays(room: Room) -> None:
    older = room.paper.target()
    go_on(room, 1)
    await room.push(room.paper.target())
    room.lying, room.placed = [], ()  # of a ledger from a backup

    await room.push(older)

    assert ("delete", POINTER) not in room.memory.asked


async def test_an_old_copy_that_its_host_put_back_is_no_copy_while_it_is_mended(room: Room) -> None:
    before = dict(room.memory.files)
    go_on(room, 4)
    await room.push(room.paper.target())
    room.memory.files = before
    target = room.paper.target()
    found = await room.audit(target)
    assert isinstance(found, Audit)

    again = frozenset((*found.missing, *found.altered))
    assert isinstance(await room.push(target, again), Placement)

    done = deeds(room)
    at = done.index(("delete", POINTER))
    assert {path.split("/")[0] for verb, path in done[:at] if verb == "put"} <= {*"bose", "root"}
    assert done[-1] == ("put", POINTER)


async def test_a_pointer_that_alone_was_lost_is_put_again_with_its_signature(room: Room) -> None:
    go_on(room, 1)
    await room.push(room.paper.target())
    target = room.paper.target()
    await room.push(target)
    there = dict(room.memory.files)
    del room.memory.files[POINTER]

    assert isinstance(await room.push(target, frozenset({POINTER})), Placement)
    assert room.memory.files == there
