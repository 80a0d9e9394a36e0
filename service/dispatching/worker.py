"""A worker: one of several programs that push for one newsroom, until it is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from service.config import load
from service.dispatching.opening import hands, queue
from service.running.memory import spare
from service.stopping import stopping
from tamizdat.errors import ConfigError

THREADS = 16
"""For disks and hashes, beside those of mirrors."""

Ready = Callable[[], Awaitable[None]]


async def work(folder: Path, at_once: int, ready: Ready) -> None:
    """Do jobs for the newsroom in `folder` until SIGTERM or SIGINT; `ready` is told at the start.

    Jobs under way may end first, for some seconds. A kill at any instant loses nothing.
    """
    config = load(folder)
    if config.dispatch.kind != "workers":
        raise ConfigError(
            'dispatch.kind is "here", so nothing is handed out: set it to "workers", and put the '
            "ledger in PostgreSQL"
        )
    spare()
    threads = ThreadPoolExecutor(THREADS + at_once, thread_name_prefix="worker")
    asyncio.get_running_loop().set_default_executor(threads)
    with stopping() as stop:
        async with hands(folder) as (mine, holds), queue(folder, config, at_once) as jobs:
            await ready()
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(holds.watch())
                working = group.create_task(jobs.work(mine.duties))
                await stop.wait()
                working.cancel()
                await asyncio.wait([working])
                watching.cancel()
