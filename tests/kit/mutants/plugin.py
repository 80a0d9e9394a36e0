"""A plugin of pytest: runs the tests once, then once more for each mutant, in a fork of its own.

Everything is imported and every fixture that is kept is made before the first fork, so that a
mutant costs what its tests cost. It meets only the tests that reach its lines; first those that
reach what it guards, and the quick ones first. It is killed by the first that fails.
"""

import gc
import json
import os
import resource
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from coverage import Coverage
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.kit.mutants.mutant import Living, Mutant, living, of_file

HOUSE = Path(__file__).parents[3]
CPU_LIMIT = 120
"""Seconds of work after which a mutant that turns in circles is ended."""

MEMORY_LIMIT = 2 * 1024 * 1024 * 1024
AT_ONCE = 2


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutants-of", action="append", default=[], help="a file of ours")
    parser.addoption("--mutants-report", default="", help="where to write what became of them")
    parser.addoption("--mutants-each", type=int, default=0, help="only so many of a file, spread")


def pytest_runtestloop(session: pytest.Session) -> bool:
    config = session.config
    files = config.getoption("--mutants-of")
    row = [one for file in files for one in _chosen(file, config.getoption("--mutants-each"))]
    trials = _first_run(session, files)
    if session.testsfailed:
        return True
    told = {one.name: verdict for one, verdict in _judged(session, row, trials)}
    Path(config.getoption("--mutants-report")).write_text(json.dumps(told), encoding="utf-8")
    return True


def _chosen(file: str, each: int) -> Sequence[Mutant]:
    """All mutants of a file, or a few that lie far apart: always the same ones."""
    found = list(of_file(HOUSE, file))
    return found[:: max(len(found) // each, 1)][:each] if each else found


class _Trial:
    """A test, how long it took, and the lines of ours that it reached."""

    def __init__(self, item: pytest.Item, seconds: float) -> None:
        self.item = item
        self.seconds = seconds
        self.reached: set[tuple[str, int]] = set()

    def reaches(self, file: str, lines: range) -> bool:
        return any((file, line) in self.reached for line in lines)


def _first_run(session: pytest.Session, files: Sequence[str]) -> Sequence[_Trial]:
    """The tests as they are: where one fails, nothing is known of mutants."""
    paths = {str(HOUSE / file): file for file in files}
    coverage = Coverage(data_file=None, include=list(paths), config_file=False)
    trials = {}
    coverage.start()
    for at, item in enumerate(session.items):
        coverage.switch_context(item.nodeid)
        start = time.monotonic()
        _run(item, session.items[at + 1 : at + 2])
        trials[item.nodeid] = _Trial(item, time.monotonic() - start)
    coverage.stop()
    for path, file in paths.items():
        for line, met in coverage.get_data().contexts_by_lineno(path).items():
            for name in filter(None, met):
                trials[name].reached.add((file, line))
    return list(trials.values())


def _judged(
    session: pytest.Session, row: Sequence[Mutant], trials: Sequence[_Trial]
) -> Iterator[tuple[Mutant, str]]:
    """Every mutant and what became of it: killed, survived, or met by no test."""
    waiting = list(reversed(row))
    forks: dict[int, Mutant] = {}
    alive = living(HOUSE, session.config.getoption("--mutants-of"))
    gc.freeze()
    words = "mutants", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*words, TextColumn("{task.fields[left]} live")) as progress:
        bar = progress.add_task("mutants", total=len(row), left=0)
        left = 0
        while waiting or forks:
            while waiting and len(forks) < AT_ONCE:
                mutant = waiting.pop()
                against = _against(mutant, trials)
                forks[_fork(session, mutant, alive, against)] = mutant
            pid, status = os.wait()
            mutant = forks.pop(pid)
            lived = status == 0
            left += lived
            progress.update(bar, advance=1, left=left)
            met = any(trial.reaches(mutant.file, mutant.lines) for trial in trials)
            verdict = ("survived" if met else "no test meets it") if lived else "killed"
            if not progress.console.is_terminal and not (len(row) - len(waiting)) % 50:
                progress.console.print(f"{len(row) - len(waiting)} of {len(row)} begun")
            if lived:
                progress.console.print(f"{verdict}: {mutant.name}", markup=False, soft_wrap=True)
            yield mutant, verdict


def _against(mutant: Mutant, trials: Sequence[_Trial]) -> Sequence[pytest.Item]:
    met = [trial for trial in trials if trial.reaches(mutant.file, mutant.lines)]
    met.sort(key=lambda one: (not one.reaches(mutant.file, mutant.guarded), one.seconds))
    return [trial.item for trial in met]


def _fork(
    session: pytest.Session, mutant: Mutant, alive: Living, against: Sequence[pytest.Item]
) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT, CPU_LIMIT))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        mutant.take_place(alive)
        status = 0 if _survives(session, against) else 1
    finally:
        os._exit(status)


def _survives(session: pytest.Session, against: Sequence[pytest.Item]) -> bool:
    for at, item in enumerate(against):
        _run(item, against[at + 1 : at + 2])
        if session.testsfailed:
            return False
    return True


def _run(item: pytest.Item, after: Sequence[pytest.Item]) -> None:
    nextitem = after[0] if after else None
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
