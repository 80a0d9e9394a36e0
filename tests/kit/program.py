"""The program, as a user runs it: a process of its own, an empty home, no network but loopback."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from service.cli import run

PATIENCE = 120.0
PYTHON = sys.executable


@dataclass(frozen=True)
class Answer:
    """What the program said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one line of JSON that `--json` gives."""
        (line,) = self.out.splitlines()
        return json.loads(line)


@dataclass(frozen=True)
class Program:
    """`tamizdat`, with `home` as HOME and nothing else of our environment but the path."""

    home: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None

    def run(self, *arguments: str | Path) -> Answer:
        """Run it to its end."""
        done = subprocess.run(
            self._command(arguments),
            env=self.environment,
            cwd=self.cwd or self.home,
            capture_output=True,
            check=False,
            timeout=PATIENCE,
        )
        return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())

    async def start(self, *arguments: str | Path) -> Answer:
        """Run it to its end, while a server of the test goes on."""
        child = await asyncio.create_subprocess_exec(
            *self._command(arguments),
            env=self.environment,
            cwd=self.cwd or self.home,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(PATIENCE):
            out, err = await child.communicate()
        return Answer(child.returncode or 0, out.decode(), err.decode())

    @property
    def environment(self) -> dict[str, str]:
        """All that the program sees of ours."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONWARNINGS": "error::ResourceWarning",
            **self.variables,
        }

    def _command(self, arguments: tuple[str | Path, ...]) -> list[str]:
        return [str(Path(PYTHON).with_name("tamizdat")), *map(str, arguments)]


def inside(*arguments: str | Path) -> Answer:
    """The same command line within this process: many times faster."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(one) for one in arguments])
    return Answer(code, out.getvalue(), err.getvalue())
