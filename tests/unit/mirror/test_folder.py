"""A folder as a mirror: whole files, plain modes, and no way out of it."""

import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mirror.folder import FolderBackend
from mirror.readers import FolderReader
from tamizdat.errors import BackendError

PAGE = "en/2026/abcdefghijkl2.html"
HTML = "text/html; charset=utf-8"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "mirrors" / "site"
    site.mkdir(parents=True)
    return site


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
async def folder(site: Path) -> AsyncIterator[FolderBackend]:
    folder = FolderBackend(site)
    yield folder
    await folder.close()


async def test_modes_do_not_rest_on_the_umask(folder: FolderBackend, site: Path) -> None:
    before = os.umask(0o077)
    try:
        await folder.put(PAGE, b"x", HTML)
    finally:
        os.umask(before)

    assert mode(site / PAGE) == 0o644
    assert {mode(path) for path in (site, site / "en", site / "en/2026")} == {0o755}


async def test_half_written_files_never_lie_in_the_public_tree(
    folder: FolderBackend, site: Path
) -> None:
    await folder.put(PAGE, b"x", HTML)

    incoming = site.parent / ".site.incoming"
    assert incoming.is_dir()
    assert list(await folder.paths()) == [PAGE]
    assert names(incoming) == []


async def test_what_a_killed_push_left_is_cleared(folder: FolderBackend, site: Path) -> None:
    incoming = site.parent / ".site.incoming"
    incoming.mkdir()
    (incoming / "0123").write_bytes(b"half")

    await folder.put(PAGE, b"x", HTML)

    assert names(incoming) == []


async def test_closing_leaves_nothing_beside_the_folder(tmp_path: Path) -> None:
    folder = FolderBackend(tmp_path / "site")
    await folder.put(PAGE, b"x", HTML)

    await folder.close()

    assert names(tmp_path) == ["site"]


async def test_a_deletion_removes_the_folders_it_empties(folder: FolderBackend, site: Path) -> None:
    await folder.put(PAGE, b"x", HTML)
    await folder.put("en/index.html", b"x", HTML)

    await folder.delete(PAGE)

    assert names(site / "en") == ["index.html"]


async def test_the_last_deletion_leaves_the_folder_itself(
    folder: FolderBackend, site: Path
) -> None:
    await folder.put(PAGE, b"x", HTML)

    await folder.delete(PAGE)

    assert names(site) == []


async def test_no_link_leads_a_put_out_of_the_folder(
    folder: FolderBackend, site: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (site / "en").symlink_to(outside)

    with pytest.raises(BackendError, match=r"stands (in the way|where)"):
        await folder.put(PAGE, b"x", HTML)

    assert names(outside) == []


async def test_a_link_at_the_path_itself_is_replaced(
    folder: FolderBackend, site: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"a secret")
    (site / "index.html").symlink_to(secret)

    await folder.put("index.html", b"x", HTML)

    assert secret.read_bytes() == b"a secret"
    assert not (site / "index.html").is_symlink()


async def test_no_link_leads_a_deletion_out_of_the_folder(
    folder: FolderBackend, site: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "index.html").write_bytes(b"x")
    (site / "en").symlink_to(outside)

    await folder.delete("en/index.html")

    assert (outside / "index.html").exists()


async def test_no_link_leads_a_reader_out_of_the_folder(site: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.html"
    secret.write_bytes(b"a secret")
    (site / "index.html").symlink_to(secret)

    with pytest.raises(BackendError, match="symbolic link"):
        await FolderReader(site).fetch("index.html", 100)


async def test_a_pipe_in_the_folder_hangs_nobody(site: Path) -> None:
    os.mkfifo(site / "index.html")

    assert await FolderReader(site).fetch("index.html", 100) is None


async def test_links_and_hidden_files_are_listed(
    folder: FolderBackend, site: Path, tmp_path: Path
) -> None:
    await folder.put(PAGE, b"x", HTML)
    (site / "en" / "out").symlink_to(tmp_path)
    (site / ".hidden").write_bytes(b"x")

    assert list(await folder.paths()) == [".hidden", PAGE, "en/out"]


async def test_what_an_audit_found_can_be_deleted(folder: FolderBackend, site: Path) -> None:
    await folder.put(PAGE, b"x", HTML)
    (site / ".hidden").write_bytes(b"x")

    await folder.delete(".hidden")

    assert list(await folder.paths()) == [PAGE]


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "en/../../secret", ""])
async def test_a_deletion_outside_is_refused(folder: FolderBackend, path: str) -> None:
    with pytest.raises(BackendError, match="no path below the folder"):
        await folder.delete(path)


async def test_a_file_where_a_folder_must_be_is_told(folder: FolderBackend) -> None:
    await folder.put("en/index.html", b"x", HTML)

    with pytest.raises(BackendError, match="a file or link stands where a folder must be"):
        await folder.put("en/index.html/inner.html", b"x", HTML)


async def test_a_folder_where_a_file_must_be_is_told(folder: FolderBackend) -> None:
    await folder.put("en/index.html/inner.html", b"x", HTML)

    with pytest.raises(BackendError, match="a folder stands where a file must be"):
        await folder.put("en/index.html", b"x", HTML)
