"""Kill -9 at any moment of a publish: at no instant may a reader meet a mirror that is wrong."""

from pathlib import Path

import pytest

from service.clock import SystemClock
from service.wiring import opened
from signing.sources import FolderSource
from signing.verify import verify
from tests.kit.kills import FOLDERS, MIRRORS, Siege, besieged
from tests.kit.watchman import Watch

KILLS = 20
MIDWAY = 15
RATE = 5.0


@pytest.mark.timeout(200)
async def test_no_reader_meets_a_broken_mirror_while_twenty_publishes_are_killed(
    tmp_path: Path,
) -> None:
    async with besieged(tmp_path, seed=1) as (siege, watch):
        while len(siege.kills) < KILLS:
            await siege.kill_one()
        finished = await siege.finish()

        print(siege.told(watch))  # noqa: T201 - the figures are the point
        await all_current(siege, finished.edition)
    assert watch.troubles() == []
    assert siege.midway() >= MIDWAY
    assert all(seen_enough(watch, mirror) for mirror in MIRRORS)


async def all_current(siege: Siege, edition: int) -> None:
    async with opened(siege.shop.folder) as room:
        newest = await room.ledgers.editions.newest()
    assert newest
    assert newest.number == edition
    for mirror in FOLDERS:
        folder = siege.shop.folder / "mirrors" / mirror
        report = await verify(FolderSource(folder), siege.shop.root, SystemClock().now())
        assert (report.authentic, report.fresh, report.reason) == (True, True, "")
        assert report.edition == edition
        assert report.changing_to is None


def seen_enough(watch: Watch, mirror: str) -> bool:
    return watch.rate(mirror) >= RATE
