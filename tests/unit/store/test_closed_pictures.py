"""Pictures that lie closed: found by who has the key, and by nobody else."""

from pathlib import Path

import pytest

from store.closed import Closed
from store.closed_blobs import ClosedBlobs
from store.closed_pictures import ClosedPictures
from tamizdat.closing import OPEN
from tamizdat.digest import digest
from tamizdat.errors import BlobMissingError

KEY, PICTURE = b"k" * 32, b"\xff\xd8 a pier"


def pictures(folder: Path, key: bytes = KEY) -> ClosedPictures:
    return ClosedPictures(folder, Closed(key), durable=False)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_lies_there_tells_neither_the_picture_nor_its_digest(tmp_path: Path) -> None:
    sha256 = pictures(tmp_path).write(PICTURE)
    again = pictures(tmp_path).write(PICTURE)
    (file,) = files(tmp_path)

    assert sha256 == again == digest(PICTURE)
    assert file.name == digest(file.read_bytes())
    assert PICTURE not in file.read_bytes()
    assert bytes.fromhex(sha256) not in file.read_bytes()


def test_lengths_are_rounded_so_that_a_file_tells_no_picture(tmp_path: Path) -> None:
    here = pictures(tmp_path)
    for length in range(41_000, 41_100):
        assert here.read(here.write(bytes([length % 251]) * length))

    assert len({path.stat().st_size for path in files(tmp_path)}) == 1


def test_what_another_program_lays_there_or_takes_away_is_seen(tmp_path: Path) -> None:
    ours, theirs = pictures(tmp_path), pictures(tmp_path)
    assert not ours.has(digest(PICTURE))

    theirs.write(PICTURE)
    read = ours.read(digest(PICTURE))
    theirs.keep_only([])

    assert read == PICTURE
    assert not ours.has(digest(PICTURE))
    assert ours.write(PICTURE) == digest(PICTURE)
    assert ours.read(digest(PICTURE)) == PICTURE


def test_what_is_wanted_stays_and_the_rest_goes(tmp_path: Path) -> None:
    here = pictures(tmp_path)
    names = [here.write(PICTURE + bytes([n])) for n in range(5)]

    kept = here.keep_only([*names[:2], digest(b"another")])

    assert kept == frozenset(names[:2])
    assert [here.has(name) for name in names] == [True, True, False, False, False]
    assert len(files(tmp_path)) == 2


@pytest.mark.parametrize("place", [0, 20, 40, 60, -1])
def test_what_was_altered_is_missing(tmp_path: Path, place: int) -> None:
    sha256 = pictures(tmp_path).write(PICTURE)
    (file,) = files(tmp_path)
    body = bytearray(file.read_bytes())
    body[place] ^= 1
    file.write_bytes(body)

    with pytest.raises(BlobMissingError):
        pictures(tmp_path).read(sha256)


def test_a_picture_that_bears_anothers_sign_is_missing(tmp_path: Path) -> None:
    here = pictures(tmp_path)
    first, second = here.write(PICTURE), here.write(PICTURE + b"2")
    by_name = {path.read_bytes()[:32]: path for path in files(tmp_path)}
    a, b = (by_name[Closed(KEY).sign(one)] for one in (first, second))
    swapped = a.read_bytes()[:32] + b.read_bytes()[32:]
    a.unlink()
    moved = tmp_path / digest(swapped)[:2] / digest(swapped)
    moved.parent.mkdir(exist_ok=True)
    moved.write_bytes(swapped)

    with pytest.raises(BlobMissingError, match="damaged"):
        pictures(tmp_path).read(first)


def test_under_another_key_nothing_is_found(tmp_path: Path) -> None:
    sha256 = pictures(tmp_path).write(PICTURE)

    assert not pictures(tmp_path, b"x" * 32).has(sha256)


def test_without_a_key_a_picture_lies_open_and_what_is_closed_stays(tmp_path: Path) -> None:
    closed = ClosedBlobs(tmp_path / "blobs", Closed(KEY), tmp_path / "apart", durable=False)
    opened = ClosedBlobs(tmp_path / "blobs", OPEN, tmp_path / "apart", durable=False)
    closed.write_closed(PICTURE)
    sha256 = opened.write_closed(PICTURE + b"2")
    assert opened.lies_open(sha256)

    assert opened.keep_closed([]) == frozenset()
    assert closed.read(digest(PICTURE)) == PICTURE


def test_what_is_laid_open_is_read_without_the_key(tmp_path: Path) -> None:
    closed = ClosedBlobs(tmp_path / "blobs", Closed(KEY), tmp_path / "apart", durable=False)
    sha256 = closed.write_closed(PICTURE)

    closed.lay_open([sha256, digest(b"nobody has it")])

    opened = ClosedBlobs(tmp_path / "blobs", OPEN, tmp_path / "apart", durable=False)
    assert opened.read(sha256) == PICTURE
    assert closed.keep_closed([sha256]) == {sha256}
