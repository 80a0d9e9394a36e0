"""The command line: every verb says what it is for, and loads only what it needs."""

import subprocess
import sys
from importlib import import_module

import pytest
import typer

from service.cli import VERBS, program, run


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_stands_in_the_home_that_the_table_names(verb: str) -> None:
    app = typer.Typer()

    import_module(f"service.verbs.{VERBS[verb].home}").add(app)

    names = [one.name for one in app.registered_commands]
    names += [one.name for one in app.registered_groups]
    assert verb in names


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([verb, "--help"]) == 0

    assert "Usage:" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["nonsense"], ["verify"], ["publish", "--bogus"], ["mirror", "x"]]
)
def test_bad_usage_is_one_line_and_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 2

    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_without_a_verb_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0

    said = capsys.readouterr().out
    assert all(verb in said for verb in VERBS)


def test_a_folder_is_not_taken_for_a_verb() -> None:
    assert program(["-C", "publish", "key", "list"]).registered_groups[0].name == "key"


def test_a_reader_loads_none_of_the_newsroom() -> None:
    code = """
import sys
from service.cli import run
run(["verify", "x", "--root", "0" * 64])
heavy = {"boto3", "sqlalchemy", "feedgen", "bs4", "aiohttp", "PIL", "gnupg", "alembic"}
print(sorted(set(sys.modules) & heavy))
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip().splitlines()[-1] == "[]"
