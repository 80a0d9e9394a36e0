"""Another newsroom's keys never sign for this one: not a byte goes out."""

import json
import shutil
from pathlib import Path

from tests.kit.newsroom import made_newsroom, tamizdat


def test_the_keys_of_another_newsroom_are_refused_before_anything_is_put(tmp_path: Path) -> None:
    made = made_newsroom(tmp_path)
    other = tmp_path / "other"
    assert tamizdat("init", other).returncode == 0
    shutil.move(made.folder / "keys", tmp_path / "right")
    shutil.copytree(other / "keys", made.folder / "keys")

    refused = tamizdat("-C", made.folder, "publish", "--json")
    shutil.rmtree(made.folder / "keys")
    shutil.move(tmp_path / "right", made.folder / "keys")
    again = json.loads(tamizdat("-C", made.folder, "publish", "--json").stdout)

    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "put the right keys back" in refused.stderr
    assert [p["verified"] for p in again["placements"]] == [True] * 3
    for mirror in made.mirrors.values():
        assert tamizdat("verify", mirror, "--root", made.root).returncode == 0


def test_a_language_whose_folder_cannot_be_is_refused_where_it_is_named(tmp_path: Path) -> None:
    refused = tamizdat("init", tmp_path / "room", "--language", "con")

    assert refused.returncode != 0
    assert len(refused.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "room").exists()


def test_a_newsroom_cannot_be_made_where_a_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    refused = tamizdat("init", tmp_path / "file" / "room")

    assert refused.returncode == 2
    assert len(refused.stderr.strip().splitlines()) == 1
