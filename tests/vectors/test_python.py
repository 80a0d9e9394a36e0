"""The vectors, asked of `signing.verify`: every verdict, and the clause that it rests on."""

from pathlib import Path
from typing import Any

import pytest

from signing.sources import FileSource
from signing.verify import verify
from tamizdat.moment import moment, spelled
from tests.vectors import book

LARGEST = 2 * 1024 * 1024
CLAUSES = {"1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.1", "2.3", "2.4", "2.5", "2.6", "2.7"}
CLAUSES |= {"2.8", "2.9", "2.10", "3.2", "6.2", "6.3", "6.7", "7.1", "7.2", "7.3"}


@pytest.mark.parametrize(
    ("case", "file", "root"), book.read(), ids=[case["name"] for case, _, _ in book.read()]
)
async def test_a_case_gets_its_verdict(
    case: dict[str, Any], file: bytes, root: str, tmp_path: Path
) -> None:
    (tmp_path / "copy").write_bytes(file)

    report = await verify(FileSource(tmp_path / "copy"), root, moment(case["at"]))

    told = {
        "edition": report.edition,
        "issued": report.issued and spelled(report.issued),
        "expires": report.expires and spelled(report.expires),
    }
    assert report.authentic is (case["verdict"] == "genuine"), report.reason
    assert report.clause == case["clause"], report.reason
    assert told == {name: case.get(name) for name in told}


def test_the_committed_vectors_are_what_the_press_makes() -> None:
    assert book.BOOK.read_text(encoding="utf-8") == book.text(), "run `python -m tests.vectors`"


def test_there_are_enough_and_they_are_small() -> None:
    assert len(book.read()) >= 150
    assert book.BOOK.stat().st_size < LARGEST


def test_every_clause_that_such_a_file_can_break_has_a_case() -> None:
    assert {case["clause"] for case, _, _ in book.read()} == CLAUSES
