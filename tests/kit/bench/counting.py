"""Counting: the costs that are counted, not timed, as the tests of cost print them."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.kit.bench.cost import PATIENCE
from tests.kit.bench.peers import HOUSE, Cast
from tests.kit.bench.printing import screen
from tests.kit.bench.report import Report

_TESTS = "tests/integration/test_cost.py"


def cost(
    _place: Path, _count: int, _rounds: int, _cast: Cast, _tell: Callable[[str], None]
) -> Sequence[Report]:
    """No report: the tests themselves print the figures, and fail where one grew."""
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", _TESTS]
    done = subprocess.run(command, cwd=HOUSE, timeout=PATIENCE, check=False)
    if done.returncode:
        screen.print("cost: a count grew, see above", style="red")
    return ()
