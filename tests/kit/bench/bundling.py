"""Bundling: our ZIP beside Info-ZIP's, of the same pages; and again where a few have changed."""

import json
import shutil
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from feeds.bundle import PADDING
from tests.kit.bench import tree
from tests.kit.bench.cost import Cost, spent
from tests.kit.bench.peers import HOUSE, Cast
from tests.kit.bench.report import Counted, Report, compared
from tests.kit.bench.rounds import Counts, Runner, Series, race

OURS, AGAIN, ZIP, LIMIT = "our ZIP", "our ZIP, 1 % changed", "zip -6", "limit: read, hash, write"
_LIMIT = str(Path(__file__).with_name("limit.py"))


def bundle(
    place: Path, count: int, rounds: int, cast: Cast, tell: Callable[[str], None]
) -> Sequence[Report]:
    """The report on ZIPs of `count` pages."""
    pages, later = place / "pages", place / "later"
    length = tree.lay(pages, count)
    shutil.copytree(pages, later)
    changed = tree.change(later, count)
    runners = [
        _ours(OURS, place / "ours.zip", pages, count),
        _ours(AGAIN, place / "again.zip", later, count, pages),
        _limit(place, pages),
    ]
    if program := cast.program("zip"):
        runners.append(_zip(place, pages, program, count))
    series = race(runners, rounds, tell)
    return (
        Report(
            bench="bundle",
            title=f"a ZIP of {count:,} pages, {length / 1e6:.1f} MB",
            rounds=rounds,
            series=series,
            findings=(
                *compared("ZIP: seconds, to zip -6", series, OURS, ZIP, "wall", 0.7),
                *compared("ZIP: processor, to zip -6", series, OURS, ZIP, "cpu", None),
                *compared("ZIP, 1 % changed: seconds, to zip -6", series, AGAIN, ZIP, "wall", 0.3),
                *compared("ZIP, 1 % changed: processor", series, AGAIN, ZIP, "cpu", 0.3),
                *compared("ZIP: seconds, to the limit", series, OURS, LIMIT, "wall", None),
            ),
            counted=_sizes(series),
            remarks=(
                f"{changed} pages changed; ours within the service, padded to a Padmé length",
            ),
        ),
    )


def _ours(name: str, target: Path, pages: Path, count: int, *before: Path) -> Runner:
    words = ["-m", "tests.kit.bench.zipping", *map(str, (pages, target, *before))]

    def run() -> Cost:
        whole = spent([sys.executable, *words], cwd=HOUSE)
        told = json.loads(whole.said)
        return Cost(wall=told["wall"], cpu=told["cpu"], peak=whole.peak)

    return Runner(name=name, run=run, outcome=lambda _cost: _looked(target, pages, count))


def _zip(place: Path, pages: Path, program: str, count: int) -> Runner:
    target = place / "peer.zip"
    return Runner(
        name=ZIP,
        prepare=lambda: target.unlink(missing_ok=True),
        run=lambda: spent([program, "-qr", "-6", str(target), "."], cwd=pages),
        outcome=lambda _cost: _looked(target, pages, count),
    )


def _limit(place: Path, pages: Path) -> Runner:
    target = place / "limit"

    def prepare() -> None:
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()

    return Runner(
        name=LIMIT,
        prepare=prepare,
        run=lambda: spent([sys.executable, "-I", "-S", _LIMIT, str(pages), str(target)]),
    )


def _looked(target: Path, pages: Path, count: int) -> Counts:
    """Every page must come out of the ZIP as it went in."""
    with zipfile.ZipFile(target) as archive:
        names = [name for name in archive.namelist() if name.endswith(".html")]
        assert len(names) == count, f"{len(names)} of {count} pages are in {target.name}"
        for name in names:
            assert archive.read(name) == (pages / name).read_bytes(), name
        padding = archive.getinfo(PADDING).file_size if PADDING in archive.namelist() else 0
    length = target.stat().st_size
    return {"pages": len(names), "bytes": length, "of them padding": padding}


def _sizes(series: Sequence[Series]) -> Sequence[Counted]:
    by_name = {one.name: one.counts for one in series}
    if ZIP not in by_name:
        return ()
    ours, most = by_name[OURS], by_name[ZIP]["bytes"]
    bare = ours["bytes"] - ours["of them padding"]
    return (Counted(text="ZIP: bytes without the padding, to zip -6", found=bare, at_most=most),)
