"""The book of vectors: files passed by hand, and what every verifier must say of them.

It is made from keys with fixed seeds, so that making it again gives the same octets.
"""

import base64
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tests.vectors import cases_file, cases_signed, cases_text
from tests.vectors.press import BASES
from tests.vectors.recipe import Case, made, written

BOOK = Path(__file__).with_name("editions.json")
ABOUT = (
    "Files passed by hand (docs/formats.md 7). A case's file is its base; then its trailer's "
    "text (decoded from base64) is edited, encoded and attached again; then the file is edited. "
    "An edit is [offset, octets that go, base64 of octets that come]. It is asked under its root, "
    "or its base's, at the moment `at`. A verifier answers genuine, false or unknown, and by "
    "which clause."
)


@cache
def cases() -> Sequence[Case]:
    """All of them; each name once."""
    found = [
        *cases_file.base_cases(),
        *cases_file.trailer_cases(),
        *cases_file.page_cases(),
        *cases_file.zip_cases(),
        *cases_file.bare_cases(),
        *cases_file.flip_cases(),
        *cases_text.slip_cases(),
        *cases_text.root_cases(),
        *cases_signed.gate_cases(),
        *cases_signed.chain_cases(),
        *cases_signed.odd_key_cases(),
    ]
    assert len({case.name for case in found}) == len(found)
    return found


def text() -> str:
    """The book as it is committed, one case a line."""
    bases = {name: copy.file() for name, copy in BASES.items()}
    told = {
        name: {"root": BASES[name].root_id(), "file": base64.b64encode(file).decode()}
        for name, file in bases.items()
    }
    lines = [json.dumps(written(case, bases), ensure_ascii=True) for case in cases()]
    head = json.dumps({"about": ABOUT, "bases": told}, ensure_ascii=True)[:-1]
    return head + ', "cases": [\n' + ",\n".join(lines) + "\n]}\n"


@cache
def read() -> Sequence[tuple[dict[str, Any], bytes, str]]:
    """Each case of the committed book, its file, and the root id that is asked for."""
    book = json.loads(BOOK.read_text(encoding="utf-8"))
    bases = {name: base64.b64decode(one["file"]) for name, one in book["bases"].items()}
    return [
        (case, made(case, bases), case.get("root", book["bases"][case["base"]]["root"]))
        for case in book["cases"]
    ]
