from datetime import date, timedelta
from itertools import pairwise

import pytest

from feeds.day import jalali, short, spelled
from feeds.words import words_of

NEW_YEARS = [
    # equinoxes as the calendar of Iran keeps them
    (date(1979, 3, 21), 1358),
    (date(1996, 3, 20), 1375),
    (date(2000, 3, 20), 1379),
    (date(2021, 3, 21), 1400),
    (date(2024, 3, 20), 1403),
    (date(2025, 3, 21), 1404),
    (date(2026, 3, 21), 1405),
    (date(2030, 3, 21), 1409),
]


@pytest.mark.parametrize(("when", "year"), NEW_YEARS)
def test_the_year_begins_at_the_equinox(when: date, year: int) -> None:
    assert jalali(when) == (year, 1, 1)


def test_a_leap_year_ends_with_a_thirtieth_of_esfand() -> None:
    assert jalali(date(2025, 3, 20)) == (1403, 12, 30)
    assert jalali(date(2026, 3, 20)) == (1404, 12, 29)


def test_every_day_follows_the_day_before() -> None:
    days = [jalali(date(2000, 1, 1) + timedelta(days=number)) for number in range(20_000)]

    for before, after in pairwise(days):
        next_day = after == (before.year, before.month, before.day + 1)
        next_month = after == (before.year, before.month + 1, 1) and before.day >= 30
        next_year = after == (before.year + 1, 1, 1) and before.month == 12 and before.day >= 29
        assert next_day or next_month or next_year, (before, after)


SPELLED = [
    ("en", "23 November 2026", "23 November"),
    ("be", "23 лістапада 2026", "23 лістапада"),
    ("es", "23 de noviembre de 2026", "23 de noviembre"),
    ("fa", "۲ آذر ۱۴۰۵", "۲ آذر"),
    ("ar", "٢٣ نوفمبر ٢٠٢٦", "٢٣ نوفمبر"),
    ("zh", "2026年11月23日", "11月23日"),
    ("ka", "2026-11-23", "2026-11-23"),
]


@pytest.mark.parametrize(("language", "full", "brief"), SPELLED)
def test_a_day_is_spelled_as_its_language_does(language: str, full: str, brief: str) -> None:
    when, words = date(2026, 11, 23), words_of(language)

    assert spelled(when, words) == full
    assert short(when, words) == brief
