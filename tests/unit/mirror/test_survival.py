"""How long mirrors live: worked by hand, and the textbook's way of counting those still alive."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirror.survival import Life, life, survivals

BORN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def lives(*days: tuple[float, bool], kind: str = "s3", country: str = "IR") -> list[Life]:
    return [Life(kind=kind, country=country, days=n, blocked=ended) for n, ended in days]


TABLE = [
    # days and whether blocked then                              median
    ([(4, True)], 4),
    ([(4, True), (9, True)], 4),
    ([(4, True), (9, True), (30, False)], 9),
    ([(30, False), (60, False)], None),
    ([(4, True), (30, False), (60, False)], None),
    ([(1, False), (5, True)], 5),  # who was looked at for a day says nothing of the fifth
]


@pytest.mark.parametrize(("days", "median"), TABLE)
def test_a_median_counts_the_living_as_long_as_they_were_seen(
    days: list[tuple[float, bool]], median: float | None
) -> None:
    (found,) = survivals(lives(*days))

    assert found.median == median
    assert (found.lives, found.blocked) == (len(days), sum(ended for _, ended in days))


def test_a_curve_falls_by_those_at_risk() -> None:
    (found,) = survivals(lives((2, True), (3, False), (4, True), (5, False)))

    assert found.curve == ((2, 0.75), (4, 0.375))


def test_each_kind_and_country_is_told_apart() -> None:
    mixed = [
        *lives((1, True), kind="s3", country="RU"),
        *lives((2, True), kind="front", country="IR"),
        *lives((3, True), kind="s3", country="IR"),
    ]

    told = [(one.kind, one.country, one.median) for one in survivals(mixed)]

    assert told == [("front", "IR", 2), ("s3", "IR", 3), ("s3", "RU", 1)]


LIVES = [
    # blocked       looked until      days  blocked
    (BORN + 4 * DAY, BORN + 9 * DAY, 4.0, True),
    (None, BORN + 9 * DAY, 9.0, False),
    (BORN + 10 * DAY, BORN + 9 * DAY, 9.0, False),  # after it was retired
    (BORN - DAY, BORN + 9 * DAY, 0.0, True),
]


@pytest.mark.parametrize(("blocked", "until", "days", "ended"), LIVES)
def test_a_life_ends_with_its_block_or_our_looking(
    blocked: datetime | None, until: datetime, days: float, *, ended: bool
) -> None:
    found = life("s3", "IR", BORN, blocked, until)

    assert (found.days, found.blocked) == (days, ended)


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=30))
def test_a_curve_only_falls(days: list[tuple[float, bool]]) -> None:
    (found,) = survivals(lives(*days))

    shares = [1.0, *(left for _, left in found.curve)]
    assert shares == sorted(shares, reverse=True)
    assert all(-1e-9 <= left <= 1 for left in shares)
