"""Stopping: what a program that runs until it is told to stop waits for."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stopping() -> Iterator[asyncio.Event]:
    """An event that is set when this program is told to stop; within a running loop."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for one in SIGNALS:
        loop.add_signal_handler(one, stop.set)
    try:
        yield stop
    finally:
        for one in SIGNALS:
            loop.remove_signal_handler(one)
