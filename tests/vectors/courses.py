"""Courses: what mirrors show to a reader over time, and what the reader must say of each step.

They are made from keys with fixed seeds, so that making them again gives the same octets.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tamizdat.moment import spelled
from tests.unit.signing.paper import Files
from tests.vectors.cases_hints import hint_cases
from tests.vectors.cases_mirror import Answer, Course, Step, cases
from tests.vectors.street import day

BOOK = Path(__file__).with_name("mirrors.json")
ABOUT = (
    "Mirrors (docs/formats.md 3 to 6), as one reader meets them. A course begins with a reader who "
    "pins `root` and remembers nothing. Each step shows a whole mirror: `files` names pieces, "
    "each [path, text]. It is read at the moment `at` by a reader who remembers all that was "
    "authentic before (6.6). The answer is an edition and whether it is fresh (null: that cannot "
    "be told), or the clause by which it is refused. `web` is the answer where paths cannot be "
    "listed and it differs."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A step as the book tells it."""

    files: Files
    at: str
    folder: Mapping[str, Any]
    web: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A course as the book tells it."""

    name: str
    root: str
    steps: Sequence[Told]


def text() -> str:
    """The book as it is committed: one piece a line, one course a line."""
    pieces: dict[tuple[str, str], int] = {}
    courses = [json.dumps(_course(one, pieces)) for one in (*cases(), *hint_cases())]
    lines = [json.dumps(piece) for piece in pieces]
    head = json.dumps({"about": ABOUT})[:-1]
    told = ",\n".join(lines), ",\n".join(courses)
    return head + ', "pieces": [\n' + told[0] + '\n], "courses": [\n' + told[1] + "\n]}\n"


def _course(course: Course, pieces: dict[tuple[str, str], int]) -> Mapping[str, Any]:
    steps = [_step(step, pieces) for step in course.steps]
    return {"name": course.name, "root": course.root, "steps": steps}


def _step(step: Step, pieces: dict[tuple[str, str], int]) -> Mapping[str, Any]:
    named = [
        pieces.setdefault((path, body.decode()), len(pieces))
        for path, body in sorted(step.files.items())
    ]
    told = {"at": spelled(day(step.at)), **_answer(step.answer), "files": named}
    return told | ({"web": _answer(step.web)} if step.web else {})


def _answer(answer: Answer) -> dict[str, Any]:
    if answer.clause:
        return {"clause": answer.clause}
    return {"edition": answer.edition, "fresh": answer.fresh}


@cache
def read() -> Sequence[Way]:
    """Each course of the committed book."""
    book = json.loads(BOOK.read_text(encoding="utf-8"))
    pieces = [(path, body.encode()) for path, body in book["pieces"]]
    return [
        Way(
            name=course["name"],
            root=course["root"],
            steps=[
                Told(
                    files=dict(pieces[number] for number in step["files"]),
                    at=step["at"],
                    folder=step,
                    web=step.get("web", step),
                )
                for step in course["steps"]
            ],
        )
        for course in book["courses"]
    ]
