"""Signed files, signatures and files passed by hand: bent bytes end in a refusal of ours.

`make lab` bends each for five minutes; TAMIZDAT_FUZZ sets the seconds.
"""

import os
import random

import pytest

from tests.kit.gifts.fuzzing import fuzzed
from tests.kit.gifts.mint import open_mint
from tests.kit.gifts.targets import aims

NAMES = (
    "manifest",
    "pointer",
    "here",
    "withdrawn",
    "root",
    "armor",
    "packet",
    "by hand",
    "zip",
)
TRIES = 250
SECONDS = float(os.environ.get("TAMIZDAT_FUZZ", "300"))


async def test_every_target_is_tried() -> None:
    assert aims(await open_mint()).keys() == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
async def test_bent_bytes_are_refused(name: str) -> None:
    aim = aims(await open_mint())[name]

    told = fuzzed(aim.target, aim.seeds, seed=random.randrange(10**6), tries=TRIES)  # noqa: S311 - others each time

    assert told.wrong == []
    assert len(told.lines) > 50 or len(told.kept) > len(aim.seeds)


@pytest.mark.lab
@pytest.mark.timeout(SECONDS + 300)
@pytest.mark.parametrize("name", NAMES)
async def test_bytes_that_are_bent_for_long_are_refused(name: str) -> None:
    aim = aims(await open_mint())[name]

    told = fuzzed(aim.target, aim.seeds, seed=random.randrange(10**6), seconds=SECONDS)  # noqa: S311 - as above

    print(f"{name}: {told.tries} tries, {len(told.lines)} lines, {len(told.kept)} kept")  # noqa: T201 - the figures are the point
    assert told.wrong == []
