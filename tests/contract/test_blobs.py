"""What every store of files by hash keeps to."""

import errno
import os
import stat
from pathlib import Path

import pytest

from store.barrier import MANY
from store.blobs import _UNFINISHED, FolderBlobs, MemoryBlobs
from store.closed import Closed
from store.closed_blobs import ClosedBlobs
from tamizdat.digest import Digest, digest
from tamizdat.errors import BlobMissingError, LedgerError
from tamizdat.ports import Blobs


@pytest.fixture
def folder(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs")


@pytest.fixture(params=["memory", "folder", "fast folder", "closed"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    kinds: dict[str, Blobs] = {
        "memory": MemoryBlobs(),
        "folder": FolderBlobs(tmp_path / "blobs"),
        "fast folder": FolderBlobs(tmp_path / "blobs", durable=False),
        "closed": ClosedBlobs(tmp_path / "blobs", Closed(b"k" * 32), tmp_path / "apart"),
    }
    return kinds[request.param]


@pytest.mark.parametrize("count", [1, MANY - 1, 3 * MANY])
@pytest.mark.parametrize("durable", [True, False])
def test_many_are_kept_for_one_wait(tmp_path: Path, count: int, *, durable: bool) -> None:
    kept = FolderBlobs(tmp_path / "blobs", durable=durable)
    bodies = [f"page {number}".encode() for number in range(count)]

    names = kept.write_all([*bodies, *bodies[:1]])

    assert names == tuple(digest(body) for body in [*bodies, *bodies[:1]])
    assert [kept.read(name) for name in names] == [*bodies, *bodies[:1]]
    assert kept.write_all(bodies) == names[:-1]
    assert kept.write_all([]) == ()
    assert kept.keep_only([]) == count


def test_of_many_none_is_left_halfway_where_the_disk_refuses(
    folder: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Path, _target: Path) -> Path:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Path, "replace", full)

    with pytest.raises(LedgerError, match="no space left"):
        folder.write_all([b"one", b"two"])

    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("body", [b"", b"text", bytes(range(256)) * 9000])
def test_what_is_written_is_read(blobs: Blobs, body: bytes) -> None:
    name = blobs.write(body)

    assert name == digest(body)
    assert blobs.read(name) == body
    assert blobs.has(name)


def test_what_was_never_written_is_missing(blobs: Blobs) -> None:
    with pytest.raises(BlobMissingError, match=digest(b"never")):
        blobs.read(digest(b"never"))

    assert not blobs.has(digest(b"never"))


def test_writing_twice_keeps_one(blobs: Blobs) -> None:
    assert blobs.write(b"same") == blobs.write(b"same")

    assert blobs.keep_only([]) == 1


def test_only_what_is_wanted_stays(blobs: Blobs) -> None:
    kept, gone = blobs.write(b"kept"), [blobs.write(b"one"), blobs.write(b"two")]

    assert blobs.keep_only(iter([kept, digest(b"never")])) == 2

    assert blobs.read(kept) == b"kept"
    assert [blobs.has(name) for name in gone] == [False, False]


def test_a_blob_lies_at_the_first_digits_of_its_hash_for_its_owner_only(
    folder: FolderBlobs, tmp_path: Path
) -> None:
    name = folder.write(b"body")

    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert path == tmp_path / "blobs" / name[:2] / name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_is_there_is_not_written_again(folder: FolderBlobs, tmp_path: Path) -> None:
    name = folder.write(b"body")
    path = tmp_path / "blobs" / name[:2] / name
    before = path.stat().st_ino

    folder.write(b"body")

    assert path.stat().st_ino == before


def test_a_file_cut_short_is_refused_and_mended_by_the_next_write(
    folder: FolderBlobs, tmp_path: Path
) -> None:
    name = folder.write(b"body")
    (tmp_path / "blobs" / name[:2] / name).write_bytes(b"bo")

    with pytest.raises(BlobMissingError, match="damaged"):
        folder.read(name)
    folder.write(b"body")

    assert folder.read(name) == b"body"


@pytest.mark.parametrize("name", ["../../secret", "", "A" * 64, "0" * 63])
def test_a_name_that_no_blob_has_is_refused(folder: FolderBlobs, name: str) -> None:
    with pytest.raises(BlobMissingError, match="no name"):
        folder.read(Digest(name))


def test_unfinished_files_go_only_when_their_run_is_dead(
    folder: FolderBlobs, tmp_path: Path
) -> None:
    kept = folder.write(b"body")
    shelf = tmp_path / "blobs" / kept[:2]
    fresh, stale = shelf / f"{_UNFINISHED}fresh", shelf / ".new-0123456789abcdef-stale"
    for path in (fresh, stale):
        path.write_bytes(b"half")

    assert folder.keep_only([kept]) == 1

    assert fresh.exists()
    assert not stale.exists()


def test_a_full_disk_says_which_folder_and_leaves_no_half_file(
    folder: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(LedgerError, match=f"^no space left in {tmp_path}/blobs: make room"):
        folder.write(b"body")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_that_is_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_bytes(b"")

    with pytest.raises(LedgerError, match="blobs cannot be used: Not a directory"):
        FolderBlobs(tmp_path / "blobs").write(b"body")


def test_a_durable_write_waits_for_the_file_and_then_for_its_name(
    folder: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[tuple[bool, bool]] = []
    path = tmp_path / "blobs" / digest(b"body")[:2] / digest(b"body")
    really = os.fsync

    def watched(file: int) -> None:
        waited.append((stat.S_ISDIR(os.fstat(file).st_mode), path.exists()))
        really(file)

    monkeypatch.setattr(os, "fsync", watched)
    folder.write(b"body")

    assert waited[-2:] == [(False, False), (True, True)]
