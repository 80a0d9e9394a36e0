"""Hostile files: what a stranger hands over is refused in one line, in little time and memory.

Formats 3.1, 3.12, 4.6 and 7.4. `make lab` takes a thousand; TAMIZDAT_SEED chooses others.
"""

import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.kit.gifts.host import Host, open_host
from tests.kit.gifts.mint import Mint, open_mint
from tests.kit.gifts.trial import Findings, cases, tried
from tests.kit.gifts.yard import Yard, open_yard

SEED = int(os.environ.get("TAMIZDAT_SEED", "1"))
FEW, MANY = 60, 1000


@asynccontextmanager
async def grounds(folder: Path) -> AsyncIterator[tuple[Yard, Mint, Host]]:
    mint = await open_mint()
    async with open_yard(folder) as yard, open_host() as host:
        yield yard, mint, host


async def all_tried(folder: Path, *, seed: int, count: int) -> Findings:
    async with grounds(folder) as (yard, mint, host):
        return await tried(yard, mint, cases(mint, host, seed=seed, count=count), folder)


async def test_a_few_hostile_things_do_no_harm(tmp_path: Path) -> None:
    findings = await all_tried(tmp_path, seed=random.Random().randrange(10**6), count=FEW)  # noqa: S311 - others each time

    assert findings.wrong == [], findings.told()
    assert findings.runs == 2 * FEW


@pytest.mark.lab
@pytest.mark.timeout(3600)
async def test_a_thousand_hostile_things_do_no_harm(tmp_path: Path) -> None:
    findings = await all_tried(tmp_path, seed=SEED, count=MANY)

    print(f"seed {SEED}: {findings.told()}")  # noqa: T201 - the figures are the point
    assert findings.wrong == [], findings.told()
    assert findings.runs == 2 * MANY
