"""The page of the command line: what the program itself says. `make docs` writes it."""

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from service.cli import VERBS, run

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
HEAD = """\
# The command line

`tamizdat [-C DIR] VERB ...`: `-C` names the newsroom's folder (default: here). Exit codes: 0 done,
1 refused, 2 usage. Every verb takes `--help`; those that report take `--json` and then answer with
one line of JSON on standard output.

This page is the program's own help (`make docs` writes it, a test keeps both equal).
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for verb in VERBS:
        text = told(verb)
        parts.append(f"## {verb}\n\n```text\n{text}\n```\n")
        parts += [
            f"### {verb} {inner}\n\n```text\n{told(verb, inner)}\n```\n" for inner in below(text)
        ]
    return "\n".join(parts)


def told(*words: str) -> str:
    """What `--help` says."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), mock.patch.dict(os.environ, COLUMNS="100"):
        run([*words, "--help"])
    return "\n".join(line.rstrip() for line in said.getvalue().strip().splitlines())


def below(text: str) -> Iterator[str]:
    """The verbs below a noun."""
    _, _, commands = text.partition("\nCommands:")
    for line in commands.splitlines():
        if line.startswith("  ") and not line.startswith("   "):
            yield line.split()[0]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
