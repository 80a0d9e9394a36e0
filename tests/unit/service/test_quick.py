"""The quick way to `verify`: it reads the plain words, and leaves all others to Typer."""

import subprocess
import sys
from pathlib import Path

import pytest

from service import __main__ as program
from service import cli
from service.config import FILE
from service.quick import CONFIG, Question, question

ROOT = "0123456789abcdef" * 4
PLAIN = Question(copy="paper", root=ROOT, state=None, require_fresh=False, json=False)
FULL = Question(copy="e.zip", root=ROOT, state=Path("s.json"), require_fresh=True, json=True)

UNDERSTOOD = [
    (["verify", "paper", "--root", ROOT], PLAIN),
    (["verify", "--root", ROOT, "paper"], PLAIN),
    (["verify", f"--root={ROOT}", "paper"], PLAIN),
    (["verify", "paper", "--root", f" {ROOT.upper()} "], PLAIN),
    (["verify", "--json", "e.zip", "--state=s.json", "--root", ROOT, "--require-fresh"], FULL),
]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("words", "asked"), UNDERSTOOD)
def test_plain_words_are_understood(words: list[str], asked: Question) -> None:
    assert question(words) == asked


LEFT = [
    [],
    ["--help"],
    ["publish"],
    ["-C", "paper", "verify", "x", "--root", ROOT],
    ["verify"],
    ["verify", "--help"],
    ["verify", "paper"],
    ["verify", "paper", "--root"],
    ["verify", "paper", "--root", "abc"],
    ["verify", "paper", "--root", "--json"],
    ["verify", "paper", "--root", ROOT, "--root", ROOT],
    ["verify", "paper", "--root", ROOT, "--json", "--json"],
    ["verify", "paper", "--root", ROOT, "--json=yes"],
    ["verify", "paper", "--root", ROOT, "--state"],
    ["verify", "paper", "--root", ROOT, "--state", "--json"],
    ["verify", "paper", "other", "--root", ROOT],
    ["verify", "--root", ROOT],
    ["verify", "", "--root", ROOT],
    ["verify", "--", "paper", "--root", ROOT],
    ["verify", "-x", "--root", ROOT],
]


@pytest.mark.parametrize("words", LEFT)
def test_all_other_words_are_left_to_typer(words: list[str]) -> None:
    assert question(words) is None


def test_in_a_newsroom_its_ledger_has_a_say(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()

    assert CONFIG == FILE
    assert question(["verify", "paper", "--root", ROOT]) is None


@pytest.mark.parametrize("more", [[], ["--json"], ["--require-fresh"], ["--state", "none/s"]])
@pytest.mark.parametrize("copy", ["missing", "file", "folder", "http://127.0.0.1:9/"])
def test_both_ways_say_the_same(
    copy: str, more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("not ours", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    words = ["verify", copy, "--root", ROOT, *more]

    quick, said = program.run(words), capsys.readouterr()
    slow, said_slowly = cli.run(words), capsys.readouterr()

    assert question(words) is not None
    assert (quick, said) == (slow, said_slowly)
    assert quick


def test_a_reader_waits_for_nothing_that_is_slow_to_load() -> None:
    code = f"""
import sys
from service.__main__ import run
run(["verify", "x", "--root", "{ROOT}"])
slow = {{"typer", "pydantic", "aiohttp", "rich", "sqlalchemy", "boto3", "nh3", "bs4", "lxml"}}
print(sorted(set(sys.modules) & slow))
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip().splitlines()[-1] == "[]"
