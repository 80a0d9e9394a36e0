"""Starting: how long the program takes before it does anything, beside Python alone."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.kit.bench.cost import Cost, spent
from tests.kit.bench.figure import Figure
from tests.kit.bench.paper import PROGRAM, founded
from tests.kit.bench.peers import Cast
from tests.kit.bench.report import Counted, Report
from tests.kit.bench.rounds import Runner, Series, race

PYTHON, HELP, VERIFY = "python alone", "tamizdat --help", "tamizdat verify"
ABOVE = 100
"""Milliseconds that the program may take more than Python alone."""

TIMES = 5
"""So often each is started in a round; the figures are of one start."""


def start(
    place: Path, count: int, rounds: int, _cast: Cast, tell: Callable[[str], None]
) -> Sequence[Report]:
    """The report on starting; `verify` looks at a copy of `count` articles' front matter only."""
    paper, _ = founded(place / "room", count, mirrors=("amber",))
    paper.run("publish", "--json")
    page = place / "page.html"
    page.write_text("<p>not ours", encoding="utf-8")
    verify = [PROGRAM, "verify", str(page), "--root", paper.root]
    runners = [
        Runner(name=PYTHON, run=lambda: _started([sys.executable, "-c", "pass"])),
        Runner(name=HELP, run=lambda: _started([PROGRAM, "--help"])),
        Runner(name=VERIFY, run=lambda: _started(verify, 1)),
    ]
    series = race(runners, rounds, tell)
    return (
        Report(
            bench="start",
            title="starting the program",
            rounds=rounds,
            series=series,
            counted=(*_above(series, HELP), *_above(series, VERIFY)),
            remarks=("verify is shown a file that is not ours: it ends at the first look",),
        ),
    )


def _started(command: Sequence[str], code: int = 0) -> Cost:
    costs = sorted((spent(command, codes=(code,)) for _ in range(TIMES)), key=lambda one: one.wall)
    return costs[TIMES // 2]


def _above(series: Sequence[Series], name: str) -> Sequence[Counted]:
    """Milliseconds above Python alone, on the wall and of processor."""
    by_name = {one.name: one for one in series}

    def more(ours: Figure, alone: Figure) -> int:
        return round((ours.median - alone.median) * 1000)

    ours, alone = by_name[name], by_name[PYTHON]
    return (
        Counted(
            text=f"{name}: ms above Python alone", found=more(ours.wall, alone.wall), at_most=ABOVE
        ),
        Counted(
            text=f"{name}: ms of processor above it", found=more(ours.cpu, alone.cpu), at_most=ABOVE
        ),
    )
