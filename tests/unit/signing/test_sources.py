import os
from pathlib import Path

import pytest

from signing import sources
from signing.sources import FileSource, FolderSource, local
from tamizdat.digest import digest
from tamizdat.errors import FormatError, SourceError

LARGEST = 64 * 1024 * 1024 + 64 * 1024


async def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    file = tmp_path / "edition.zip"
    file.touch()

    os.truncate(file, LARGEST)
    largest = await FileSource(file).body()
    os.truncate(file, LARGEST + 1)
    with pytest.raises(FormatError) as caught:
        await FileSource(file).body()

    assert len(largest) == LARGEST
    assert caught.value.clause == "3.12"


async def test_a_folder_of_too_many_files_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).touch()
    source = FolderSource(tmp_path)

    monkeypatch.setattr(sources, "MAX_PATHS", 3)
    listed = await source.listing()
    monkeypatch.setattr(sources, "MAX_PATHS", 2)
    with pytest.raises(FormatError) as caught:
        await source.listing()

    assert listed == {"a", "b", "c"}
    assert caught.value.clause == "3.14"


async def test_reading_stops_one_byte_after_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    source = FolderSource(tmp_path)

    body = await source.fetch({"a": 4, "b": 4})
    stamps = await source.stamps({"a": 9, "b": 9})

    assert body == {"a": b"01234"}  # formats 3.12
    assert {path: (one.sha256, one.length) for path, one in stamps.items()} == {
        "a": (digest(b"0123456789"), 10)
    }


async def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        await local(tmp_path / "none").body()  # type: ignore[union-attr] # it is a file's source
