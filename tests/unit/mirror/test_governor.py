"""A provider's month: what may still be asked of it, and how often its cache may be emptied."""

from datetime import UTC, datetime

import pytest

from mirror.governor import Budget, Pace, Spend, month, pace
from mirror.providers import ProviderSettings, known
from mirror.purse import Purse
from mirror.settings import MirrorSettings
from tamizdat.errors import ConfigError
from tests.kit.frontroom import DictFacts

BUDGET = Budget(requests=1000, gigabytes=2)
GB = 1_000_000_000
PACES = [
    # day   requests  bytes            pace
    (1, 0, 0, Pace.GO),
    (1, 240, 0, Pace.GO),  # a fast first day proves nothing
    (1, 260, 0, Pace.SLOW),
    (15, 260, 0, Pace.GO),
    (15, 600, 0, Pace.SLOW),
    (29, 880, 0, Pace.GO),
    (29, 900, 0, Pace.PAUSE),
    (15, 10, int(1.8 * GB), Pace.PAUSE),
    (2, 1_000_000_000, 0, Pace.PAUSE),  # 2015: 2.6 thousand million requests in an hour
]


@pytest.mark.parametrize(("day", "requests", "length", "expected"), PACES)
def test_a_pace_follows_from_what_is_spent_and_how_much_month_is_left(
    day: int, requests: int, length: int, expected: Pace
) -> None:
    spend = Spend(requests=requests, length=length)

    assert pace(spend, BUDGET, datetime(2026, 11, day, 12, tzinfo=UTC)) is expected


def test_without_a_limit_nothing_is_too_much() -> None:
    assert pace(
        Spend(requests=10**12, length=10**15), Budget(), datetime(2026, 1, 1, tzinfo=UTC)
    ) is (Pace.GO)


def test_what_two_mirrors_of_a_provider_spend_is_added() -> None:
    assert Spend(requests=1, length=2) + Spend(requests=3, length=4) == Spend(requests=4, length=6)


def test_a_month_begins_at_its_first_midnight() -> None:
    assert month(datetime(2026, 2, 28, 23, 59, tzinfo=UTC)) == datetime(2026, 2, 1, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 30, 23, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


async def test_a_purse_is_empty_after_its_number_and_full_again_next_month() -> None:
    facts, clock = DictFacts(), Clock()
    purse = Purse("one", 2, facts, clock)

    taken = [await purse.take() for _ in range(3)]
    clock.at = datetime(2026, 12, 1, tzinfo=UTC)
    again = await Purse("one", 2, facts, clock).take()

    assert taken == [True, True, False]
    assert again
    assert await purse.spent() == 1


async def test_what_was_deleted_may_take_twice_the_number() -> None:
    purse = Purse("one", 1, DictFacts(), Clock())

    taken = [await purse.take(), await purse.take(), await purse.take(pressing=True)]

    assert taken == [True, False, True]
    assert not await purse.take(pressing=True)


def settings(provider: str | None) -> MirrorSettings:
    return MirrorSettings(id="one", backend="folder", folder="a", provider=provider)


def test_a_provider_that_is_not_there_is_told() -> None:
    with pytest.raises(ConfigError, match=r"mirror\[0\].provider far has no .*\(have: near\)"):
        known([ProviderSettings(id="near")], [settings("far")])


def test_two_providers_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"provider\[1\].id near is taken"):
        known([ProviderSettings(id="near"), ProviderSettings(id="near")], [settings("near")])


def test_a_provider_is_read_as_a_budget() -> None:
    provider = ProviderSettings(id="near", requests=5, gigabytes=2)

    known([provider], [settings("near"), settings(None)])

    assert provider.budget == Budget(requests=5, gigabytes=2)
