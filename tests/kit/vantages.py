"""Vantages that do not do as they are told: programs of a few lines, and what is left of them."""

import asyncio
import os
import sys
from pathlib import Path

from reach.order import GREETING

HOUSE = Path(__file__).parents[2]
LOOK = (sys.executable, "-m", "service", "reach", "look")
"""The real one."""

_HEAD = f"""
import json, os, subprocess, sys, time
def tell(line):
    sys.stdout.buffer.write(line + b"\\n")
    sys.stdout.buffer.flush()
def order():
    return json.loads(sys.stdin.buffer.readline())
GREETING = {GREETING!r}
"""


def program(body: str, *words: str | Path) -> tuple[str, ...]:
    """A command that runs `body`, with `tell`, `order` and GREETING at hand."""
    return (sys.executable, "-c", _HEAD + body, *map(str, words))


async def ended(pid: int) -> None:
    """Nothing once a process that is no child of ours has ended; TimeoutError where it stays."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(handle, gone.set)
    try:
        async with asyncio.timeout(2):
            await gone.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


def known(pid: int) -> bool:
    """Whether the kernel still knows it, be it as a zombie."""
    return Path(f"/proc/{pid}").exists()
