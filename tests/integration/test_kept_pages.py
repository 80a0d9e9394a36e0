"""An edition in one page can be read into a folder, and an older one never replaces a newer."""

from pathlib import Path

from tests.kit.newsroom import made_newsroom, tamizdat


def test_a_page_passed_by_hand_is_checked_and_kept(tmp_path: Path) -> None:
    made = made_newsroom(tmp_path)
    page, folder = made.bundle("en", "html"), tmp_path / "kept"
    bad = tmp_path / "bad.html"
    bad.write_bytes(page.read_bytes().replace(b"<h1", b"<h2", 1))

    taken = tamizdat("read", page, "--to", folder, "--root", made.root)
    spoilt = tamizdat("read", bad, "--to", tmp_path / "none", "--root", made.root)
    again = tamizdat("read", bad, "--to", folder, "--root", made.root)

    assert taken.returncode == 0, taken.stderr
    assert (folder / "edition.html").read_bytes() == page.read_bytes()
    assert spoilt.returncode == 1
    assert not (tmp_path / "none").exists()
    assert again.returncode == 0
    assert (folder / "edition.html").read_bytes() == page.read_bytes()
