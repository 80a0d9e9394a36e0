"""One look for all who ask together: never one that began before somebody asked."""

import asyncio

import pytest

from service.stories.shared import Shared


class Looks:
    """Counts looks; each waits until it is let on."""

    def __init__(self) -> None:
        self.begun = 0
        self.on = asyncio.Semaphore(0)
        self.fails = False

    async def look(self) -> int:
        self.begun += 1
        number = self.begun
        await self.on.acquire()
        if self.fails:
            self.fails = False
            raise ValueError("the ledger is busy")
        return number


async def test_who_asks_during_a_look_shares_the_next_one() -> None:
    looks = Looks()
    shared = Shared(looks.look)

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        first = group.create_task(shared.get())
        await asyncio.sleep(0)
        others = [group.create_task(shared.get()) for _ in range(50)]
        await asyncio.sleep(0)
        looks.on.release()
        looks.on.release()

    assert first.result() == 1
    assert {one.result() for one in others} == {2}
    assert looks.begun == 2


async def test_who_comes_later_gets_a_look_of_their_own() -> None:
    looks = Looks()
    looks.on.release()
    looks.on.release()
    shared = Shared(looks.look)

    found = [await shared.get(), await shared.get()]

    assert found == [1, 2]


async def test_a_look_that_fails_is_made_again_for_those_who_wait() -> None:
    looks = Looks()
    looks.fails = True
    shared = Shared(looks.look)

    async with asyncio.timeout(10):
        first = asyncio.ensure_future(shared.get())
        await asyncio.sleep(0)
        other = asyncio.ensure_future(shared.get())
        await asyncio.sleep(0)
        looks.on.release()
        looks.on.release()
        with pytest.raises(ValueError, match="busy"):
            await first

        assert await other == 2


async def test_whoever_leaves_takes_nobodys_look_along() -> None:
    looks = Looks()
    shared = Shared(looks.look)

    async with asyncio.timeout(10):
        first = asyncio.ensure_future(shared.get())
        await asyncio.sleep(0)
        other = asyncio.ensure_future(shared.get())
        await asyncio.sleep(0)
        first.cancel()
        looks.on.release()

        assert await other == 2
