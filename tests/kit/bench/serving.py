"""Serving: the board of the running service beside nginx, which hands out the same bytes."""

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.kit.bench.board import running
from tests.kit.bench.cost import Cost, spent
from tests.kit.bench.figure import Figure
from tests.kit.bench.paper import founded
from tests.kit.bench.peers import Cast
from tests.kit.bench.probing import memory, processor
from tests.kit.bench.report import Finding, Report
from tests.kit.bench.rounds import Counts, Runner, Series, race
from tests.kit.bench.webserver import serving

BOARD, NGINX = "the board", "nginx, the same bytes"
SECONDS = 4
PAGE = "board.html"

_DONE = re.compile(r"([0-9]+) requests in")
_BAD = re.compile(r"Non-2xx or 3xx responses: ([0-9]+)")


def serve(
    place: Path, count: int, rounds: int, cast: Cast, tell: Callable[[str], None]
) -> Sequence[Report]:
    """The report on the board of a newsroom with `count` articles."""
    wrk, nginx = cast.program("wrk"), cast.program("nginx")
    if not wrk or not nginx:
        return ()
    paper, _ = founded(place / "room", count, mirrors=("amber", "birch", "cedar"))
    paper.run("publish", "--json")
    with running(paper) as board, serving(place / "web", nginx) as web:
        (web.pages / PAGE).write_bytes(board.body)
        static = f"{web.plain}{PAGE}"
        runners = [
            _asked(BOARD, wrk, board.address, [board.pid], f"Cookie: {board.cookie}"),
            _asked(NGINX, wrk, static, web.workers(), "Accept: text/html"),
        ]
        series = race(runners, rounds, tell)
        length = len(board.body)
    return (
        Report(
            bench="serve",
            title=f"the board, {length / 1000:.0f} KB, 32 connections for {SECONDS} s",
            rounds=rounds,
            series=series,
            findings=_findings(series),
            remarks=(
                "processor seconds are those of a thousand requests; ours checks the session",
            ),
        ),
    )


def _asked(name: str, wrk: str, address: str, servers: Sequence[int], header: str) -> Runner:
    """The server's processor time for a thousand requests, whatever wrk itself takes."""
    done = 0

    def run() -> Cost:
        nonlocal done
        before, wall = sum(map(processor, servers)), time.perf_counter()
        command = [wrk, "-t1", "-c32", f"-d{SECONDS}s", "-H", header, address]
        said = spent(command).said
        took = sum(map(processor, servers)) - before
        seconds = time.perf_counter() - wall
        assert not _BAD.search(said), said
        done = int(_DONE.findall(said)[0])
        peak = max(map(memory, servers))
        return Cost(wall=seconds * 1000 / done, cpu=took * 1000 / done, peak=peak)

    def outcome(_cost: Cost) -> Counts:
        return {"requests a second": done // SECONDS}

    return Runner(name=name, run=run, outcome=outcome)


def _findings(series: Sequence[Series]) -> Sequence[Finding]:
    by_name = {one.name: one for one in series}
    ours: Figure = by_name[BOARD].cpu
    theirs: Figure = by_name[NGINX].cpu
    text = "board: processor for a request, to nginx"
    return (Finding(text=text, unit="s for 1,000", ours=ours, theirs=theirs, at_most=3),)
