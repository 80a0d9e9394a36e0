"""A round: work that comes again, and whose failure ends nothing but itself."""

import asyncio
from collections.abc import Awaitable, Callable

from tamizdat.errors import TamizdatError

LONGEST = 3600.0
"""Seconds that a round may take."""


async def failure_of(work: Callable[[], Awaitable[None]]) -> str:
    """Do it; the kind of what failed, also in one part among many, empty where nothing did.

    It has a task of its own: a group that fails may lose the news that it is cancelled.
    """
    kind = ""
    try:
        await asyncio.wait_for(work(), LONGEST)
    except* (TamizdatError, TimeoutError) as errors:
        kind = type(errors.exceptions[0]).__name__
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    return kind
