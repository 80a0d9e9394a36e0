"""Distrusting: when no edition can be made any more."""

from dataclasses import replace

import pytest

from service.keys.distrusting import is_mute
from service.newsroom import Keys
from tamizdat.wire import Root
from tests.unit.service.test_trailers import Hasty, keys

A, B, C = "A" * 40, "B" * 40, "C" * 40


async def shared(held: set[str], lacking: int) -> Keys:
    """Keys of a newsroom whose editions two of three people sign; `held` are those here."""
    one = await keys(Hasty)
    role = replace(one.root.roles["release"], keys=(A, B, C), threshold=2)
    root: Root = replace(one.root, roles={**one.root.roles, "release": role})
    return replace(one, root=root, held=frozenset(held), lacking=lacking)


CASES: list[tuple[set[str], int, set[str], bool]] = [
    # keys that sign here, how many sign elsewhere, the distrusted ones, whether that is the end
    ({A}, 1, set(), False),
    ({A}, 1, {C}, False),
    ({A}, 1, {A}, True),
    ({A}, 1, {B, C}, True),
    ({A, B}, 0, {C}, False),
    ({A, B}, 0, {A}, True),
    ({A, B, C}, 0, {A}, False),
]


@pytest.mark.parametrize(("held", "lacking", "gone", "mute"), CASES)
async def test_no_edition_is_made_with_a_key_that_counts_no_more(
    held: set[str], lacking: int, gone: set[str], *, mute: bool
) -> None:
    one = await shared(held, lacking)

    assert is_mute(one, gone) is mute
