"""How jobs ended comes to whoever waits for it, and to nobody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from service.dispatching import returns
from service.dispatching.embedded import Embedded
from service.dispatching.pace import Pace
from service.dispatching.returns import Returns, SilentError
from tamizdat.dispatching import Duties, Duty, Job, Report

PATIENCE = 30
AMBER = Job(duty=Duty.PUSH, ids=("amber",))
BIRCH = Job(duty=Duty.PUSH, ids=("birch",))


@dataclass
class Strays:
    """Reports that nobody waited for."""

    found: list[Report] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, report: Report) -> None:
        self.found.append(report)
        self.news.set()


async def done(job: Job) -> str:
    return f"did {job.name}"


WORK: Duties = {Duty.PUSH: done}


@asynccontextmanager
async def running(strays: Strays, duties: Duties) -> AsyncIterator[Returns]:
    jobs = Embedded(at_once=4, pace=Pace(per_minute=None), provider=lambda _: "")
    made = Returns(dispatcher=jobs, stray=strays.note)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        tasks = [group.create_task(made.run()), group.create_task(jobs.work(duties))]
        await asyncio.sleep(0)
        yield made
        for task in tasks:
            task.cancel()


async def test_each_hears_of_its_own_job_and_the_rest_is_told_as_stray() -> None:
    strays = Strays()
    async with running(strays, WORK) as made:
        with made.expected(AMBER.lock) as coming:
            await made.dispatcher.hand([AMBER, BIRCH])
            report = await anext(coming)
        await strays.news.wait()

    assert report == Report(job=AMBER, told="did push/amber")
    assert strays.found == [Report(job=BIRCH, told="did push/birch")]


async def test_who_waits_while_no_worker_does_anything_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(returns, "SILENCE", 0.2)
    async with running(Strays(), {}) as made:
        with made.expected(AMBER.lock) as coming:
            await made.dispatcher.hand([AMBER])
            with pytest.raises(SilentError, match="start `tamizdat worker`"):
                await anext(coming)


async def test_who_waits_for_a_lost_job_ends_while_others_are_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(returns, "LOST", 0.0)
    async with running(Strays(), WORK) as made:
        with made.expected(AMBER.lock) as coming:
            heard = [report async for report in coming]

    assert heard == []


async def test_what_ended_before_somebody_listened_is_of_no_use() -> None:
    strays = Strays()
    jobs = Embedded(at_once=4, pace=Pace(per_minute=None), provider=lambda _: "")
    jobs._reports["push/cedar"] = Report(job=Job(duty=Duty.PUSH, ids=("cedar",)), told="old")
    made = Returns(dispatcher=jobs, stray=strays.note)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        tasks = [group.create_task(made.run()), group.create_task(jobs.work(WORK))]
        await asyncio.sleep(0)
        await jobs.hand([BIRCH])
        await strays.news.wait()
        for task in tasks:
            task.cancel()

    assert [report.told for report in strays.found] == ["did push/birch"]
