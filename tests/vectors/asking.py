"""Asking: how a table of cases becomes cases."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tests.vectors.press import BASES, EXPIRES, ISSUED, Copy, html, sign, slip_fields, spelled
from tests.vectors.recipe import Case

GENUINE: dict[str, Any] = {
    "verdict": "genuine",
    "clause": "6.7",
    "why": "signed",
    "age": "known",
    "edition": 7,
    "issued": ISSUED,
    "expires": EXPIRES,
}


def refused(clause: str, why: str = "changed") -> dict[str, Any]:
    verdict = "unknown" if why in {"bare", "newer"} else "false"
    return {"verdict": verdict, "clause": clause, "why": why}


def of_copy(name: str, copy: Copy, answer: dict[str, Any], base: str = "html") -> Case:
    """The case whose trailer is that of `copy`; asked under its own first root."""
    own = BASES[base].root_id()
    case = Case(name=name, base=base, text=copy.trailer(), **answer)
    return replace(case, root="" if copy.root_id() == own else copy.root_id())


def of_text(name: str, text: bytes, answer: dict[str, Any], base: str = "html") -> Case:
    return Case(name=name, base=base, text=text, **answer)


def of_file(name: str, file: bytes, answer: dict[str, Any], base: str = "html") -> Case:
    """A whole file, told as one edit of the base's."""
    before = BASES[base].file()
    shorter = min(len(before), len(file))
    start = next((n for n in range(shorter) if before[n] != file[n]), shorter)
    left = shorter - start
    end = next((n for n in range(left) if before[-1 - n] != file[-1 - n]), left)
    edit = (start, len(before) - end - start, file[start : len(file) - end])
    return Case(name=name, base=base, edits=(edit,), **answer)


def slips(rows: Sequence[tuple[str, str, dict[str, Any]]]) -> Iterator[Case]:
    """Slips of these texts, each soundly signed by the release key."""
    for name, text, answer in rows:
        yield of_copy(name, html().with_slip(text), answer)


def slip_with(**changes: Any) -> str:
    """The base's slip with other fields; None takes one out."""
    fields = slip_fields(html().body, "html") | changes
    return spelled({key: value for key, value in fields.items() if value is not None})


def own_root(text: str, *signers: str) -> Copy:
    """The base's file under another first root."""
    return replace(html(), roots=(sign(text, *signers),))
