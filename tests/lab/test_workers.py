"""A thousand mirrors and four workers that are killed; and whether four do more than one."""

import asyncio
import random
from pathlib import Path

import pytest

from tests.contract.conftest import postgresql_address, postgresql_server
from tests.integration.test_workers import not_current
from tests.kit.bucketing import buckets
from tests.kit.crews import Pool, besieged, count_beginnings, newsroom, office, repeats

__all__ = ["postgresql_address", "postgresql_server"]

pytestmark = [pytest.mark.lab, pytest.mark.needs_postgresql, pytest.mark.timeout(3600)]
FOLDERS, BUCKETS, WATCHED = 990, 10, 6
WORKERS, AT_ONCE, SECONDS = 4, 4, 60.0
FEW, COST = 200, 1.5
"""Mirrors that are timed, and how much more of processor each may cost among four workers."""


async def test_a_thousand_mirrors_converge_whoever_is_killed(
    tmp_path: Path, postgresql_address: str
) -> None:
    shop = await newsroom(tmp_path / "room", postgresql_address, FOLDERS)
    pool = Pool(shop=shop, at_once=AT_ONCE, turn=random.Random(11))  # noqa: S311 - seeded
    places = [f"cove{number}" for number in range(BUCKETS)]
    async with buckets(places) as server:
        for place in places:
            shop.add_bucket(place, server, f"{server}/{place}/")
        async with office(shop) as room:
            await count_beginnings(postgresql_address)
            loop = asyncio.get_running_loop()
            ends: list[float] = []

            def over() -> bool:
                ends.append(loop.time() + SECONDS)
                return loop.time() >= ends[0]

            watch = await besieged(room, pool, WORKERS, WATCHED, over)
            again, jobs = await repeats(postgresql_address)
            wrong = await not_current(shop, room.edition)
            codes = await pool.stop()
    told = (
        f"{room.edition} editions, {pool.kills} kills, {jobs} jobs, {again} begun again, "
        f"{len(watch.checks)} checks"
    )
    print(told)  # noqa: T201 - the figures are the point

    assert watch.troubles() == []
    assert wrong == []
    assert again <= pool.kills * AT_ONCE
    assert codes == [0] * WORKERS


async def test_four_workers_push_more_than_one(tmp_path: Path, postgresql_address: str) -> None:
    shop = await newsroom(tmp_path / "room", postgresql_address, FEW)
    found: dict[int, list[tuple[float, float]]] = {1: [], 4: []}
    async with office(shop) as room:
        for count in (4, 1, 4, 1, 4, 1):
            pool = Pool(shop=shop, at_once=AT_ONCE, turn=random.Random(3))  # noqa: S311 - seeded
            await room.publish()
            await room.waiting(postgresql_address)
            found[count].append(await room.rate(pool, count))
            await pool.stop()
    print(f"mirrors a second, and processor for each: {found}")  # noqa: T201 - the point
    rates = {count: max(rate for rate, _ in rows) for count, rows in found.items()}
    costs = {count: min(cost for _, cost in rows) for count, rows in found.items()}

    assert rates[4] > rates[1]
    assert costs[4] <= COST * costs[1]
