"""Where backups and restored newsrooms grow: unseen, alone, and gone if it fails."""

import stat
from pathlib import Path

import pytest

from service.backup.growing import growing, part_of
from service.backup.staging import staged
from tamizdat.errors import ConfigError, LedgerError, SourceError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_bears_its_name_once_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "it"

    with growing(target) as file:
        file.write(b"whole")
        before = names(tmp_path)

    assert before == [".it.part"]
    assert names(tmp_path) == ["it"]
    assert target.read_bytes() == b"whole"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_what_a_kill_left_is_not_in_it(tmp_path: Path) -> None:
    part_of(tmp_path / "it").write_bytes(b"half of an older one")

    with growing(tmp_path / "it") as file:
        file.write(b"new")

    assert (tmp_path / "it").read_bytes() == b"new"


def test_a_file_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with growing(tmp_path / "it") as file:
            file.write(b"half")
            raise SourceError("no")

    with pytest.raises(SourceError):
        fail()

    assert names(tmp_path) == []


def test_two_do_not_write_one_file(tmp_path: Path) -> None:
    with (
        growing(tmp_path / "it"),
        pytest.raises(LedgerError, match="another run is writing it"),
        growing(tmp_path / "it"),
    ):
        pass

    assert names(tmp_path) == ["it"]


def test_what_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is there already"), growing(tmp_path / "it"):
        (tmp_path / "it").write_text("mine")

    assert names(tmp_path) == ["it"]
    assert (tmp_path / "it").read_text() == "mine"


def test_a_folder_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(LedgerError, match="not a directory"), growing(tmp_path / "file" / "it"):
        pass


def test_a_newsroom_takes_its_place_at_one_stroke(tmp_path: Path) -> None:
    with staged(tmp_path / "room") as staging:
        staging.lay("blobs/ab/x", [b"a", b"b"])
        staging.move("blobs", "state/deep/blobs")
        before = names(tmp_path)
        staging.take_place()

    assert before == [".room.restoring"]
    assert names(tmp_path) == ["room"]
    assert (tmp_path / "room" / "state/deep/blobs/ab/x").read_bytes() == b"ab"


def test_a_restore_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with staged(tmp_path / "room") as staging:
            staging.lay("x", [b"x"])
            raise SourceError("no")

    with pytest.raises(SourceError):
        fail()

    assert names(tmp_path) == []


def test_two_restores_do_not_meet(tmp_path: Path) -> None:
    with (
        staged(tmp_path / "room"),
        pytest.raises(LedgerError, match="another restore is at work"),
        staged(tmp_path / "room"),
    ):
        pass


def test_nothing_is_laid_over_anything(tmp_path: Path) -> None:
    with staged(tmp_path / "room") as staging:
        staging.lay("a/x", [b"x"])
        for name in ("a/x", "a"):
            with pytest.raises(SourceError, match="twice"):
                staging.lay(name, [b"y"])
        staging.move("a/x", "there")
        staging.lay("a/x", [b"y"])

        with pytest.raises(SourceError, match="two things"):
            staging.move("a/x", "there")


def test_a_folder_that_filled_meanwhile_is_left_alone(tmp_path: Path) -> None:
    with staged(tmp_path / "room") as staging:
        (tmp_path / "room").mkdir()
        (tmp_path / "room" / "mine").write_text("mine")
        with pytest.raises(LedgerError, match="cannot be made"):
            staging.take_place()

    assert names(tmp_path / "room") == ["mine"]
    assert names(tmp_path) == ["room"]


@pytest.mark.parametrize("place", ["nowhere/room", "file/room"])
def test_a_place_that_is_none_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError), staged(tmp_path / place):
        pass
