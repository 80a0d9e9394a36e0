import os
from pathlib import Path

import pytest

from signing import state
from signing.state import Seen, State
from tamizdat.digest import digest
from tamizdat.errors import ConfigError, FormatError

ROOT = digest(b"root")
SEEN = State(
    root_id=ROOT,
    root=Seen(number=1, sha256=ROOT),
    pointer=Seen(number=7, sha256=digest(b"p")),
    edition=Seen(number=5, sha256=digest(b"e")),
)


async def test_a_state_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    file = tmp_path / "state.json"

    before = await state.load(file, ROOT)
    await state.save(file, SEEN)

    assert before == State(root_id=ROOT)
    assert await state.load(file, ROOT) == SEEN
    assert [path.name for path in file.parent.iterdir()] == ["state.json"]


DAMAGED = [b"", b"{}", b"[]\n", b'{"root_id":1}\n', b"\xff", b" " * 5000, b'{"pointer":{"a":1}}']


@pytest.mark.parametrize("body", DAMAGED)
async def test_a_damaged_state_is_refused_in_one_line(tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "state.json"
    file.write_bytes(body)

    with pytest.raises(ConfigError, match="is damaged") as caught:
        await state.load(file, ROOT)

    assert "\n" not in str(caught.value)


async def test_a_state_of_another_newsroom_is_refused(tmp_path: Path) -> None:
    await state.save(tmp_path / "state.json", SEEN)

    with pytest.raises(ConfigError, match="belongs to the newsroom"):
        await state.load(tmp_path / "state.json", digest(b"other"))


async def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        await state.load(tmp_path, ROOT)
    with pytest.raises(ConfigError, match="cannot be written"):
        await state.save(tmp_path / "none" / "state.json", SEEN)


async def test_a_state_is_whole_on_disk_before_it_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "state.json"
    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: sizes.append(os.fstat(handle).st_size))

    await state.save(file, SEEN)

    assert sizes == [file.stat().st_size]


async def test_a_state_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    await state.save(file, SEEN)

    (tmp_path / "state.json.part").mkdir()
    with pytest.raises(ConfigError, match="cannot be written"):
        await state.save(file, State(root_id=ROOT))

    assert await state.load(file, ROOT) == SEEN


async def test_a_state_of_the_largest_size_is_read_and_no_more(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    await state.save(file, SEEN)
    body = file.read_bytes()

    file.write_bytes(body + b" " * (state.MAX_STATE - len(body)))
    whole = await state.load(file, ROOT)
    file.write_bytes(b" " * (state.MAX_STATE - len(body) + 2) + body)
    with pytest.raises(ConfigError, match="is damaged"):
        await state.load(file, ROOT)

    assert whole == SEEN


def test_a_lower_number_or_other_bytes_are_refused() -> None:
    two, other = Seen(number=2, sha256="b"), Seen(number=2, sha256="c")

    state.refuse_older("root", two, two)
    state.refuse_older("root", Seen(number=3, sha256="d"), two)
    for now, before in ((Seen(number=1, sha256="a"), two), (other, two)):
        with pytest.raises(FormatError) as caught:
            state.refuse_older("root", now, before)
        assert caught.value.clause == "6.6"


def test_the_higher_of_each_kind_is_remembered() -> None:
    ahead = State(root_id=ROOT, edition=Seen(number=9, sha256="e"))

    merged = state.newer(ahead, SEEN)

    assert (merged.edition.number, merged.pointer.number) == (9, 7)
