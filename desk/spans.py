"""A span of time, and a moment, as people say them."""

from datetime import datetime, timedelta

MINUTE, HOUR, DAY = 60, 3600, 86400


def clock(at: datetime) -> str:
    """`14:02`."""
    return f"{at:%H:%M}"


def clock_to_the_second(at: datetime) -> str:
    """`14:02:41`."""
    return f"{at:%H:%M:%S}"


def day_and_clock(at: datetime, now: datetime) -> str:
    """`14:02` today, `yesterday 14:02`, else `23 Nov 14:02`."""
    if at.date() == now.date():
        return clock(at)
    return f"{day(at, now)} {clock(at)}"


def day(at: datetime, now: datetime) -> str:
    """`today`, `yesterday`, else `23 Nov`, with the year where it is another."""
    if at.date() == now.date():
        return "today"
    if at.date() == (now - timedelta(days=1)).date():
        return "yesterday"
    return f"{at.day} {at:%b}" if at.year == now.year else f"{at.day} {at:%b %Y}"


def brief(seconds: float) -> str:
    """`at once`, `0.4 s`, `41 s`, `6.8 min`, `3.2 h`, `2 days`."""
    if seconds < 0.05:  # noqa: PLR2004 - it would read 0.0 s
        return "at once"
    if seconds < 10:  # noqa: PLR2004 - below that, a tenth matters
        return f"{seconds:.1f} s"
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * HOUR:
        return _number(seconds / MINUTE, "min")
    if seconds < 2 * DAY:
        return _number(seconds / HOUR, "h")
    return f"{seconds / DAY:.0f} days"


def exact(seconds: float) -> str:
    """`5 min 12 s`, `2 h 4 min`, `3 days`."""
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    if whole < 2 * DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"
    return f"{whole // DAY} days"


def thousandths(seconds: float) -> str:
    """`41 ms`, above a second `1.4 s`."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def size(count: int) -> str:
    """`9.1 KB`."""
    if count < 1000:  # noqa: PLR2004
        return f"{count} bytes"
    if count < 1_000_000:  # noqa: PLR2004
        return f"{count / 1000:.1f} KB"
    return f"{count / 1_000_000:.1f} MB"


def _number(value: float, unit: str) -> str:
    return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"  # noqa: PLR2004
