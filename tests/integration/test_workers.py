"""Several workers push for one newsroom, are killed at any moment, and no reader can tell."""

import asyncio
import random
from pathlib import Path

import pytest

from service.clock import SystemClock
from signing.verify import verify
from tests.contract.conftest import postgresql_address, postgresql_server
from tests.kit.copies import FolderCopy
from tests.kit.crews import Pool, count_beginnings, newsroom, office, repeats
from tests.kit.printshop import PrintShop
from tests.kit.watchman import Watched, watched

__all__ = ["postgresql_address", "postgresql_server"]

pytestmark = [pytest.mark.needs_postgresql, pytest.mark.timeout(600)]
MIRRORS, WATCHED, WORKERS, AT_ONCE, KILLS = 40, 3, 3, 4, 5


async def not_current(shop: PrintShop, edition: int) -> list[str]:
    """Mirrors that a reader would not call current."""
    wrong = []
    for place in sorted((shop.folder / "mirrors").glob("m*")):
        report = await verify(FolderCopy(place).source, shop.root, SystemClock().now())
        told = (report.authentic, report.fresh, report.edition, report.changing_to)
        if told != (True, True, edition, None):
            wrong.append(f"{place.name}: {told} {report.reason}")
    return wrong


async def test_workers_that_are_killed_at_random_leave_every_mirror_whole(
    tmp_path: Path, postgresql_address: str
) -> None:
    shop = await newsroom(tmp_path / "room", postgresql_address, MIRRORS)
    pool = Pool(shop=shop, at_once=AT_ONCE, turn=random.Random(7))  # noqa: S311 - seeded on purpose
    names = [f"m{number:04}" for number in pool.turn.sample(range(MIRRORS), WATCHED)]
    sample = [Watched(mirror=name, folder=str(shop.mirror(name))) for name in names]
    async with office(shop) as room:
        await count_beginnings(postgresql_address)
        await pool.start(WORKERS)
        await room.publish()
        await room.everywhere()
        watching = watched(shop.root, sample)
        watch = await asyncio.to_thread(watching.__enter__)
        while pool.kills < KILLS:
            await room.publish()
            await asyncio.sleep(pool.turn.random())
            await pool.kill_one()
        await room.publish()
        await room.everywhere()
        await asyncio.to_thread(watching.__exit__, None, None, None)
        again, jobs = await repeats(postgresql_address)
        wrong = await not_current(shop, room.edition)
        codes = await pool.stop()
    told = f"{pool.kills} kills, {jobs} jobs, {again} begun again, {len(watch.checks)} checks"
    print(told)  # noqa: T201 - the figures are the point

    assert watch.troubles() == []
    assert wrong == []
    assert again <= pool.kills * AT_ONCE
    assert codes == [0] * WORKERS
