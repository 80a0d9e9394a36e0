"""A barrier waits for every file, or once for the whole file system where that can be trusted."""

import ctypes
import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import barrier as home
from store.barrier import MANY, barrier


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is waited for, in order."""
    asked: list[str] = []

    def fsync(file: int) -> None:
        asked.append(Path(f"/proc/self/fd/{file}").readlink().name)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(home, "_sync", lambda _place: asked.append("all"))
    home._is_known.cache_clear()
    yield asked
    home._is_known.cache_clear()


def files(folder: Path, count: int) -> list[Path]:
    made = [folder / str(number) for number in range(count)]
    for path in made:
        path.write_bytes(b"x")
    return made


def on(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(home, "_kind", lambda _device: kind)


def test_few_files_are_waited_for_one_by_one(
    tmp_path: Path, synced: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, "ext4")
    paths = files(tmp_path, MANY - 1)

    with barrier(tmp_path) as wait:
        wait(paths)

    assert synced == [path.name for path in paths]


def test_many_files_are_waited_for_at_once(
    tmp_path: Path, synced: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, "ext4")

    with barrier(tmp_path) as wait:
        wait(files(tmp_path, MANY))

    assert synced == ["all"]


@pytest.mark.parametrize("kind", ["fuse.sshfs", "nfs4", "overlay", ""])
def test_where_the_file_system_may_pass_nothing_on_each_file_is_waited_for(
    tmp_path: Path, synced: list[str], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    on(monkeypatch, kind)

    with barrier(tmp_path) as wait:
        wait(files(tmp_path, MANY))

    assert len(synced) == MANY
    assert "all" not in synced


@pytest.mark.parametrize("release", ["5.7.19", "4.19.0", "odd"])
def test_an_old_system_does_not_tell_what_went_wrong(
    tmp_path: Path, synced: list[str], monkeypatch: pytest.MonkeyPatch, release: str
) -> None:
    on(monkeypatch, "ext4")
    told = os.uname_result(("Linux", "x", release, "x", "x"))
    monkeypatch.setattr(os, "uname", lambda: told)

    with barrier(tmp_path) as wait:
        wait(files(tmp_path, MANY))

    assert len(synced) == MANY


def test_what_the_disk_could_not_keep_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        @staticmethod
        def syncfs(_place: int) -> int:
            ctypes.set_errno(errno.EIO)
            return -1

    on(monkeypatch, "ext4")
    monkeypatch.setattr(home, "_library", Failing)
    paths = files(tmp_path, MANY)

    with pytest.raises(OSError, match=os.strerror(errno.EIO)), barrier(tmp_path) as wait:
        wait(paths)


def test_this_machine_is_waited_for(tmp_path: Path) -> None:
    with barrier(tmp_path) as wait:
        wait(files(tmp_path, MANY))
        wait([tmp_path])
