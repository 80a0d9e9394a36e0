"""Fuzzing: bytes that are bent again and again, and kept where they reach a line that none had."""

import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from tamizdat.errors import TamizdatError
from tests.kit.gifts.case import spoilt

HOUSE = str(Path(__file__).parents[3])
DULL = frozenset({"crc24"})
"""Functions whose lines tell nothing, and are thousands."""

LARGEST = 256 * 1024
"""Bytes that grow longer are let go."""

Target = Callable[[bytes], None]
"""Takes bytes; raises a TamizdatError where they are no good, AssertionError where it erred."""


@dataclass(kw_only=True)
class Told:
    """How often it was tried, how many inputs are worth keeping, and what went wrong."""

    tries: int = 0
    lines: set[tuple[str, int]] = field(default_factory=set)
    kept: list[bytes] = field(default_factory=list)
    wrong: list[tuple[str, bytes]] = field(default_factory=list)


def fuzzed(
    target: Target, seeds: Sequence[bytes], *, seed: int, tries: int = 0, seconds: float = 0.0
) -> Told:
    """Try `target` so many times, or so long; with the same seed and count, the same way."""
    dice = random.Random(seed)  # noqa: S311 - no secret rests on it
    told = Told(kept=list(seeds))
    end = time.monotonic() + seconds
    for body in seeds:
        _try(target, body, told)
    while told.tries < tries or time.monotonic() < end:
        body = _bent(told.kept, dice)
        before = len(told.lines)
        _try(target, body, told)
        if len(told.lines) > before:
            told.kept.append(body)
    return told


def _bent(kept: Sequence[bytes], dice: random.Random) -> bytes:
    body = dice.choice(kept)
    if dice.random() < 0.1:
        other = dice.choice(kept)
        body = body[: dice.randrange(len(body) + 1)] + other[dice.randrange(len(other) + 1) :]
    return spoilt(body or b"x", dice)[1][:LARGEST]


def _try(target: Target, body: bytes, told: Told) -> None:
    told.tries += 1

    def lines(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            told.lines.add((frame.f_code.co_filename, frame.f_lineno))
        return lines

    def calls(frame: FrameType, _event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        ours = name.startswith(HOUSE) and "/tests/" not in name
        return lines if ours and frame.f_code.co_name not in DULL else None

    before = sys.gettrace()
    sys.settrace(calls)
    try:
        target(body)
    except TamizdatError as error:
        if len(str(error).splitlines()) != 1 or not str(error).isprintable():
            told.wrong.append((f"not one plain line: {error!a}", body))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        told.wrong.append((repr(error)[:300], body))
    finally:
        sys.settrace(before)
