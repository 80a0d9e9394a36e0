"""Ten thousand random lives of a story, with restarts and leaps of the clock."""

from collections import Counter

import pytest

from tamizdat.state import StoryState
from tests.kit.walks import walked

pytestmark = pytest.mark.lab


def test_nothing_reaches_readers_that_people_did_not_decide() -> None:
    seen: Counter[StoryState] = Counter()
    released = 0

    for seed in range(10_000):
        walk = walked(seed)
        seen.update(walk.seen)
        released += walk.witness.released

    assert set(seen) == set(StoryState)
    print(f"10,000 walks: {released} releases; walks that saw each state: {dict(seen)}")  # noqa: T201
