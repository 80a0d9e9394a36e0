"""A diff: two texts of a story side by side in one, word by word. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal

from tamizdat.approving import Version

MOST = 1500
"""Paragraphs, or words of one, that are compared; of more, all counts as changed."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w[\w\u200c'’-]*|\s+|[^\w\s]")
"""A word with its joiners, a sign of scripts without spaces, a space, or any other sign."""

Kind = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Words in a row that stayed, went or came."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One part of a story. `label` names it; a paragraph has none."""

    label: str
    pieces: tuple[Piece, ...]

    @property
    def changed(self) -> bool:
        """Whether anything in it did."""
        return any(piece.kind != "same" for piece in self.pieces)


def rows(before: Version, now: Version) -> tuple[Row, ...]:
    """Every part of a story, with what changed in it."""
    parts = (
        ("Headline", before.title, now.title),
        ("Summary", before.summary, now.summary),
        ("Signed as", before.authors, now.authors),
        ("Readers see above the text", before.correction, now.correction),
    )
    heads = [Row(label=label, pieces=words(old, new)) for label, old, new in parts if old or new]
    return (*heads, *_paragraphs(before.paragraphs, now.paragraphs))


def folded(made: Sequence[Row]) -> tuple[Row | int, ...]:
    """The rows that changed with a neighbour on each side; a number for those left out."""
    near = {at + step for at, row in enumerate(made) if row.changed for step in (-1, 0, 1)}
    shown: list[Row | int] = []
    for at, row in enumerate(made):
        if at in near or row.label:
            shown.append(row)
        elif shown and isinstance(shown[-1], int):
            shown[-1] += 1
        else:
            shown.append(1)
    return tuple(shown)


def words(before: str, now: str) -> tuple[Piece, ...]:
    """What went and what came, between words that stayed."""
    old, new = _WORD.findall(before), _WORD.findall(now)
    if before == now:
        return (Piece("same", now),) if now else ()
    if max(len(old), len(new)) > MOST:
        return _given("gone", before, "new", now)
    pieces: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, came = "".join(old[a:b]), "".join(new[c:d])
        pieces += [Piece("same", came)] if what == "equal" else _given("gone", gone, "new", came)
    return tuple(pieces)


def _paragraphs(before: Sequence[str], now: Sequence[str]) -> list[Row]:
    if max(len(before), len(now)) > MOST:
        return [*(_row(old, "") for old in before), *(_row("", new) for new in now)]
    found: list[Row] = []
    for what, a, b, c, d in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        pairs = zip_longest(before[a:b], now[c:d], fillvalue="")
        found += [_row(new, new) if what == "equal" else _row(old, new) for old, new in pairs]
    return found


def _row(before: str, now: str) -> Row:
    return Row(label="", pieces=words(before, now))


def _given(first: Kind, one: str, second: Kind, other: str) -> tuple[Piece, ...]:
    pieces = (Piece(first, one), Piece(second, other))
    return tuple(piece for piece in pieces if piece.text)
