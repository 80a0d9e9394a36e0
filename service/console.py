"""The console: how a verb speaks to a person, or with --json to a program."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn, TextIO

from tamizdat.errors import ConfigError, TamizdatError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress

DONE, REFUSED, USAGE = 0, 1, 2

_UNSEEN = dict.fromkeys((7, 8, 11, 12, 13))
"""Bell, backspace and what moves a terminal's cursor: rich leaves them out as well."""


class Voice:
    """One of the two streams. What draws on it is loaded when there is something to draw.

    A line to a program or a file is written as it is: loading rich takes longer than `verify`.
    """

    def __init__(self, *, aside: bool) -> None:
        self._aside = aside
        self._console: Console | None = None

    @property
    def file(self) -> TextIO:
        """The stream itself."""
        return sys.stderr if self._aside else sys.stdout

    @property
    def is_terminal(self) -> bool:
        """Whether a person watches it."""
        return self.console.is_terminal

    @property
    def console(self) -> "Console":
        """What draws on it."""
        if self._console is None:
            from rich.console import Console  # noqa: PLC0415 - slow to load

            self._console = Console(stderr=self._aside, highlight=False, soft_wrap=True)
        return self._console

    def print(
        self, *shown: "RenderableType", markup: bool = True, style: str | None = None
    ) -> None:
        """Print one line, or tables; `markup` lets `[bold]` and the like count."""
        lines = [one for one in shown if isinstance(one, str)]
        if markup or len(lines) < len(shown) or self.file.isatty():
            self.console.print(*shown, markup=markup, style=style)
            return
        self.file.write(" ".join(lines).translate(_UNSEEN) + "\n")
        self.file.flush()


out = Voice(aside=False)
err = Voice(aside=True)


def as_json(value: object) -> None:
    """One line of JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def fail(message: str, code: int = REFUSED) -> NoReturn:
    """One line on the error stream, and an exit code."""
    err.print(message, markup=False, style="red")
    raise SystemExit(code)


def complain(message: str, code: int) -> int:
    """One line on the error stream that says who speaks; gives the exit code."""
    err.print(f"tamizdat: {message}", markup=False, style="red")
    return code


def refused(error: TamizdatError | ExceptionGroup[Exception]) -> int:
    """Say an error of ours in one line; gives the exit code. Any other goes on: it is a bug."""
    first: BaseException = error
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    if not isinstance(first, TamizdatError):
        raise error
    return complain(str(first), USAGE if isinstance(first, ConfigError) else REFUSED)


def stopped() -> int:
    """Say that somebody stopped us; gives the exit code."""
    return complain("stopped; run the same command again to go on", REFUSED)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table for people."""
    from rich.table import Table  # noqa: PLC0415 - slow to load

    grid = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    out.print(grid)


@contextmanager
def bars(*, quiet: bool) -> Iterator["Progress | None"]:
    """Progress bars on the error stream, where a person watches it; None otherwise."""
    if quiet or not err.file.isatty():
        yield None
        return
    from rich.progress import (  # noqa: PLC0415 - slow to load
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err.console, transient=True) as progress:
        yield progress
