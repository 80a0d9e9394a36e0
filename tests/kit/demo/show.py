"""A show: scenes one after the other, each with its proof and its time; and what came of them."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from service.console import DONE, REFUSED, as_json, bars, out, table

Scene = Callable[[], Awaitable[tuple[bool, str]]]
"""Plays, and tells whether it held and what was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A scene that was played."""

    name: str
    held: bool
    seen: str
    seconds: float


@dataclass(kw_only=True)
class Show:
    """What was played so far, and what could not be played here."""

    played: list[Played] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether all that was played held."""
        return all(one.held for one in self.played)

    async def play(self, name: str, scene: Scene) -> None:
        """Play a scene. One that breaks is told like one that did not hold."""
        began = time.monotonic()
        with bars(quiet=False) as progress:
            if progress:
                progress.add_task(name, total=None)
            try:
                held, seen = await scene()
            except (TimeoutError, AssertionError, OSError) as error:
                held, seen = False, f"{type(error).__name__}: {error}"
        seconds = time.monotonic() - began
        self.played.append(Played(name=name, held=held, seen=seen, seconds=seconds))
        out.print(f"{'done' if held else 'FAILED'}: {name}: {seen}", markup=False)

    def report(self, root: str, *, as_line: bool) -> int:
        """Print one table, and `as_line` of JSON too; gives the exit code."""
        rows = [
            ["yes" if s.held else "NO", s.name, s.seen, f"{s.seconds:.1f} s"] for s in self.played
        ]
        table("What the demo did", ["held", "scene", "seen", "took"], rows)
        for name in self.left_out:
            out.print(f"NOT SHOWN HERE: {name}", markup=False)
        if as_line:
            steps = [{"step": s.name, "held": s.held, "seen": s.seen} for s in self.played]
            told = {"held": self.held, "root": root, "steps": steps, "left_out": self.left_out}
            as_json(told)
        return DONE if self.held else REFUSED
