"""A fan-out: many small waits on one mirror at once, each of them bounded."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from tamizdat.errors import BackendError, TamizdatError

WIDTH = 16
"""How many requests one mirror gets at once."""

PATIENCE = 30.0
"""Seconds that we wait for one request."""

_Job = TypeVar("_Job")
_Result = TypeVar("_Result")


async def each(jobs: Iterable[_Job], work: Callable[[_Job], Awaitable[None]]) -> None:
    """Do `work` for every job, at most `WIDTH` at once; raises the first refusal, alone.

    After a refusal no further job begins.
    """
    waiting = iter(jobs)
    refusals: list[TamizdatError] = []

    async def worker() -> None:
        for job in waiting:
            if refusals:
                return
            try:
                await work(job)
            except TamizdatError as error:
                refusals.append(error)

    async with asyncio.TaskGroup() as group:
        for _ in range(WIDTH):
            group.create_task(worker())
    if refusals:
        raise refusals[0]


async def patient(what: str, seconds: float, answer: Awaitable[_Result]) -> _Result:
    """The answer, or a BackendError naming `what` after so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError as error:
        raise BackendError(f"{what}: no answer in {seconds:g} s", retry=True) from error
