"""A hundred kills -9 while somebody types and somebody approves."""

from pathlib import Path

import pytest

from tests.kit.typist import killed

pytestmark = [pytest.mark.lab, pytest.mark.timeout(7200)]


async def test_a_hundred_kills_lose_no_word_that_was_saved(tmp_path: Path) -> None:
    seen = await killed(tmp_path / "room", kills=100, seed=7)

    print(seen.told())  # noqa: T201
    assert (seen.lost, seen.unapproved) == (0, 0), seen.told()
    assert seen.released > 0
