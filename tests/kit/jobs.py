"""Desks that do jobs and note how, on dispatchers of both kinds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from service.dispatching.embedded import Embedded
from service.dispatching.pace import Pace
from store.jobs import Times, open_jobs
from tamizdat.dispatching import Crew, Dispatcher, Duties, Duty, Job, Report

PATIENCE = 60
QUICK = Times(heartbeat=0.2, stalled=4, look=0.2, again=0.2, grace=0.5)


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
