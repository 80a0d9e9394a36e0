"""Building: a whole edition, and one article more, beside Hugo and Pelican."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from tests.kit.bench import checking
from tests.kit.bench.corpus import texts
from tests.kit.bench.cost import Cost, spent
from tests.kit.bench.paper import Paper, edition, founded, shards
from tests.kit.bench.peers import HOUSE, Cast
from tests.kit.bench.report import Finding, Report, compared, finding
from tests.kit.bench.rounds import Counts, Runner, Series, race
from tests.kit.bench.sites import lay_hugo_site, lay_pelican_site

OURS, WITHIN = "tamizdat publish", "tamizdat, within the service"
LAID = "tamizdat publish, to a folder"
HUGO, PELICAN, LIMIT = "hugo", "pelican", "limit: read, hash, write"
ONE, HUGO_ONE, PELICAN_ONE = "tamizdat, one more", "hugo, one more", "pelican, one more (cache)"
LARGE = 10_000
"""From so many articles on, our claims about memory and about one article more are made."""

TIMES = 7
"""So many articles are released, one after the other, in each round."""

_LIMIT = str(Path(__file__).with_name("limit.py"))

Tell = Callable[[str], None]


def build(place: Path, count: int, rounds: int, cast: Cast, tell: Tell) -> Sequence[Report]:
    """Reports on a full edition of `count` articles, and on one article more."""
    tell(f"build: {count} articles come in")
    paper, brought = founded(place / "plain", count)
    laid, _ = founded(place / "laid", count, mirrors=("amber",))
    runners = [*_ours(paper, place, {}), _laid(laid, place), *_peers(place, count, cast)]
    series = race([*runners, _limit(place)], rounds, tell)
    remark = f"bringing the texts in from Markdown, once: {brought.cpu:.2f} s of processor"
    full = Report(
        bench="build",
        title=f"a full edition of {count:,} articles",
        rounds=rounds,
        series=series,
        findings=_findings(series, count),
        remarks=(remark, "ours holds signed bundles of the newest fifty of each language as well"),
    )
    return full, _one_more(place, laid, count, rounds, cast, tell)


def _one_more(place: Path, laid: Paper, count: int, rounds: int, cast: Cast, tell: Tell) -> Report:
    laid.run("publish", "--json")
    runners = [_release(laid, place), *_peers_again(place, count, cast)]
    series = race(runners, rounds, tell)
    return Report(
        bench="build",
        title=f"one article more, on {count:,}",
        rounds=rounds,
        series=series,
        findings=_findings_of_one(series, count),
        remarks=("ours in the running service: on a folder mirror, read back, signed",),
    )


def _findings_of_one(series: Sequence[Series], count: int) -> Sequence[Finding]:
    what, large = f"one article on {count:,}", count >= LARGE
    least, half = (0.05, 0.1) if large else (None, None)
    return (
        *compared(f"{what}: seconds, to Hugo", series, ONE, HUGO_ONE, "wall", least),
        *compared(f"{what}: processor, to Hugo", series, ONE, HUGO_ONE, "cpu", least),
        *compared(f"{what}: processor, to Pelican", series, ONE, PELICAN_ONE, "cpu", half),
    )


def growth(reports: Sequence[Report]) -> Sequence[Report]:
    """What one article costs on the large archive, beside the same on the small one."""
    ones = [series for report in reports for series in report.series if series.name == ONE]
    if len(ones) < 2:
        return ()
    small, large = ones[0], ones[-1]
    said = "one article: {}, on the larger archive to the smaller"
    return (
        Report(
            bench="build",
            title="one article more, as the archive grows",
            rounds=0,
            series=(),
            findings=(
                finding(said.format("seconds"), "wall", large.wall, small.wall, 1.2),
                finding(said.format("processor"), "cpu", large.cpu, small.cpu, 1.2),
            ),
        ),
    )


def _findings(series: Sequence[Series], count: int) -> Sequence[Finding]:
    what, memory = f"edition of {count:,}", 0.25 if count >= LARGE else None
    return (
        *compared(f"{what}: seconds, to Hugo", series, OURS, HUGO, "wall", 0.8),
        *compared(f"{what}: processor, to Hugo", series, OURS, HUGO, "cpu", 0.8),
        *compared(f"{what}: peak memory, to Hugo", series, OURS, HUGO, "peak", memory),
        *compared(f"{what}: processor, to Pelican", series, OURS, PELICAN, "cpu", 0.2),
        *compared(f"{what}, within the service: seconds", series, WITHIN, HUGO, "wall", 0.8),
        *compared(f"{what}, within the service: processor", series, WITHIN, HUGO, "cpu", 0.8),
        *compared(f"{what}, to a folder: processor, to Hugo", series, LAID, HUGO, "cpu", None),
        *compared(f"{what}: processor, to the limit", series, OURS, LIMIT, "cpu", None),
    )


def _ours(paper: Paper, place: Path, seen: dict[str, str]) -> Sequence[Runner]:
    """The real program, and the same in a process that has opened the newsroom before."""
    cold = Paper(folder=place / "ours", root=paper.root, count=paper.count)
    warm = Paper(folder=place / "within", root=paper.root, count=paper.count)
    words = ["-m", "tests.kit.bench.pressing", str(warm.folder)]

    def within() -> Cost:
        whole = spent([sys.executable, *words], cwd=HOUSE)
        told = json.loads(whole.said)
        return Cost(wall=told["wall"], cpu=told["cpu"], peak=whole.peak)

    return (
        _edition(OURS, paper, cold, seen, lambda: cold.run("publish", "--json")),
        _edition(WITHIN, paper, warm, seen, within),
    )


def _edition(
    name: str, paper: Paper, room: Paper, seen: dict[str, str], run: Callable[[], Cost]
) -> Runner:
    def outcome(_cost: Cost) -> Counts:
        made = shards(room)
        assert (seen or made) == made, "the same articles made other bytes"
        seen.update(made)
        return checking.newspaper(edition(room), paper.count)

    return Runner(name=name, prepare=lambda: paper.fresh(room.folder), run=run, outcome=outcome)


def _laid(laid: Paper, place: Path) -> Runner:
    room = Paper(folder=place / "ours-laid", root=laid.root, count=laid.count)
    return Runner(
        name=LAID,
        prepare=lambda: laid.fresh(room.folder),
        run=lambda: room.run("publish", "--json"),
        outcome=lambda _cost: checking.newspaper(
            checking.folder(room.folder / "mirrors" / "amber"), laid.count
        ),
    )


def _peers(place: Path, count: int, cast: Cast) -> Sequence[Runner]:
    runners = []
    if hugo := cast.program("hugo"):
        site = place / "hugo"
        lay_hugo_site(texts(count), _made(site))
        runners.append(_hugo(HUGO, hugo, site, count))
    if pelican := cast.program("pelican"):
        site = place / "pelican"
        lay_pelican_site(texts(count), _made(site))
        runners.append(_pelican(PELICAN, pelican, site, count, again=False))
    return runners


def _peers_again(place: Path, count: int, cast: Cast) -> Sequence[Runner]:
    """The peers with one article appended: they render all again, Pelican from what it cached."""
    runners = []
    if hugo := cast.program("hugo"):
        site = place / "hugo-again"
        lay_hugo_site(texts(count + 1), _made(site))
        runners.append(_hugo(HUGO_ONE, hugo, site, count + 1))
    if pelican := cast.program("pelican"):
        site = place / "pelican-again"
        lay_pelican_site(texts(count + 1), _made(site), cached=True)
        runners.append(_pelican(PELICAN_ONE, pelican, site, count + 1, again=True))
    return runners


def _hugo(name: str, program: str, site: Path, count: int) -> Runner:
    return Runner(
        name=name,
        prepare=lambda: shutil.rmtree(site / "public", ignore_errors=True),
        run=lambda: spent([program, "--quiet"], cwd=site),
        outcome=lambda _cost: checking.newspaper(checking.folder(site / "public"), count),
    )


def _pelican(name: str, program: str, site: Path, count: int, *, again: bool) -> Runner:
    command = [program, "-q", "-s", "pelicanconf.py", "-o", "output"]

    def prepare() -> None:
        shutil.rmtree(site / "output", ignore_errors=True)
        newest = max((site / "content").rglob("*.md"), key=lambda path: path.name)
        if again and not (site / "cache").exists():
            spent(command, cwd=site)
        os.utime(newest)

    return Runner(
        name=name,
        prepare=prepare,
        run=lambda: spent(command, cwd=site),
        outcome=lambda _cost: checking.newspaper(
            checking.folder(site / "output"), count, json_feeds=False
        ),
    )


def _limit(place: Path) -> Runner:
    """The files of our own edition, as the folder mirror holds them."""
    source, target = place / "ours-laid" / "mirrors" / "amber", place / "limit"

    def prepare() -> None:
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()

    return Runner(
        name=LIMIT,
        prepare=prepare,
        run=lambda: spent([sys.executable, "-I", "-S", _LIMIT, str(source), str(target)]),
        outcome=lambda _cost: {"files": sum(1 for path in target.rglob("*") if path.is_file())},
    )


def _release(laid: Paper, place: Path) -> Runner:
    room = place / "ours-again"

    def run() -> Cost:
        words = [str(room), str(laid.count), str(TIMES)]
        whole = spent([sys.executable, "-m", "tests.kit.bench.releasing", *words], cwd=HOUSE)
        costs = json.loads(whole.said)
        return Cost(
            wall=median(one["wall"] for one in costs),
            cpu=median(one["cpu"] for one in costs),
            peak=whole.peak,
        )

    return Runner(
        name=ONE,
        prepare=lambda: laid.fresh(room),
        run=run,
        outcome=lambda _cost: checking.newspaper(
            checking.folder(room / "mirrors" / "amber"), laid.count + TIMES + 1
        ),
    )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
