"""What can be asked of a newsroom while another program works in it."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from store.lock import Lock
from tests.kit.newsroom import Made, made_newsroom, tamizdat

READS: Sequence[tuple[str, ...]] = (
    ("article", "list"),
    ("draft", "list"),
    ("mirror", "list"),
    ("mirror", "turns"),
    ("desk", "people"),
)
CHANGES: Sequence[tuple[str, ...]] = (
    ("publish",),
    ("mirror", "rotate", "amber"),
    ("draft", "release", "--all"),
)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made_newsroom(tmp_path_factory.mktemp("paper"))


@pytest.mark.parametrize("words", READS)
def test_what_only_reads_works_beside_another_program(words: tuple[str, ...], paper: Made) -> None:
    with Lock(paper.folder / "state" / "lock"):
        done = tamizdat("-C", paper.folder, *words, "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) is not None


@pytest.mark.parametrize("words", CHANGES)
def test_what_changes_something_is_refused_in_one_line(words: tuple[str, ...], paper: Made) -> None:
    with Lock(paper.folder / "state" / "lock"):
        done = tamizdat("-C", paper.folder, *words)

    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "another tamizdat is working" in done.stderr


def test_a_look_leaves_the_newsroom_as_it_was(paper: Made) -> None:
    before = _files(paper.folder)

    for words in READS:
        assert tamizdat("-C", paper.folder, *words).returncode == 0

    assert _files(paper.folder) == before


def _files(folder: Path) -> dict[str, bytes]:
    names = [p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("ledger.db")]
    return {str(path): path.read_bytes() for path in names if not path.is_socket()}
