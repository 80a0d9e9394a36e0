"""A cost: what one run of a program took, by `wait4`: children that it waited for included."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 900
"""Seconds after which a program is given up."""

_WATCH = str(Path(__file__).with_name("stopwatch.py"))
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds on the wall, seconds of processor, most bytes in memory; what the program said."""

    wall: float
    cpu: float
    peak: int
    said: str = ""


def spent(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    variables: Mapping[str, str] | None = None,
    codes: Sequence[int] = (0,),
) -> Cost:
    """What `command` took; RuntimeError with its last words where it failed."""
    watched = [sys.executable, "-I", "-S", _WATCH, str(PATIENCE), *map(str, command)]
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    done = subprocess.run(
        watched,
        cwd=cwd,
        env={**kept, **(variables or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE + 60,
        check=False,
    )
    words, _, last = done.stderr.rstrip().rpartition("\n")
    try:
        told = json.loads(last)
    except ValueError:
        raise RuntimeError(f"{command[0]} did not start: {done.stderr[-300:]}") from None
    if told["code"] not in codes:
        raise RuntimeError(f"{' '.join(command[:4])} ended with {told['code']}: {words[-600:]}")
    return Cost(wall=told["wall"], cpu=told["cpu"], peak=told["peak"], said=done.stdout)
