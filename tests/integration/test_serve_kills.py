"""A running newsroom that is killed again and again amid its work loses nothing."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.kit.grounded import editor, grounded, released

pytestmark = pytest.mark.timeout(180)
KILLS = 10


async def in_feed(address: str, titles: list[str], patience: float = 30.0) -> list[int]:
    """Wait until all titles stand in a feed; gives how often each does."""
    async with asyncio.timeout(patience), aiohttp.ClientSession() as session:
        while True:
            async with session.get(address) as answer:
                text = await answer.text()
            counts = [text.count(f">{title}</title>") for title in titles]
            if all(counts):
                return counts
            await asyncio.sleep(0.2)


async def test_ten_kills_amid_releases_and_letters_lose_nothing(tmp_path: Path) -> None:
    titles = [f"The tide, part {number}" for number in range(1, KILLS + 1)]
    async with grounded(tmp_path) as here:
        async with editor(await here.start()) as somebody:
            for number, title in enumerate(titles):
                await released(somebody, title)
                await asyncio.sleep(0.06 * number)
                await here.kill()
                running = await here.start()
            last = await released(somebody, "The last one")
            places = await somebody.until_arrived(last)
        counts = await in_feed(str(here.paper.feed), [*titles, "The last one"])
        verified = [
            await here.ground.tamizdat(
                "verify", here.paper.mirrors / name, "--root", here.paper.root
            )
            for name in ("amber", "birch")
        ]
        code, _ = await running.stop()

    assert {"amber", "birch", "cedar", "post"} <= set(places)
    assert counts == [1] * (KILLS + 1)
    assert [one.code for one in verified] == [0, 0]
    assert code == 0
    assert "Traceback" not in here.log
