"""The courses, asked of `signing.verify`: in a folder, and on the web."""

from collections.abc import Mapping
from typing import Any

import pytest

from signing.sources import Source
from signing.verify import Report, verify
from tamizdat.digest import digest
from tamizdat.edition import Stamp
from tamizdat.moment import moment
from tests.unit.signing.paper import Files
from tests.vectors import courses
from tests.vectors.courses import Way

LARGEST = 1024 * 1024


class Memory:
    """A mirror in memory, whose paths can be seen or not."""

    name = "mirror"

    def __init__(self, files: Files, *, listed: bool) -> None:
        self._files = files
        self._listed = listed

    async def listing(self) -> frozenset[str] | None:
        return frozenset(self._files) if self._listed else None

    async def fetch(self, wanted: Mapping[str, int]) -> Mapping[str, bytes]:
        return {p: self._files[p][: n + 1] for p, n in wanted.items() if p in self._files}

    async def stamps(self, wanted: Mapping[str, int]) -> Mapping[str, Stamp]:
        found = await self.fetch(wanted)
        return {path: Stamp(digest(body), len(body)) for path, body in found.items()}

    async def changed(self) -> bool:
        return False


_: type[Source] = Memory


def told(report: Report) -> Mapping[str, Any]:
    if report.authentic:
        return {"edition": report.edition, "fresh": report.fresh}
    return {"clause": report.clause}


@pytest.mark.parametrize("listed", [True, False], ids=["folder", "web"])
@pytest.mark.parametrize("way", courses.read(), ids=[way.name for way in courses.read()])
async def test_each_step_gets_its_answer(way: Way, *, listed: bool) -> None:
    seen = None
    answers = []
    for step in way.steps:
        mirror = Memory(step.files, listed=listed)
        report = await verify(mirror, way.root, moment(step.at), seen)
        seen = report.seen or seen
        answers.append((told(report), report.reason))

    wanted = [step.folder if listed else step.web for step in way.steps]
    for (answer, reason), right in zip(answers, wanted, strict=True):
        assert answer.items() <= right.items(), reason


def test_the_committed_courses_are_what_the_street_makes() -> None:
    assert courses.BOOK.read_text(encoding="utf-8") == courses.text(), (
        "run `python -m tests.vectors`"
    )


def test_there_are_enough_and_they_are_small() -> None:
    names = [way.name for way in courses.read()]

    assert len(set(names)) == len(names) >= 100
    assert sum(len(way.steps) > 1 for way in courses.read()) >= 20
    assert courses.BOOK.stat().st_size < LARGEST
