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
from tests.kit.bench.report import Finding, Report, compared
from tests.kit.bench.rounds import Counts, Runner, Series, race
from tests.kit.bench.sites import lay_hugo_site, lay_pelican_site

OURS, LAID, BROUGHT = "tamizdat", "tamizdat, laid on a folder", "tamizdat, from Markdown"
HUGO, PELICAN, LIMIT = "hugo", "pelican", "limit: read, hash, write"
ONE, HUGO_ONE, PELICAN_ONE = "tamizdat, one more", "hugo, one more", "pelican, one more (cache)"
TIMES = 7
"""So many articles are released, one after the other, in each round."""

_LIMIT = str(Path(__file__).with_name("limit.py"))

Tell = Callable[[str], None]


def build(place: Path, count: int, rounds: int, cast: Cast, tell: Tell) -> Sequence[Report]:
    """Reports on a full edition of `count` articles, and on one article more."""
    tell(f"build: {count} articles come in")
    paper, brought = founded(place / "plain", count)
    laid, _ = founded(place / "laid", count, mirrors=("amber",))
    runners = [_ours(paper, place), _laid(laid, place), *_peers(place, count, cast)]
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
        findings=(
            *compared(
                f"one article on {count:,}: seconds, to Hugo", series, ONE, HUGO_ONE, "wall", 0.05
            ),
            *compared(
                f"one article on {count:,}: processor, to Hugo", series, ONE, HUGO_ONE, "cpu", 0.05
            ),
            *compared(
                f"one article on {count:,}: processor, to Pelican",
                series,
                ONE,
                PELICAN_ONE,
                "cpu",
                0.1,
            ),
        ),
        remarks=("ours in the running service: on a folder mirror, read back, signed",),
    )


def _findings(series: Sequence[Series], count: int) -> Sequence[Finding]:
    what = f"edition of {count:,}"
    return (
        *compared(f"{what}: seconds, to Hugo", series, OURS, HUGO, "wall", 0.8),
        *compared(f"{what}: processor, to Hugo", series, OURS, HUGO, "cpu", 0.8),
        *compared(f"{what}: peak memory, to Hugo", series, OURS, HUGO, "peak", 0.25),
        *compared(f"{what}: processor, to Pelican", series, OURS, PELICAN, "cpu", 0.2),
        *compared(f"{what} on a folder: processor, to Hugo", series, LAID, HUGO, "cpu", None),
        *compared(f"{what}: processor, to the limit", series, OURS, LIMIT, "cpu", None),
    )


def _ours(paper: Paper, place: Path) -> Runner:
    seen: dict[str, str] = {}

    def outcome(_cost: Cost) -> Counts:
        made = shards(room)
        assert (seen or made) == made, "the same articles made other bytes"
        seen.update(made)
        return checking.newspaper(edition(room), paper.count)

    room = Paper(folder=place / "ours", root=paper.root, count=paper.count)
    return Runner(
        name=OURS,
        prepare=lambda: paper.fresh(room.folder),
        run=lambda: room.run("publish", "--json"),
        outcome=outcome,
    )


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
