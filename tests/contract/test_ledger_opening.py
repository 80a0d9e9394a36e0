"""What every ledger keeps to when it is opened, closed, scrubbed, or refused."""

import asyncio
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, TextClause, inspect, text

from store.engine import Ledger, _ledger, open_ledger
from store.facts import SqlFacts
from store.letters import SqlLetters
from store.migrations.upgrade import script
from store.pool import SqlPool
from store.schema import REVISIONS, metadata
from store.sightings import SqlSightings
from store.turns import SqlTurns
from tamizdat.errors import LedgerError
from tamizdat.incident import Turn
from tamizdat.letter import GatewayId
from tamizdat.placement import MirrorId, MirrorState

ROOT = Path(__file__).parents[2]
TURN = Turn(
    number=0,
    at=datetime(2026, 11, 23, tzinfo=UTC),
    mirror=MirrorId("beryl"),
    country="RU",
    retired=(),
    promoted=(MirrorId("amber"),),
    automatic=True,
)


async def test_what_was_recorded_is_there_after_reopening(ledger_address: str) -> None:
    first = await open_ledger(ledger_address)
    await SqlFacts(first).set("salt", "kept")
    await first.close()

    second = await open_ledger(ledger_address)

    assert await SqlFacts(second).get("salt") == "kept"
    await second.close()


async def test_two_that_open_a_new_ledger_at_once_both_get_it(ledger_address: str) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(open_ledger(ledger_address)) for _ in range(3)]
    ledgers = [task.result() for task in tasks]

    await SqlFacts(ledgers[0]).set("salt", "one")

    assert await SqlFacts(ledgers[1]).get("salt") == "one"
    for ledger in ledgers:
        await ledger.close()


async def test_a_ledger_of_a_newer_program_is_refused_in_one_line(ledger_address: str) -> None:
    ledger = await open_ledger(ledger_address)
    async with ledger.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await ledger.close()

    with pytest.raises(LedgerError, match=r"schema 9999, this program knows up to .*: update"):
        await open_ledger(ledger_address)


async def test_a_ledger_of_an_older_program_keeps_its_rows_and_gets_the_new_tables(
    ledger_address: str,
) -> None:
    older = _ledger(ledger_address)
    async with older.writing() as connection:
        await connection.run_sync(lambda sync: command.upgrade(script(sync), "0002"))
        await connection.execute(text("INSERT INTO fact (name, value) VALUES ('salt', 'kept')"))
        await connection.execute(text("INSERT INTO mirror_state VALUES ('amber', 'spare')"))
        await connection.execute(text("INSERT INTO gateway_read VALUES (1, 'gate', 1700000000)"))
        before = await connection.run_sync(_shape)
    await older.close()

    ledger = await open_ledger(ledger_address)

    async with ledger.reading() as connection:
        after = await connection.run_sync(_shape)
    assert {name: after[name] for name in before} == before
    assert await SqlFacts(ledger).get("salt") == "kept"
    assert await SqlPool(ledger).states() == {MirrorId("amber"): MirrorState.SPARE}
    gate, read = GatewayId("gate"), datetime.fromtimestamp(1_700_000_000, UTC)
    assert await SqlLetters(ledger).reads(gate, read) == [read]
    assert await SqlSightings(ledger).newest() == []
    await SqlTurns(ledger).take(TURN)
    assert await SqlPool(ledger).states() == {MirrorId("amber"): MirrorState.ACTIVE}
    await ledger.close()


async def test_a_failed_transaction_leaves_nothing(ledger: Ledger) -> None:
    insert = text("INSERT INTO fact (name, value) VALUES ('salt', 'half')")

    async def half() -> None:
        async with ledger.writing() as connection:
            await connection.execute(insert)
            await connection.execute(insert)

    with pytest.raises(LedgerError, match=r"^ledger [^\n]* failed: [^\n]*$"):
        await half()

    assert await SqlFacts(ledger).get("salt") is None


async def test_writers_in_one_program_take_turns(ledger: Ledger) -> None:
    async def count() -> None:
        async with ledger.writing() as connection:
            found = await connection.execute(text("SELECT count(*) FROM fact"))
            row = {"name": f"n{found.scalar_one()}"}
            await connection.execute(text("INSERT INTO fact VALUES (:name, '')"), row)

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(count())

    assert await SqlFacts(ledger).get("n19") == ""


async def test_a_scrubbed_ledger_goes_on(ledger: Ledger) -> None:
    await SqlFacts(ledger).set("salt", "kept")

    await ledger.scrub()
    await SqlFacts(ledger).set("build", "next")

    assert await SqlFacts(ledger).get("salt") == "kept"


async def test_autogenerate_finds_nothing_between_migrations_and_schema(ledger: Ledger) -> None:
    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        found: list[Any] = compare_metadata(context, metadata)
        return found

    async with ledger.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrations_make_exactly_the_tables_and_indexes_of_the_schema(
    ledger: Ledger,
) -> None:
    async with ledger.writing() as connection:
        migrated = await connection.run_sync(_shape)
        await connection.run_sync(metadata.drop_all)
        assert await connection.run_sync(_shape) == {}

        await connection.run_sync(metadata.create_all)

        assert await connection.run_sync(_shape) == migrated
    assert len(migrated) == len(metadata.tables)


def test_the_program_knows_every_revision_that_it_ships() -> None:
    shipped = [one.revision for one in ScriptDirectory.from_config(script()).walk_revisions()]

    assert tuple(reversed(shipped)) == REVISIONS


def test_an_installed_wheel_migrates_and_only_then_loads_alembic(
    ledger_address: str, tmp_path: Path
) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    program = (
        "import asyncio, sys\n"
        f"sys.path.insert(0, {str(installed)!r})\n"
        "import store.engine\n"
        "async def main():\n"
        "    ledger = await store.engine.open_ledger(sys.argv[1])\n"
        "    await ledger.close()\n"
        "asyncio.run(main())\n"
        "print(store.engine.__file__, 'alembic' in sys.modules)\n"
    )
    opening = [sys.executable, "-c", program, ledger_address]

    said = [
        subprocess.run(
            opening, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60
        ).stdout.split()
        for _ in range(2)
    ]

    home = str(installed / "store" / "engine.py")
    assert said == [[home, "True"], [home, "False"]]


def _shape(connection: Connection) -> dict[str, str]:
    inspector = inspect(connection)
    parts = (
        inspector.get_multi_columns(),
        inspector.get_multi_pk_constraint(),
        inspector.get_multi_foreign_keys(),
        inspector.get_multi_indexes(),
    )
    names = set(inspector.get_table_names()) - {"alembic_version"}
    return {
        name: "\n".join(_shown(part[key]) for part in parts for key in part if key[1] == name)
        for name in names
    }


def _shown(part: object) -> str:
    if isinstance(part, TextClause):
        return str(part)
    if isinstance(part, Mapping):
        return str({key: _shown(value) for key, value in part.items()})
    if isinstance(part, list):
        return str([_shown(one) for one in part])
    return repr(part)  # a column's type shows its collation
