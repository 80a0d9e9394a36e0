"""Several workers push for one newsroom, are killed at any moment, and no reader can tell."""

import asyncio
import random
import shutil
import signal
from pathlib import Path

import psycopg
import pytest

from service.clock import SystemClock
from service.config import FILE
from signing.verify import verify
from tests.contract.conftest import postgresql_address, postgresql_server
from tests.kit.copies import FolderCopy
from tests.kit.crews import Pool, besieged, count_beginnings, newsroom, office, repeats
from tests.kit.printshop import PrintShop, surroundings
from tests.kit.showing import shown
from tests.kit.strangers import HOST, free_port

__all__ = ["postgresql_address", "postgresql_server"]

pytestmark = [pytest.mark.needs_postgresql, pytest.mark.timeout(600)]
MIRRORS, WATCHED, WORKERS, AT_ONCE, KILLS = 40, 3, 3, 4, 5
PATIENCE = 100


async def not_current(shop: PrintShop, edition: int) -> list[str]:
    """Mirrors that a reader would not call current."""
    wrong = []
    for place in sorted((shop.folder / "mirrors").glob("[a-z]*")):
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
    async with office(shop) as room:
        await count_beginnings(postgresql_address)
        watch = await besieged(room, pool, WORKERS, WATCHED, lambda: pool.kills == KILLS)
        again, jobs = await repeats(postgresql_address)
        wrong = await not_current(shop, room.edition)
        codes = await pool.stop()
    told = f"{pool.kills} kills, {jobs} jobs, {again} begun again, {len(watch.checks)} checks"
    print(told)  # noqa: T201 - the figures are the point

    assert watch.troubles() == []
    assert wrong == []
    assert again <= pool.kills * AT_ONCE
    assert codes == [0] * WORKERS


async def test_serve_hands_passes_and_looks_to_workers_and_all_stop_when_told(
    tmp_path: Path, postgresql_address: str
) -> None:
    shop = await newsroom(tmp_path / "room", postgresql_address, mirrors=2)
    lines = f'\n[serve]\ndesk = "{HOST}:{free_port()}"\nstatus = "{HOST}:{free_port()}"\n'
    with (shop.folder / FILE).open("a", encoding="utf-8") as file:
        file.write(f"{lines}look_seconds = 2\n")
    pool = Pool(shop=shop, at_once=2, turn=random.Random(5))  # noqa: S311 - seeded on purpose
    await asyncio.to_thread(shop.mirror("seen").mkdir)

    async with shown({"seen": shop.mirror("seen")}) as port, asyncio.timeout(PATIENCE):
        base = f"http://{HOST}:{port}/seen/"
        shop.add("seen", backend="folder", folder="mirrors/seen", url=base)
        serving = await asyncio.create_subprocess_exec(
            *shop.command("serve"), env=surroundings(), stdout=asyncio.subprocess.DEVNULL
        )
        await pool.start(1)
        until = shop.mirror("seen") / "latest.json"
        looked = 0
        while not (await asyncio.to_thread(until.exists) and looked):
            await asyncio.sleep(0.2)
            looked = await rows(postgresql_address, "sighting")
        codes = await pool.stop()
        serving.send_signal(signal.SIGTERM)
        codes.append(await serving.wait())
    wrong = await not_current(shop, edition=1)

    assert codes == [0, 0]
    assert wrong == []


async def test_a_worker_without_keys_and_with_nothing_to_do_is_ready_and_stops(
    tmp_path: Path, postgresql_address: str
) -> None:
    shop = await newsroom(tmp_path / "room", postgresql_address, mirrors=1)
    shutil.rmtree(shop.folder / "keys" / "online")
    shutil.rmtree(shop.folder / "keys" / "root")
    pool = Pool(shop=shop, at_once=2, turn=random.Random(5))  # noqa: S311 - seeded on purpose

    await pool.start(1)
    codes = await pool.stop()

    assert codes == [0]


async def test_a_worker_is_refused_where_nothing_is_handed_out(
    tmp_path: Path, postgresql_address: str
) -> None:
    shop = await newsroom(tmp_path / "room", postgresql_address, mirrors=1)
    config = shop.folder / FILE
    config.write_text(config.read_text().replace('kind = "workers"', 'kind = "here"'))

    here = shop.run("worker")
    config.write_text(config.read_text().replace(postgresql_address, "sqlite:state/ledger.db"))
    config.write_text(config.read_text().replace('kind = "here"', 'kind = "workers"'))
    sqlite = [shop.run("worker"), shop.run("serve")]

    assert (here.returncode, here.stderr.count("\n")) == (2, 1)
    assert 'dispatch.kind is "here", so nothing is handed out' in here.stderr
    assert [one.returncode for one in sqlite] == [2, 2]
    assert all("in SQLite one program works at a time" in one.stderr for one in sqlite)


async def rows(address: str, table: str) -> int:
    """How many rows a table of the ledger has."""
    async with await psycopg.AsyncConnection.connect(address) as connection:
        found = await connection.execute(f"TABLE {table}".encode())
        return len(await found.fetchall())
