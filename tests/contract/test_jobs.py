"""Jobs through a real PostgreSQL: whoever dies or hangs up, and whatever is laid in the queue."""

import asyncio
import sys
from typing import Any

import psycopg
import pytest

from store.jobs import SCHEMA
from tamizdat.errors import LedgerError
from tests.kit.jobs import PATIENCE, Desk, push, queued, told, working

pytestmark = pytest.mark.needs_postgresql


async def test_a_job_whose_program_is_killed_is_done_by_another(postgresql_address: str) -> None:
    desk = Desk()
    async with queued(postgresql_address)() as jobs:
        await jobs.hand([push("amber")])
        async with asyncio.timeout(PATIENCE):
            doomed = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _DOOMED, postgresql_address, stdout=asyncio.subprocess.PIPE
            )
            assert doomed.stdout is not None
            begun = await doomed.stdout.readline()
            doomed.kill()
            await doomed.wait()
        async with working(jobs, desk.duties()):
            await desk.until(lambda: desk.done == ["push/amber"])

    assert begun == b"push/amber\n"


_DOOMED = """
import asyncio, sys
from store.jobs import Times, open_jobs
from tamizdat.dispatching import Duty

async def hang(job):
    print(job.name, flush=True)
    await asyncio.Event().wait()

async def run():
    async with open_jobs(sys.argv[1], at_once=1, per_minute=None, provider=lambda job: "") as jobs:
        await jobs.work({Duty.PUSH: hang})

asyncio.run(run())
"""


async def test_a_crew_goes_on_after_the_database_hung_up(postgresql_address: str) -> None:
    desk = Desk()
    async with queued(postgresql_address)() as jobs, working(jobs, desk.duties()):
        await jobs.hand([push("amber")])
        await desk.until(lambda: len(desk.done) == 1)
        await sql(postgresql_address, _HANG_UP)
        await jobs.hand([push("birch")])
        await desk.until(lambda: len(desk.done) == 2)

    assert desk.done == ["push/amber", "push/birch"]


async def test_a_crew_that_is_to_stop_does_so_without_the_database(
    postgresql_server: str, postgresql_address: str
) -> None:
    desk = Desk()
    async with queued(postgresql_address)() as jobs, asyncio.TaskGroup() as group:
        task = group.create_task(jobs.work(desk.duties()))
        await jobs.hand([push("amber")])
        await desk.until(lambda: len(desk.done) == 1)
        await drop(postgresql_server, postgresql_address)
        task.cancel()

    assert task.cancelled()


async def drop(server: str, address: str) -> None:
    """Take a database away from under those who use it, and leave an empty one in its place."""
    name = address.partition("@/")[2].partition("?")[0]
    main = server.format("postgres")
    async with await psycopg.AsyncConnection.connect(main, autocommit=True) as connection:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        await connection.execute(f"CREATE DATABASE {name}".encode())


_HANG_UP = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND datname = current_database()
"""


async def test_a_job_that_failed_is_done_again(postgresql_address: str) -> None:
    desk = Desk(trouble=[LedgerError("busy"), LedgerError("busy")])
    async with queued(postgresql_address)() as jobs, working(jobs, desk.duties()):
        await jobs.hand([push("amber")])
        await desk.until(lambda: desk.done == ["push/amber"])

    assert len(desk.begun) == 3


async def test_a_crew_that_is_to_stop_lets_its_jobs_end(postgresql_address: str) -> None:
    desk = Desk()
    desk.gate.clear()
    async with queued(postgresql_address)() as jobs:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(jobs.work(desk.duties()))
            await jobs.hand([push("amber")])
            await desk.until(lambda: len(desk.begun) == 1)
            task.cancel()
            await asyncio.sleep(0)
            desk.gate.set()
        (report,) = await told(jobs, 1)

    assert report.told == "did push/amber"
    assert await sql(postgresql_address, "SELECT count(*) FROM procrastinate_jobs") == 0


async def test_a_job_that_somebody_else_laid_there_is_refused_and_forgotten(
    postgresql_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk()
    strange = [
        {"task_name": "push", "args": '{"ids": ["../../etc"], "tries": 0}'},
        {"task_name": "push", "args": '{"ids": "amber", "tries": 0}'},
        {"task_name": "push", "args": '{"ids": ["amber"], "tries": 0, "body": "x"}'},
        {"task_name": "push", "args": '{"ids": ["amber"], "tries": "0"}'},
        {"task_name": "os.system", "args": '{"command": "true"}'},
    ]
    async with queued(postgresql_address)() as jobs:
        for one in strange:
            await sql(postgresql_address, _LAY, **one)
        await jobs.hand([push("birch")])
        async with working(jobs, desk.duties()):
            await desk.until(lambda: desk.done == ["push/birch"])
            left = await until_empty(postgresql_address)

    assert left == 0
    assert desk.begun == ["push/birch"]
    assert "job refused" in caplog.text


_LAY = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args)
VALUES ('open', %(task_name)s, %(args)s::jsonb) RETURNING 0
"""


async def sql(address: str, statement: str, **values: object) -> int:
    async with await psycopg.AsyncConnection.connect(address) as connection:
        await connection.execute(f"SET search_path TO {SCHEMA}".encode())
        row: Any = await (await connection.execute(statement.encode(), values)).fetchone()
    return int(row[0])


async def until_empty(address: str) -> int:
    left = 1
    async with asyncio.timeout(PATIENCE):
        while left:
            await asyncio.sleep(0.05)
            left = await sql(address, "SELECT count(*) FROM procrastinate_jobs")
    return left
