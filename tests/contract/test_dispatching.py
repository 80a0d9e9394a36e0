"""The contract of dispatchers and crews: in one program, and through a real PostgreSQL."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg
import pytest

from service.dispatching.embedded import Embedded
from service.dispatching.pace import Pace
from store.jobs import SCHEMA, Times, open_jobs
from tamizdat.dispatching import Crew, Dispatcher, Duties, Duty, Job, LaterError, Report
from tamizdat.errors import LedgerError

PATIENCE = 60
QUICK = Times(heartbeat=0.2, stalled=1.5, look=0.2, again=0.2, grace=0.5)


class Both(Dispatcher, Crew, Protocol):
    """A dispatcher that is its own crew."""


def push(name: str) -> Job:
    return Job(duty=Duty.PUSH, ids=(name,))


def provider(job: Job) -> str:
    return "slow" if job.ids[0].startswith("slow") else ""


Opening = Callable[..., Any]


def embedded() -> Opening:
    one: dict[str, Both] = {}

    @asynccontextmanager
    async def opening(at_once: int = 8, per_minute: int | None = None) -> AsyncIterator[Both]:
        pace = Pace(per_minute=per_minute)
        fresh = Embedded(at_once=at_once, pace=pace, provider=provider)
        yield one.setdefault("same", fresh)

    return opening


def queued(address: str) -> Opening:
    @asynccontextmanager
    async def opening(at_once: int = 8, per_minute: int | None = None) -> AsyncIterator[Both]:
        async with open_jobs(
            address, at_once=at_once, per_minute=per_minute, provider=provider, times=QUICK
        ) as jobs:
            yield jobs

    return opening


@pytest.fixture(params=["embedded", pytest.param("postgresql", marks=pytest.mark.needs_postgresql)])
def opening(request: pytest.FixtureRequest) -> Opening:
    """Opens a dispatcher on one queue, as often as it is called."""
    if request.param == "embedded":
        return embedded()
    return queued(str(request.getfixturevalue("postgresql_address")))


@dataclass
class Desk:
    """Does jobs, and notes which began, and how many of one lock were done at once."""

    begun: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    doing: set[str] = field(default_factory=set)
    together: int = 0
    doubled: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    trouble: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    async def do(self, job: Job) -> str:
        self.begun.append(job.name)
        self.times.append(asyncio.get_running_loop().time())
        self.doubled += job.lock in self.doing
        self.doing.add(job.lock)
        self.together = max(self.together, len(self.doing))
        self.news.set()
        try:
            await self.gate.wait()
            if self.trouble:
                raise self.trouble.pop()
        finally:
            self.doing.discard(job.lock)
        self.done.append(job.name)
        self.news.set()
        return f"did {job.name}"

    def duties(self, *duties: Duty) -> Duties:
        return dict.fromkeys(duties or Duty, self.do)

    async def until(self, met: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not met():
                self.news.clear()
                await self.news.wait()


@asynccontextmanager
async def working(crew: Crew, duties: Duties) -> AsyncIterator[None]:
    task = asyncio.ensure_future(crew.work(duties))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def told(dispatcher: Dispatcher, count: int) -> list[Report]:
    found: list[Report] = []
    async with asyncio.timeout(PATIENCE):
        while len(found) < count:
            found += await dispatcher.reports()
            await asyncio.sleep(0.02)
    return found


async def test_what_is_handed_out_is_done_and_told_once(opening: Opening) -> None:
    desk = Desk()
    async with opening() as jobs, working(jobs, desk.duties()):
        await jobs.hand([push("amber"), Job(duty=Duty.PROBE, ids=("amber", "birch"))])
        found = await told(jobs, 2)
        again = await jobs.reports()

    assert {(one.job.duty, one.job.ids) for one in found} == {
        (Duty.PUSH, ("amber",)),
        (Duty.PROBE, ("amber", "birch")),
    }
    assert {one.told for one in found} == {f"did {one.job.name}" for one in found}
    assert again in ((), [])


async def test_what_was_handed_before_anybody_worked_is_done_once(opening: Opening) -> None:
    desk = Desk()
    async with opening() as jobs:
        for _ in range(3):
            await jobs.hand([push("amber"), push("birch")])
        async with working(jobs, desk.duties()):
            await desk.until(lambda: len(desk.done) >= 2)
            await jobs.hand([push("cedar")])
            await desk.until(lambda: "push/cedar" in desk.done)

    assert sorted(desk.begun) == ["push/amber", "push/birch", "push/cedar"]


async def test_a_job_that_is_handed_while_it_is_done_is_done_again_after(
    opening: Opening,
) -> None:
    desk = Desk()
    desk.gate.clear()
    async with opening() as jobs, working(jobs, desk.duties()):
        await jobs.hand([push("amber")])
        await desk.until(lambda: len(desk.begun) == 1)
        await jobs.hand([push("amber"), Job(duty=Duty.WITHDRAW, ids=("amber",)), push("birch")])
        await desk.until(lambda: "push/birch" in desk.begun)
        before = list(desk.begun)
        desk.gate.set()
        await desk.until(lambda: len(desk.done) == 4)

    assert sorted(before) == ["push/amber", "push/birch"]
    assert desk.done[-2:] == ["withdraw/amber", "push/amber"] or desk.doubled == 0
    assert desk.doubled == 0


async def test_two_crews_never_do_two_jobs_of_one_mirror_at_once(opening: Opening) -> None:
    desk = Desk()
    names = [f"m{number}" for number in range(12)]
    kinds = (Duty.PUSH, Duty.WITHDRAW, Duty.AUDIT)
    async with AsyncExitStack() as stack:
        crews = [await stack.enter_async_context(opening()) for _ in range(2)]
        for crew in {id(one): one for one in crews}.values():
            await stack.enter_async_context(working(crew, desk.duties()))
        for duty in kinds:
            await crews[0].hand([Job(duty=duty, ids=(name,)) for name in names])
        await desk.until(lambda: len(desk.done) >= len(kinds) * len(names))

    assert desk.doubled == 0


async def test_no_more_jobs_are_done_at_once_than_a_crew_has_hands(opening: Opening) -> None:
    desk = Desk()
    async with opening(at_once=3) as jobs, working(jobs, desk.duties()):
        await jobs.hand([push(f"m{number}") for number in range(20)])
        await desk.until(lambda: len(desk.done) == 20)

    assert desk.together <= 3


async def test_withdrawals_come_before_pushes_before_audits_before_looks(opening: Opening) -> None:
    desk = Desk()
    kinds = (Duty.GLANCE, Duty.PROBE, Duty.AUDIT, Duty.PUSH, Duty.WITHDRAW)
    async with opening(at_once=1) as jobs:
        for number, duty in enumerate((*kinds, *kinds)):
            await jobs.hand([Job(duty=duty, ids=(f"m{number}",))])
        async with working(jobs, desk.duties()):
            await desk.until(lambda: len(desk.done) == 10)

    order = [name.partition("/")[0] for name in desk.begun]
    assert order == [duty.value for duty in reversed(kinds) for _ in range(2)]


async def test_a_job_that_cannot_be_done_now_is_done_later(opening: Opening) -> None:
    desk = Desk(trouble=[LaterError("busy", seconds=0.3), LaterError("busy", seconds=0.3)])
    async with opening() as jobs, working(jobs, desk.duties()):
        await jobs.hand([push("amber")])
        (report,) = await told(jobs, 1)

    assert desk.begun == ["push/amber"] * 3
    assert report.told == "did push/amber"


async def test_a_job_that_nobody_does_is_refused_and_holds_nobody_up(opening: Opening) -> None:
    desk = Desk()
    async with opening() as jobs, working(jobs, desk.duties(Duty.PUSH)):
        await jobs.hand([Job(duty=Duty.GLANCE, ids=("amber",)), push("amber")])
        await desk.until(lambda: desk.done == ["push/amber"])

    assert desk.begun == ["push/amber"]


async def test_a_provider_is_not_hurried_and_the_others_do_not_wait(opening: Opening) -> None:
    desk = Desk()
    async with opening(per_minute=30) as jobs, working(jobs, desk.duties()):
        await jobs.hand([push(f"slow{number}") for number in range(4)])
        await jobs.hand([push(f"m{number}") for number in range(4)])
        await desk.until(lambda: len(desk.done) == 8)

    slow = [when for when, name in zip(desk.times, desk.begun, strict=True) if "slow" in name]
    assert min(b - a for a, b in zip(slow, slow[2:], strict=False)) > 2.0
    assert "slow" in desk.begun[-1]


async def test_a_withdrawal_does_not_wait_for_a_providers_pace(opening: Opening) -> None:
    desk = Desk()
    async with opening(per_minute=1) as jobs, working(jobs, desk.duties()):
        await jobs.hand([push("slow1"), push("slow2"), push("slow3")])
        await desk.until(lambda: len(desk.begun) == 1)
        await jobs.hand([Job(duty=Duty.WITHDRAW, ids=("slow4",))])
        await desk.until(lambda: "withdraw/slow4" in desk.done)

    assert len(desk.begun) == 2


async def test_what_was_begun_when_its_crew_was_cut_off_is_done_by_the_next(
    opening: Opening,
) -> None:
    desk, other = Desk(), Desk()
    desk.gate.clear()
    async with opening() as jobs:
        async with working(jobs, desk.duties()):
            await jobs.hand([push("amber")])
            await desk.until(lambda: len(desk.begun) == 1)
        async with opening() as again, working(again, other.duties()):
            await other.until(lambda: other.done == ["push/amber"])

    assert desk.done == []


@pytest.mark.needs_postgresql
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


@pytest.mark.needs_postgresql
async def test_a_crew_goes_on_after_the_database_hung_up(postgresql_address: str) -> None:
    desk = Desk()
    async with queued(postgresql_address)() as jobs, working(jobs, desk.duties()):
        await jobs.hand([push("amber")])
        await desk.until(lambda: len(desk.done) == 1)
        await sql(postgresql_address, _HANG_UP)
        await jobs.hand([push("birch")])
        await desk.until(lambda: len(desk.done) == 2)

    assert desk.done == ["push/amber", "push/birch"]


@pytest.mark.needs_postgresql
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


@pytest.mark.needs_postgresql
async def test_a_job_that_failed_is_done_again(postgresql_address: str) -> None:
    desk = Desk(trouble=[LedgerError("busy"), LedgerError("busy")])
    async with queued(postgresql_address)() as jobs, working(jobs, desk.duties()):
        await jobs.hand([push("amber")])
        await desk.until(lambda: desk.done == ["push/amber"])

    assert len(desk.begun) == 3


@pytest.mark.needs_postgresql
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


@pytest.mark.needs_postgresql
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
