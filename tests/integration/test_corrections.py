"""Corrections and sources: importing the same source again undoes no correction."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.kit.newsroom import tamizdat

STORY = "---\ntitle: {title}\nlanguage: en\ndate: 2026-01-02\n---\n\n{text}\n"


@pytest.fixture
def room(tmp_path: Path) -> Path:
    made = tamizdat("init", tmp_path / "room", "--language", "en", "--json")
    assert made.returncode == 0, made.stderr
    return tmp_path / "room"


def run(room: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return tamizdat("-C", room, *words, "--json")


def done(room: Path, *words: str | Path) -> Any:
    answer = run(room, *words)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def story(path: Path, title: str, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(STORY.format(title=title, text=text), encoding="utf-8")
    return path


def test_a_source_undoes_no_correction(room: Path, tmp_path: Path) -> None:
    file = story(tmp_path / "s" / "a.md", "The ferry", "It sailed in 1998.")
    (article,) = done(room, "import", "folder", file.parent, "--release")["ids"]
    words = ("article", "correct", article, "--replace")
    done(room, *words, "1998=1989", "--reason", "The year")
    done(room, *words, "sailed=left")

    again = done(room, "import", "folder", file.parent, "--release")
    assert (again["unchanged"], again["revised"], again["set_aside"]) == (1, 0, [])

    story(file, "The ferry", "It sailed in 1998, by day.")
    assert done(room, "import", "folder", file.parent, "--release")["revised"] == 1
    assert done(room, "import", "folder", file.parent, "--release")["unchanged"] == 1
