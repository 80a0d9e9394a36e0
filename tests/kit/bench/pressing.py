"""Pressing: what a publish takes in a newsroom that is open already, as the running service has it.

A program of its own: `python -m tests.kit.bench.pressing FOLDER` answers in JSON.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from service.pipeline import publish
from service.wiring import opened
from tests.kit.bench.releasing import processor


async def pressed(folder: Path) -> dict[str, float]:
    """Publish, and what that took."""
    async with opened(folder) as room:
        wall, cpu = time.perf_counter(), processor()
        done = await publish(room)
        took = {"wall": time.perf_counter() - wall, "cpu": processor() - cpu}
    assert not done.refusals, done.refusals
    return took


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(pressed(Path(sys.argv[1])))) + "\n")
