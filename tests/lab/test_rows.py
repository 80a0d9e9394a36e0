"""Rows of a file (ROWS=FILE, or the first lab's), twenty times each."""

import os
from pathlib import Path

import pytest

from tests.kit.lab.rows import load
from tests.kit.lab.running import ROWS, outcomes

TIMES = 20
FILE = Path(os.environ.get("TAMIZDAT_ROWS") or ROWS).resolve()


@pytest.mark.lab
@pytest.mark.needs_namespaces
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", [row.name for row in load(FILE)])
def test_a_row_gives_its_verdict_in_twenty_of_twenty_runs(tmp_path: Path, name: str) -> None:
    played = list(outcomes(tmp_path, FILE, [name], TIMES))

    bad = [one for one in played if not one["good"]]
    one = played[0]
    print(f"{TIMES - len(bad)} of {len(played)}: {name}: {one['sees']}, {one['verdict']}")  # noqa: T201 - the figures are the point
    assert len(played) == TIMES
    assert bad == []
