"""A case: one hostile thing that a stranger hands over, and how it is laid before the program."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.kit.gifts.mint import Mint

Lay = Callable[[Path], str]
"""Lays the thing into an empty folder, and tells how it is called on the command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`signed`: the newsroom's own keys were used, so that some verdicts are not foretold."""

    name: str
    lay: Lay
    signed: bool = False


Family = Callable[[Mint, random.Random], Iterator[Case]]
"""Hostile things of one kind, without end; the same dice give the same ones."""


def as_file(name: str, suffix: str, body: bytes, *, signed: bool = False) -> Case:
    """A case that is one file."""

    def lay(folder: Path) -> str:
        path = folder / f"copy.{suffix}"
        path.write_bytes(body)
        return str(path)

    return Case(name=name, lay=lay, signed=signed)


def spoilt(body: bytes, dice: random.Random) -> tuple[str, bytes]:
    """`body` after one to four things that happen to bytes, and what happened."""
    said = []
    for _ in range(dice.randint(1, 4)):
        deed = dice.choice(DEEDS)
        at, some = dice.randrange(len(body) + 1), dice.choice((1, 2, 4, 22, 46, 300))
        said.append(f"{deed} {some} at {at}")
        body = _after(deed, (body[:at], body[at : at + some], body[at + some :]), dice) or b"x"
    return ", ".join(said), body


def _after(deed: str, parts: tuple[bytes, bytes, bytes], dice: random.Random) -> bytes:
    before, piece, rest = parts
    return {
        "flip": before + bytes(255 - octet for octet in piece) + rest,
        "cut": before + rest,
        "twice": before + piece + piece + rest,
        "noise": before + dice.randbytes(len(piece)) + rest,
        "turn": piece + rest + before,
        "end": before,
        "word": before + dice.choice(WORDS) + rest,
    }[deed]


DEEDS = ("flip", "cut", "twice", "noise", "turn", "end", "word")
WORDS = (
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"PK\x06\x07",
    b"tamizdat-1:",
    b"<!--tamizdat-1:",
    b"-->\n",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"../../x",
    b"\xef\xbb\xbf",
    b'{"a":1,"a":2}',
    b"\\ud800",
    b"NaN",
    b"1e999",
    b"[" * 40,
    b"9" * 40,
)
