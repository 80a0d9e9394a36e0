"""The bench: `python -m tests.kit.bench NAME... [--size N] [--rounds N] [--quick]`."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.kit.bench.building import build, growth
from tests.kit.bench.bundling import bundle
from tests.kit.bench.counting import cost
from tests.kit.bench.keeping import kept
from tests.kit.bench.peers import HOUSE, Cast
from tests.kit.bench.printing import screen, show
from tests.kit.bench.probing import probe
from tests.kit.bench.pushing import push
from tests.kit.bench.reference import refer
from tests.kit.bench.report import Report
from tests.kit.bench.serving import serve
from tests.kit.bench.starting import start
from tests.kit.bench.verifying import verify

Tell = Callable[[str], None]
Bench = Callable[[Path, int, int, Cast, Tell], Sequence[Report]]

BENCHES: Mapping[str, Bench] = {
    "cost": cost,
    "build": build,
    "bundle": bundle,
    "push": push,
    "verify": verify,
    "probe": probe,
    "serve": serve,
    "start": start,
}
SIZES: Mapping[str, Sequence[int]] = {
    "cost": (10_000,),
    "build": (1_000, 10_000),
    "bundle": (5_000,),
    "push": (5_000,),
    "verify": (5_000,),
    "probe": (1_500,),
    "serve": (60,),
    "start": (6,),
}
ROUNDS = 5
QUICK, QUICK_ROUNDS = 200, 1


def main(arguments: Sequence[str]) -> int:
    """Run the benches that `arguments` name, print what they found, and keep it."""
    chosen = _chosen(arguments)
    cast = Cast()
    reports: list[Report] = []
    for name in chosen.benches or BENCHES:
        for size in _sizes(name, chosen):
            place = Path(tempfile.mkdtemp(prefix="bench-"))
            try:
                found = BENCHES[name](place, size, chosen.rounds, cast, _tell)
            finally:
                shutil.rmtree(place, ignore_errors=True)
            reports.extend(found)
            for report in found:
                show(report)
    for report in growth(reports):
        show(report)
        reports.append(report)
    for absent, package in cast.absent.items():
        screen.print(f"left out: {absent} is not installed (`make bench-peers` brings {package})")
    screen.print(f"kept in {kept(reports, cast.absent, chosen.keep)}")
    if chosen.reference:
        refer(reports)
    return 0


def _chosen(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=...")
    parser.add_argument("benches", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--size", type=int, help="articles or files, where others than usual")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--quick", action="store_true", help="a small size, once")
    parser.add_argument(
        "--reference", action="store_true", help="write docs/performance.* from this run"
    )
    parser.add_argument("--keep", type=Path, default=HOUSE / "bench", help="where JSON is kept")
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.benches) - set(BENCHES)
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: have {', '.join(BENCHES)}")
    if chosen.quick:
        chosen.size, chosen.rounds = chosen.size or QUICK, QUICK_ROUNDS
    return chosen


def _sizes(name: str, chosen: argparse.Namespace) -> Sequence[int]:
    return (chosen.size,) if chosen.size else SIZES[name]


def _tell(line: str) -> None:
    sys.stderr.write(f"  {line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
