"""Fifty texts from approval to strangers' eyes, while half of the mirrors refuse (E1)."""

from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.kit.outlets import outlets

pytestmark = [pytest.mark.lab, pytest.mark.timeout(3600)]
RUNS = 50


async def test_fifty_texts_are_seen_outside_within_the_bounds(tmp_path: Path) -> None:
    async with outlets(tmp_path / "room") as running:
        times = [await running.release(number) for number in range(RUNS)]

    worst = quantiles(times, n=20)[-1]
    print(f"{RUNS} approvals: p50 {median(times):.1f} s, p95 {worst:.1f} s")  # noqa: T201
    assert median(times) <= 10
    assert worst <= 30
