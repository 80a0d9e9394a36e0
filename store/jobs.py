"""Jobs: handed out and taken up through PostgreSQL, by Procrastinate. This is its only home.

What waits there is no truth, only who was asked to do what: it lies in a schema of its own, which
may be dropped at any time. The name bears Procrastinate's version, so no update has to change it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import procrastinate
import psycopg
from procrastinate import exceptions
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job as Queued
from procrastinate.jobs import Status
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from store.failures import PATIENCE, SLOWEST
from tamizdat.dispatching import Crew, Dispatcher, Duties, Duty, Job, LaterError, Report
from tamizdat.errors import LedgerError, TamizdatError

SCHEMA = "jobs_procrastinate_" + "_".join(procrastinate.__version__.split(".")[:2])

MOST_TRIES = 20
"""So often a job that fails is done again; whoever wants it still hands it anew."""

CONNECTIONS = 4
OPEN, BOOKED = "open", "booked"
"""Queues: a job that was given its moment at a provider is not given another."""

_FURNISH = f"""
CREATE TABLE IF NOT EXISTS {SCHEMA}.report
  (name text PRIMARY KEY, duty text NOT NULL, ids jsonb NOT NULL, told text NOT NULL);
CREATE TABLE IF NOT EXISTS {SCHEMA}.pace
  (provider text PRIMARY KEY, free timestamptz NOT NULL);
"""
_TELL = """
INSERT INTO report (name, duty, ids, told) VALUES (%(name)s, %(duty)s, %(ids)s, %(told)s)
ON CONFLICT (name) DO UPDATE SET told = excluded.told
"""
_TAKE = "DELETE FROM report RETURNING duty, ids, told"
_BOOK = """
INSERT INTO pace AS known (provider, free)
VALUES (%(provider)s, clock_timestamp() + make_interval(secs => %(gap)s))
ON CONFLICT (provider) DO UPDATE SET
  free = greatest(known.free, clock_timestamp()) + make_interval(secs => %(gap)s)
RETURNING extract(epoch FROM free - clock_timestamp())::float8 - %(gap)s AS wait
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds: between signs of life of a crew, and without one until others take up its jobs.

    Without notice the queue is looked at after `look`; a job that failed is done again after
    `again`; jobs may end within `grace` when their crew is to stop, then they are handed back.
    """

    heartbeat: float = 2.0
    stalled: float = 15.0
    look: float = 5.0
    again: float = 5.0
    grace: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """The queue in a database. Passes at one provider begin `per_minute` times in a minute."""

    app: procrastinate.App
    where: str
    at_once: int
    per_minute: int | None
    provider: Callable[[Job], str]
    times: Times

    async def hand(self, jobs: Sequence[Job]) -> None:
        """Have these done; each name once."""
        with _explained(self.where):
            for job in jobs:
                await self._queue(job, OPEN, 0, 0.0)

    async def reports(self) -> Sequence[Report]:
        """How jobs ended since this was asked last. Two that ask share them."""
        with _explained(self.where):
            rows = await self.app.connector.execute_query_all_async(_TAKE)
        return [
            Report(job=Job(duty=Duty(row["duty"]), ids=tuple(row["ids"])), told=row["told"])
            for row in rows
        ]

    async def work(self, duties: Duties) -> None:
        """Go on until cancelled; a database that goes away is waited for."""
        for duty in Duty:
            self._learn(duty, duties)
        while True:
            try:
                async with asyncio.TaskGroup() as group:
                    mending = group.create_task(self._take_up_stalled())
                    await self._run()
                    mending.cancel()
            except* LedgerError as errors:
                log.warning("the queue cannot be had", extra={"why": str(errors.exceptions[0])})
                _heed_cancelling()
            await asyncio.sleep(self.times.again)

    async def _run(self) -> None:
        with _explained(self.where):
            await self.app.run_worker_async(
                concurrency=self.at_once,
                name="crew",
                install_signal_handlers=False,
                delete_jobs="always",
                fetch_job_polling_interval=self.times.look,
                update_heartbeat_interval=self.times.heartbeat,
                stalled_worker_timeout=self.times.stalled,
                shutdown_graceful_timeout=self.times.grace,
            )

    def _learn(self, duty: Duty, duties: Duties) -> None:
        async def do(context: JobContext, /, **told: object) -> None:
            job, tries = _read(duty, told), told.get("tries")
            work = duties.get(duty)
            if job is None or work is None or not isinstance(tries, int):
                log.warning("job refused: nobody does this", extra={"duty": duty.value})
                return
            try:
                with _explained(self.where):
                    await self._wait(job, booked=context.job.queue == BOOKED)
                    await self._tell(Report(job=job, told=await work(job)))
            except LaterError as later:
                await self._queue(job, BOOKED, tries, later.seconds)
            except TamizdatError as error:
                log.warning("job failed", extra={"duty": duty.value, "why": str(error)})
                if tries < MOST_TRIES:
                    await self._queue(job, BOOKED, tries + 1, self.times.again)

        self.app.tasks.pop(duty.value, None)  # who works again may do it another way
        self.app.task(name=duty.value, queue=OPEN, pass_context=True, retry=_HandedBack())(do)

    async def _queue(self, job: Job, queue: str, tries: int, seconds: float) -> None:
        """Lay a job into the queue, to be begun in so many seconds."""
        deferred = self.app.configure_task(
            job.duty.value,
            queue=queue,
            priority=job.duty.rank,
            lock=job.lock,
            queueing_lock=job.name,
            schedule_in={"milliseconds": int(seconds * 1000)} if seconds else None,
        )
        with suppress(exceptions.AlreadyEnqueued):  # who waits will see what is wanted by then
            await deferred.defer_async(ids=list(job.ids), tries=tries)

    async def _wait(self, job: Job, *, booked: bool) -> None:
        """LaterError where its moment at a provider has not come."""
        provider = self.provider(job)
        if booked or not provider or self.per_minute is None:
            return
        row = await self.app.connector.execute_query_one_async(
            _BOOK, provider=provider, gap=60 / self.per_minute
        )
        if row["wait"] > 0 and job.duty is not Duty.WITHDRAW:
            raise LaterError("its provider is not to be hurried", seconds=row["wait"])

    async def _tell(self, report: Report) -> None:
        job = report.job
        await self.app.connector.execute_query_async(
            _TELL, name=job.name, duty=job.duty.value, ids=_json(job.ids), told=report.told
        )

    async def _take_up_stalled(self) -> None:
        """Jobs of crews that gave no sign of life are done by whoever is there."""
        manager = self.app.job_manager
        while True:
            await asyncio.sleep(self.times.heartbeat)
            with _explained(self.where):
                stalled = self.times.stalled
                for job in await manager.get_stalled_jobs(seconds_since_heartbeat=stalled):
                    await self._take_up(job)
                await manager.prune_stalled_workers(stalled)

    async def _take_up(self, job: Queued) -> None:
        manager = self.app.job_manager
        try:
            await manager.retry_job(job)
        except exceptions.UniqueViolation:  # one of its name waits: that will do for both
            if job.id is not None:
                await manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)
        except exceptions.ConnectorException:
            log.info("a job was taken up by another crew")


@asynccontextmanager
async def open_jobs(
    address: str,
    *,
    at_once: int,
    per_minute: int | None,
    provider: Callable[[Job], str],
    times: Times | None = None,
) -> AsyncIterator[Jobs]:
    """The queue in the database of a PostgreSQL ledger, until the block ends."""
    where = "the queue of jobs"
    with _explained(where):
        await _furnish(address)
    connector = procrastinate.PsycopgConnector(
        conninfo=address,
        min_size=1,
        max_size=CONNECTIONS,
        timeout=PATIENCE,
        configure=_configure,
    )
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    logging.getLogger("procrastinate.worker").addFilter(_untold)
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it names our server, each second
    app = procrastinate.App(connector=connector)
    with _explained(where):
        await app.open_async()
    try:
        yield Jobs(
            app=app,
            where=where,
            at_once=at_once,
            per_minute=per_minute,
            provider=provider,
            times=times or Times(),
        )
    finally:
        await app.close_async()


def _untold(record: logging.LogRecord) -> bool:
    """Whether it is no failure of the database, of which we tell in a line of our own."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, exceptions.ConnectorException | TamizdatError)


