"""Asking: drives blackbox_exporter, many probes at once, as a monitoring server does.

A program of its own: `python -m tests.kit.bench.asking ADDRESS TIMES` prints how many were good.
"""

import asyncio
import sys

import aiohttp

AT_ONCE = 100


async def asked(address: str, times: int) -> int:
    """How many of `times` probes were a success."""
    waiting = iter(range(times))
    good = 0

    async def worker(session: aiohttp.ClientSession) -> None:
        nonlocal good
        for _ in waiting:
            async with session.get(address) as answer:
                text = await answer.text()
                good += "probe_success 1" in text

    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(worker(session))
    return good


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(asked(sys.argv[1], int(sys.argv[2])))}\n")
