"""Rounds: whatever of ours fails within one, also in a part among many, the next one comes."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from service.running import alarming
from service.running.upkeep import _every
from tamizdat.errors import LedgerError


class Rounds:
    """Rounds that fail in a task; `done` is set once there were two."""

    def __init__(self) -> None:
        self.count = 0
        self.done = asyncio.Event()

    async def work(self) -> None:
        self.count += 1
        if self.count > 1:
            self.done.set()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._fail())

    async def _fail(self) -> None:
        raise LedgerError("the ledger is busy")


async def goes_on(rounds: Rounds, running: "asyncio.Task[None]") -> bool:
    async with asyncio.timeout(10):
        waiting = asyncio.create_task(rounds.done.wait())
        await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    went_on = not running.done()
    running.cancel()
    await asyncio.wait([running])
    return went_on


async def test_an_upkeep_that_fails_in_one_of_its_tasks_ends_nothing() -> None:
    rounds = Rounds()

    assert await goes_on(rounds, asyncio.create_task(_every(0.0, "a round", rounds.work)))


async def test_an_alarm_that_fails_in_one_of_its_ways_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds = Rounds()
    press: Any = SimpleNamespace()
    keeper = alarming.Alarming(press=press, told=lambda: None, listen=0.0)
    monkeypatch.setattr(keeper, "_listen", rounds.work)

    assert await goes_on(rounds, asyncio.create_task(keeper.run()))
