"""A day, as the calendar of a language counts it."""

from datetime import date
from typing import NamedTuple

from feeds.words import Words

_GREGORIAN_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_DAYS_OF_33_YEARS = 12_053
_DAYS_OF_4_YEARS = 1_461
_DAYS_OF_LONG_MONTHS = 186
_MARCH = 2


class Day(NamedTuple):
    """Year, month and day, each counted from 1."""

    year: int
    month: int
    day: int


def jalali(when: date) -> Day:
    """The day in the Solar Hijri calendar, by the 33-year rule (right for 1925 to 2088)."""
    leap_year = when.year + 1 if when.month > _MARCH else when.year
    days = (
        355_666
        + 365 * when.year
        + (leap_year + 3) // 4
        - (leap_year + 99) // 100
        + (leap_year + 399) // 400
        + when.day
        + _GREGORIAN_BEFORE_MONTH[when.month - 1]
    )
    cycles, days = divmod(days, _DAYS_OF_33_YEARS)
    fours, days = divmod(days, _DAYS_OF_4_YEARS)
    year = -1595 + 33 * cycles + 4 * fours
    if days > 365:  # noqa: PLR2004 - the first year of four has 366
        more, days = divmod(days - 1, 365)
        year += more
    if days < _DAYS_OF_LONG_MONTHS:
        return Day(year, 1 + days // 31, 1 + days % 31)
    return Day(year, 7 + (days - _DAYS_OF_LONG_MONTHS) // 30, 1 + (days - 186) % 30)


def spelled(when: date, words: Words) -> str:
    """The day in full; as `2026-11-23` where `words` only stand in for those of the page."""
    return when.isoformat() if words.borrowed else _fill(words.date, when, words)


def short(when: date, words: Words) -> str:
    """The day without its year; as `2026-11-23` where `words` only stand in."""
    return when.isoformat() if words.borrowed else _fill(words.day, when, words)


def _fill(form: str, when: date, words: Words) -> str:
    day = jalali(when) if words.calendar == "jalali" else Day(when.year, when.month, when.day)
    return form.format(
        year=words.number(day.year), month=words.months[day.month - 1], day=words.number(day.day)
    )
