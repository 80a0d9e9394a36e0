"""The court: the channel that leaks is named by how fast its mirrors fall beside the canaries."""

from collections.abc import Sequence
from random import Random

import pytest

from mirror.distributor.court import NAMED, Suspect, Watched, heard

CHANNELS, EACH, CANARIES, DAYS, LEAKS = 8, 6, 12, 7, "3"
SEEDS = 200


def watched(seed: int, chance: float, leak: float) -> Sequence[Suspect]:
    """A week of eight channels with six mirrors each, and of twelve canaries."""
    random = Random(seed)  # noqa: S311 - chance in a test

    def lost(mirrors: int, rate: float) -> Watched:
        days = mirrors * DAYS
        return Watched(lost=sum(random.random() < rate for _ in range(days)), days=float(days))

    told = 1 - (1 - chance) * (1 - leak)
    channels = {str(n): lost(EACH, told if str(n) == LEAKS else chance) for n in range(CHANNELS)}
    return heard(channels, lost(CANARIES, chance))


@pytest.mark.parametrize("chance", [0.0, 0.002, 0.005, 0.01])
def test_a_leak_of_fifteen_percent_is_named_within_a_week(chance: float) -> None:
    first = [watched(seed, chance, 0.15)[0] for seed in range(SEEDS)]
    right = [one for one in first if one.is_named and one.channel == LEAKS]
    wrong = [one for one in first if one.is_named and one.channel != LEAKS]

    assert len(right) / SEEDS >= 0.95
    assert len(wrong) / SEEDS <= 0.01


@pytest.mark.parametrize("chance", [0.0, 0.002])
def test_where_nothing_leaks_nobody_is_named(chance: float) -> None:
    named = sum(watched(seed, chance, 0.0)[0].is_named for seed in range(SEEDS))

    assert named / SEEDS <= 0.03


def test_losses_as_fast_as_the_canaries_are_no_leak() -> None:
    provider_fell = {"mail": Watched(lost=6, days=42.0), "web": Watched(lost=6, days=42.0)}

    told = heard(provider_fell, Watched(lost=12, days=84.0))

    assert all(one.odds < NAMED for one in told)


def test_more_losses_make_a_channel_likelier() -> None:
    odds = [
        heard({"mail": Watched(lost=n, days=42.0), "web": Watched(lost=0, days=42.0)}, QUIET)[
            0
        ].odds
        for n in range(1, 8)
    ]

    assert odds == sorted(odds)


def test_nobody_is_heard_where_there_is_no_channel() -> None:
    assert heard({}, QUIET) == []


def test_a_channel_that_was_never_used_is_not_named() -> None:
    told = heard({"mail": Watched(lost=0, days=0.0)}, QUIET)

    assert [one.is_named for one in told] == [False]


QUIET = Watched(lost=0, days=84.0)
