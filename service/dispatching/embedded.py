"""An embedded dispatcher: jobs are done in this program, and go with it."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from service.dispatching.pace import Pace, Provider
from tamizdat.dispatching import Crew, Dispatcher, Duties, Job, LaterError, Report
from tamizdat.errors import TamizdatError

AGAIN = 5.0
"""Seconds until a job that failed is done again."""

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Embedded:
    """Jobs that wait, in memory: who starts again hands them again."""

    at_once: int
    pace: Pace
    provider: Provider
    _waiting: dict[str, tuple[Job, float]] = field(default_factory=dict)
    _booked: set[str] = field(default_factory=set)
    _running: set[str] = field(default_factory=set)
    _reports: dict[str, Report] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def hand(self, jobs: Sequence[Job]) -> None:
        """Have these done; each name once."""
        for job in jobs:
            self._waiting.setdefault(job.name, (job, 0.0))
        self._news.set()

    async def reports(self) -> Sequence[Report]:
        """How jobs ended since this was asked last."""
        found, self._reports = tuple(self._reports.values()), {}
        return found

    async def work(self, duties: Duties) -> None:
        """Go on until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._news.clear()
                rest = self._start(group, duties)
                try:
                    async with asyncio.timeout(rest):
                        await self._news.wait()
                except TimeoutError:
                    pass  # a job that was to wait is due

    def _start(self, group: asyncio.TaskGroup, duties: Duties) -> float | None:
        """Start what may be started; gives the seconds until the next one is due."""
        now = asyncio.get_running_loop().time()
        locks = set(self._running)  # of equals the more urgent goes first, the other waits for it
        due = []
        for job, when in sorted(self._waiting.values(), key=lambda one: -one[0].duty.rank):
            if job.lock in locks or len(self._running) >= self.at_once:
                continue
            locks.add(job.lock)
            begin = max(when, now + self._wait(job, now))
            if begin <= now:
                self._running.add(job.lock)
                del self._waiting[job.name]
                self._booked.discard(job.name)
                group.create_task(self._do(job, duties))
            else:
                self._waiting[job.name] = (job, begin)
                due.append(begin - now)
        return min(due, default=None)

    def _wait(self, job: Job, now: float) -> float:
        if job.name in self._booked:
            return 0.0
        self._booked.add(job.name)
        return self.pace.book(self.provider(job), job.duty, now)

    async def _do(self, job: Job, duties: Duties) -> None:
        work = duties.get(job.duty)
        try:
            if work is None:
                log.warning("job refused: nobody does this", extra={"duty": job.duty.value})
            else:
                told = await work(job)
                self._reports[job.name] = Report(job=job, told=told)
        except asyncio.CancelledError:
            self._again(job, 0.0)
            raise
        except LaterError as later:
            self._again(job, later.seconds)
        except TamizdatError as error:
            log.warning("job failed", extra={"duty": job.duty.value, "why": str(error)})
            self._again(job, AGAIN)
        finally:
            self._running.discard(job.lock)
            self._news.set()

    def _again(self, job: Job, seconds: float) -> None:
        begin = asyncio.get_running_loop().time() + seconds
        self._waiting.setdefault(job.name, (job, begin))
        self._booked.add(job.name)


_dispatcher: type[Dispatcher] = Embedded
_crew: type[Crew] = Embedded
