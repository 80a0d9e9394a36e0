"""The outbox: bounded, patient with a relay that is away, and forgetful in the end."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from gateway.responder import outbox as module
from gateway.responder.envelope import Posted
from gateway.responder.outbox import Outbox
from tamizdat.letter import Handed, Reply

TAKEN = Handed(reply=Reply.TAKEN, detail="250")
PUT_OFF = Handed(reply=Reply.LATER, detail="450")
AWAY = Handed(reply=Reply.LATER, detail="no connection")


class Relay:
    """Says what it is told to, then takes everything."""

    def __init__(self, *said: Handed) -> None:
        self.said = list(said)
        self.batches: list[int] = []

    async def __call__(self, batch: Sequence[Posted]) -> Sequence[Handed]:
        self.batches.append(len(batch))
        return [self.said.pop(0) if self.said else TAKEN for _ in batch]


@asynccontextmanager
async def running(
    monkeypatch: pytest.MonkeyPatch, relay: Relay, most: int = 100
) -> AsyncIterator[Outbox]:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.001)
    box = Outbox(relay, most=most, per_second=1e6)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(box.run())
        yield box
        task.cancel()


def answer(number: int) -> Posted:
    return Posted(to=f"{number}@mail.example", body=b"x")


async def emptied(box: Outbox) -> None:
    async with asyncio.timeout(30):
        await box.emptied()


async def test_answers_go_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    relay = Relay()
    async with running(monkeypatch, relay) as box:
        for number in range(45):
            box.put(answer(number))
        await emptied(box)

    assert relay.batches == [20, 20, 5]
    assert box.counts == {"taken": 45}


async def test_what_the_relay_puts_off_is_tried_a_few_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    relay = Relay(*[PUT_OFF] * 99)
    async with running(monkeypatch, relay) as box:
        box.put(answer(1))
        await emptied(box)

    assert relay.batches == [1] * module.TRIES
    assert box.counts == {"later": 1}


async def test_a_relay_that_is_away_costs_no_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.001)
    relay = Relay(*[AWAY] * 20)
    async with running(monkeypatch, relay) as box:
        box.put(answer(1))
        await emptied(box)

    assert len(relay.batches) == 21
    assert box.counts == {"taken": 1}


async def test_what_is_of_the_moment_is_forgotten_unsent_where_it_waited_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    relay = Relay()
    async with running(monkeypatch, relay) as box:
        box.put(answer(1), seconds=-1.0)
        box.put(answer(2))
        await emptied(box)

    assert relay.batches == [1]
    assert box.counts == {"late": 1, "taken": 1}


async def test_an_answer_that_waited_too_long_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LONGEST", -1.0)
    relay = Relay()
    async with running(monkeypatch, relay) as box:
        box.put(answer(1))
        await emptied(box)

    assert relay.batches == []
    assert box.counts == {"late": 1}


async def test_it_is_full_by_number_and_by_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    box = Outbox(Relay(), most=2, per_second=1)
    box.put(answer(1))
    before = box.is_full
    box.put(answer(2))
    heavy = Outbox(Relay(), most=2, per_second=1)
    monkeypatch.setattr(module, "MOST_BYTES", 1)
    heavy.put(answer(1))

    assert (before, box.is_full, heavy.is_full) == (False, True, True)
