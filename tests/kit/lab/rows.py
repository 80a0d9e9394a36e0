"""Rows of the lab: what the censor does, what the probe sees, what the verdict is. From TOML."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tamizdat.verdict import Finding, Word
from tests.kit.lab.censor import DEEDS, Deed

Told = str | int | bool


class Part(BaseModel):
    """A part of a row: frozen, strict, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Row(Part):
    """One row. `commands` run in the censor's namespace, `undo` afterwards.

    `sees` is `stage:code`, or `ok`; where several are listed, each of them will do. `outpost`: both
    looks are those of `tamizdat reach look`, started in the namespaces as a vantage elsewhere is.
    """

    name: str
    scheme: str = "https"
    censor: tuple[dict[str, Told], ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    undo: tuple[tuple[str, ...], ...] = ()
    world: tuple[dict[str, str], ...] = ()
    sees: Annotated[tuple[str, ...], Field(min_length=1)]
    finding: Finding | None = None
    flags: tuple[str, ...] | None = None
    verdict: Word
    outpost: bool = False

    def deeds(self) -> tuple[Deed, ...]:
        """What the censor does, ready to do; ValueError names what it cannot."""
        return deeds(self.censor, self.name)


class _Rows(Part):
    row: tuple[Row, ...]


def deeds(told: Iterable[Mapping[str, Told]], row: str = "row") -> tuple[Deed, ...]:
    """What a censor does, ready to do; ValueError names what it cannot."""
    return tuple(_deed(dict(one), row) for one in told)


def load(path: Path) -> tuple[Row, ...]:
    """The rows in the file at `path`."""
    rows = _Rows.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).row
    for row in rows:
        row.deeds()
    return rows


def _deed(told: dict[str, Told], row: str) -> Deed:
    name = str(told.pop("do", ""))
    if name not in DEEDS:
        raise ValueError(f"row {row}: the censor cannot {name!r} (can: {', '.join(sorted(DEEDS))})")
    return DEEDS[name](**told)
