"""Mirrors over time, through `verify` and `read`: the courses of `tests/vectors/mirrors.json`.

A checker from outside: a host on loopback, the program as a reader has it, a clock that is set,
with a state and without. `make lab` takes all of them.
"""

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from tamizdat.moment import moment
from tests.kit.gifts.host import Host, Place, open_host
from tests.kit.gifts.yard import Run, Yard, open_yard
from tests.unit.signing.paper import tree
from tests.vectors import courses
from tests.vectors.courses import Told, Way

FEW = 8
MUST = (
    "thief: version 2^52",
    "thief: an old edition with a new date",
    "ahead: a thief counts, the key goes, and all is well",
    "back: the root before",
)
"""Courses that are always taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Someone with the program, a state file and a folder."""

    yard: Yard
    host: Host
    folder: Path
    root: str

    async def verifies(self, step: Told) -> Run:
        address = self.host.lay(Place(step.files))
        words = ["--root", self.root, "--state", str(self.folder / "verify.state"), "--json"]
        return await self.yard.run("verify", address, *words, clock=moment(step.at))

    async def reads(self, step: Told) -> Run:
        address = self.host.lay(Place(step.files))
        words = ["--root", self.root, "--state", str(self.folder / "read.state"), "--json"]
        to = self.folder / "to"
        return await self.yard.run("read", address, "--to", to, *words, clock=moment(step.at))


@asynccontextmanager
async def grounds(folder: Path) -> AsyncIterator[tuple[Yard, Host]]:
    async with open_yard(folder) as yard, open_host() as host:
        yield yard, host


async def wrong_in(way: Way, yard: Yard, host: Host, folder: Path) -> list[str]:
    """What `verify` and `read` say otherwise than they must."""
    reader = Reader(yard=yard, host=host, folder=folder, root=way.root)
    wrong, kept = [], 0
    for number, step in enumerate(way.steps):
        right = step.web
        verified, taken = await reader.verifies(step), await reader.reads(step)
        if not is_right(verified, right):
            wrong.append(f"{way.name}, {number}: verify: {verified}")
        if not was_kept(taken, right, kept):
            wrong.append(f"{way.name}, {number}: read: {taken}")
        kept = right.get("edition", kept)
    return wrong


NAMED = {"4.3": ("4.4",)}
"""`read` takes only what is as it was stamped: what is not, is missing in what it took."""


def is_right(run: Run, right: Any) -> bool:
    """Whether the program said it, in one line."""
    told = run.report
    if "clause" in right:
        named = any(f"(formats {one})" in told["reason"] for one in NAMED.get(right["clause"], ()))
        named = named or f"(formats {right['clause']})" in told["reason"]
        return (run.code, told["authentic"], named) == (1, False, True)
    found = (run.code, told["authentic"], told["edition"], told["fresh"])
    return found == (0, True, right["edition"], right["fresh"])


def was_kept(run: Run, right: Any, kept: int) -> bool:
    """Whether `read` took it; what is refused leaves the last good edition, and says why."""
    if "clause" in right and kept:
        named = f"(formats {right['clause']})" in run.report["reason"]
        return named and (run.code, run.report["edition"]) == (0, kept)
    return is_right(run, right)


async def all_wrong(ways: Sequence[Way], folder: Path) -> list[str]:
    async with grounds(folder) as (yard, host):
        return [
            said
            for way in ways
            for said in await wrong_in(way, yard, host, Path(mkdtemp(dir=folder)))
        ]


async def test_a_reader_is_led_astray_by_none_of_a_few_mirrors(tmp_path: Path) -> None:
    ways = [way for way in courses.read() if way.name in MUST]
    ways += random.sample(courses.read(), FEW)

    assert await all_wrong(ways, tmp_path) == []


@pytest.mark.lab
@pytest.mark.timeout(1800)
async def test_a_reader_is_led_astray_by_no_mirror(tmp_path: Path) -> None:
    assert await all_wrong(courses.read(), tmp_path) == []


async def test_without_a_state_a_thief_is_bound_by_the_manifests_end(tmp_path: Path) -> None:
    """With the timestamp key: version 2^52, valid for years. The edition's own end stands."""
    (way,) = [one for one in courses.read() if one.name == "thief: version 2^52 before a newcomer"]
    step = way.steps[0]

    async with grounds(tmp_path) as (yard, host):
        address = host.lay(Place(step.files))
        words = ["--root", way.root, "--require-fresh"]
        soon = await yard.run("verify", address, *words, clock=moment("2026-12-22T12:00:00Z"))
        late = await yard.run("verify", address, *words, clock=moment(step.at))

    assert (soon.code, late.code) == (0, 1)
    assert "AUTHENTIC: edition 3" in late.out
    assert "not fresh" in late.out


async def test_a_refused_copy_leaves_no_byte_changed(tmp_path: Path) -> None:
    (way,) = [one for one in courses.read() if one.name == "back: another edition of that number"]
    first, second = way.steps

    async with grounds(tmp_path) as (yard, host):
        reader = Reader(yard=yard, host=host, folder=tmp_path, root=way.root)
        await reader.reads(first)
        before, state = tree(tmp_path / "to"), (tmp_path / "read.state").read_bytes()
        refused = await reader.reads(second)

    assert "formats 6.6" in refused.report["reason"]
    assert tree(tmp_path / "to") == before
    assert (tmp_path / "read.state").read_bytes() == state
