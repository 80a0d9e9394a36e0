"""What every verb is told: which newsroom, and how to speak."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast

import typer


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The newsroom's folder, and whether the user named it."""

    folder: Path
    named: bool


def place(context: typer.Context) -> Place:
    """The place that the command line named."""
    return cast("Place", context.find_root().obj)


Json = Annotated[bool, typer.Option("--json", help="Answer with one line of JSON.")]
