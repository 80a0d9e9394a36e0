"""What was lost on a mirror unseen: found before the pointer moves, and whose files may go."""

import pytest

from mirror.push import Drifted
from mirror.shapes import ours
from tests.unit.mirror.paper import Piece
from tests.unit.mirror.room import PIECES, THIRD, Room
from tests.unit.mirror.tree import expected


async def test_a_pointer_never_goes_over_lost_files() -> None:
    room = Room()
    room.paper.publish(PIECES)
    first = await room.arrive()
    for path in [one for one in room.memory.files if one.startswith(("en/", "b/", "s/"))]:
        del room.memory.files[path]
    room.paper.publish({**PIECES, THIRD: Piece("2025-02", "three")})

    outcome = await room.push(room.paper.target())

    assert isinstance(outcome, Drifted)
    assert room.memory.files["latest.json"] == first.pointer.sealed.body


async def test_every_file_that_we_put_is_of_a_form_of_ours() -> None:
    room = Room()
    room.paper.publish(PIECES)

    assert [path for path in expected(room.paper.target(), room.paper.blobs) if not ours(path)] == [
        path for path in expected(room.paper.target(), room.paper.blobs) if path.startswith("x")
    ]


@pytest.mark.parametrize(
    "path",
    [
        "tamizdat.toml",
        "keys/root.asc",
        "state/ledger.db",
        "root/notes.txt",
        "bin/a",
        "en/.git",
        "e",
    ],
)
def test_what_strangers_laid_is_not_ours(path: str) -> None:
    assert not ours(path)