class _HandedBack(BaseRetryStrategy):
    """What was cut off, because its crew stops, is for another crew."""

    def get_retry_decision(self, *, exception: BaseException, job: Queued) -> RetryDecision | None:
        cut = isinstance(exception, asyncio.CancelledError | exceptions.JobAborted)
        return RetryDecision() if cut and job.id else None


def _read(duty: Duty, told: dict[str, Any]) -> Job | None:
    """The job; None where it is none, as one that somebody else laid into the queue may be."""
    ids = told.get("ids")
    if set(told) != {"ids", "tries"} or not isinstance(ids, list):
        return None
    try:
        return Job(duty=duty, ids=tuple(map(str, ids)))
    except ValueError:
        return None


def _json(ids: Sequence[str]) -> object:
    return psycopg.types.json.Jsonb(list(ids))


async def _furnish(address: str) -> None:
    """Make the schema where it is missing; of two programs that begin, one does."""
    connection = await psycopg.AsyncConnection.connect(address, connect_timeout=PATIENCE)
    async with connection:
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('tamizdat jobs'))")
        found = await connection.execute("SELECT to_regnamespace(%s)", [SCHEMA])
        row = await found.fetchone()
        if row and row[0] is None:
            manager = procrastinate.schema.SchemaManager
            await connection.execute(f"CREATE SCHEMA {SCHEMA}".encode())
            await connection.execute(f"SET LOCAL search_path TO {SCHEMA}".encode())
            await connection.execute(manager.get_schema().encode())
            await connection.execute(_FURNISH.encode())


async def _configure(connection: psycopg.AsyncConnection[Any]) -> None:
    for statement in (
        f"SET search_path TO {SCHEMA}",
        f"SET lock_timeout = '{PATIENCE}s'",
        f"SET statement_timeout = '{SLOWEST}s'",
    ):
        await connection.execute(statement.encode())
    await connection.commit()


def _heed_cancelling() -> None:
    """A crew that was to stop, and met an error on its way out, stops."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


@contextmanager
def _explained(where: str) -> Iterator[None]:
    try:
        yield
    except exceptions.ConnectorException as error:
        raise LedgerError(f"{where} cannot be reached: is the PostgreSQL server up?") from error
    except psycopg.Error as error:
        raise LedgerError(f"{where}: {' '.join(str(error).split())[:300]}") from error


_dispatcher: type[Dispatcher] = Jobs
_crew: type[Crew] = Jobs
