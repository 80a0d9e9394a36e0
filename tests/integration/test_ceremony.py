"""The printed ceremony, followed to the letter by the real program, from an empty folder."""

import json
import os
import re
import shlex
import shutil
import subprocess
from io import StringIO
from itertools import chain
from pathlib import Path

import pytest

from tests.kit.newsroom import HOUSE, SAMPLES
from tests.kit.program import PYTHON, inside

RUNBOOK = (HOUSE / "docs/ceremony.md").read_text(encoding="utf-8")
STEPS = re.findall(r"```sh\n(.*?)```", RUNBOOK, re.DOTALL)
PATIENCE = 60


def follow(step: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Do what stands there, and say yes where the program asks; gives all that was said."""
    return "".join(one(line, monkeypatch) for line in step.splitlines())


def one(line: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """One command: by the shell, or within this process, which is many times faster."""
    words = shlex.split(line)
    if words[0] != "tamizdat" or "$(" in line:
        return by_shell(line)
    found = [sorted(map(str, Path().glob(word))) if "*" in word else [word] for word in words[1:]]
    monkeypatch.setattr("sys.stdin", StringIO("y\n"))
    answer = inside(*chain.from_iterable(found))
    assert answer.code == 0, f"{line}\n{answer.out}\n{answer.err}"
    return answer.out + answer.err


def by_shell(line: str) -> str:
    """One command as a person types it, with nothing else of our environment than the path."""
    path = f"{Path(PYTHON).parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(Path.cwd())}
    done = subprocess.run(
        ["bash", "-e", "-c", line],
        env=environment,
        input="y\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def test_who_follows_the_page_ends_well_and_so_does_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(SAMPLES, tmp_path / "texts")
    monkeypatch.chdir(tmp_path)

    said = [follow(step, monkeypatch) for step in STEPS]

    lists = [text for step, text in zip(STEPS, said, strict=True) if "key list" in step]
    assert ["TEST KEYS ARE IN FORCE" in text for text in lists] == [True, False, False]
    assert "still holds root keys" not in "".join(said)
    read = next(
        text for step, text in zip(STEPS, said, strict=True) if "paper-again/mirrors/a" in step
    )
    assert read.count("AUTHENTIC: edition") == 2
    equal = next(text for step, text in zip(STEPS, said, strict=True) if "countersign" in step)
    assert equal.count("EQUAL: edition") == 2
    assert said[-1].count("AUTHENTIC: edition") == 1
    state = json.loads((tmp_path / "kept.state").read_text(encoding="utf-8"))
    (newest,) = state["root"].values()
    assert newest == 5
    revoked = next(text for step, text in zip(STEPS, said, strict=True) if "revoke" in step)
    assert "the release key is distrusted" in revoked
