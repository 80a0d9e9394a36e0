"""A recipe: how the file of a case is made from a small whole one, by edits."""

import base64
from dataclasses import dataclass
from typing import Any, Literal

from signing import passport

Form = Literal["html", "zip"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One file, the question that is asked, and the answer that every verifier must give.

    `text` takes the place of the trailer's text in the base file; then `edits` are made, each at
    an offset: so many octets go, these come. `verdict` is genuine, false or unknown.
    """

    name: str
    base: str
    text: bytes | None = None
    edits: tuple[tuple[int, int, bytes], ...] = ()
    root: str = ""
    at: str = "2026-11-21T12:00:00Z"
    verdict: str = "false"
    clause: str = ""
    why: str = ""
    age: str = ""
    edition: int = 0
    issued: str = ""
    expires: str = ""


def attach(form: Form, body: bytes, text: bytes) -> bytes:
    """`body` and a trailer with this text; a ZIP announces its length."""
    if form == "zip":
        length = passport.comment_length(text)
        return passport.attach_zip(body[:-2] + length.to_bytes(2, "little"), text)
    return body + b"<!--tamizdat-1:" + base64.b64encode(text) + b"-->\n"


def taken_apart(file: bytes) -> tuple[Form, bytes, bytes]:
    """Form, body and trailer's text of a sound file."""
    mark = file.rindex(b"tamizdat-1:") + len(b"tamizdat-1:")
    if file.startswith(b"PK"):
        return "zip", file[: mark - len(b"tamizdat-1:")], base64.b64decode(file[mark:])
    start = mark - len(b"<!--tamizdat-1:")
    return "html", file[:start], base64.b64decode(file[mark : -len(b"-->\n")])


def made(case: dict[str, Any], bases: dict[str, bytes]) -> bytes:
    """The file of a case, as it stands in the vectors."""
    file = bases[case["base"]]
    if "trailer" in case:
        form, body, text = taken_apart(file)
        file = attach(form, body, edited(text, case["trailer"]))
    return edited(file, case.get("file", []))


def edited(body: bytes, edits: list[list[Any]]) -> bytes:
    """`body` after edits `[offset, octets that go, base64 of those that come]`, one by one."""
    for at, cut, coded in edits:
        body = body[:at] + base64.b64decode(coded) + body[at + cut :]
    return body


def written(case: Case, bases: dict[str, bytes]) -> dict[str, Any]:
    """The case as it stands in the vectors: what is empty is left out."""
    told: dict[str, Any] = {
        name: value
        for name in Case.__dataclass_fields__
        if name not in {"text", "edits"} and (value := getattr(case, name))
    }
    if case.text is not None:
        _, _, before = taken_apart(bases[case.base])
        told["trailer"] = [_difference(before, case.text)]
    if case.edits:
        told["file"] = [[at, cut, base64.b64encode(come).decode()] for at, cut, come in case.edits]
    return told


def _difference(before: bytes, after: bytes) -> list[Any]:
    """The one edit that makes `after` of `before`."""
    shorter = min(len(before), len(after))
    start = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    end = next(
        (n for n in range(shorter - start) if before[-1 - n] != after[-1 - n]), shorter - start
    )
    come = after[start : len(after) - end]
    return [start, len(before) - end - start, base64.b64encode(come).decode()]
