"""A moment: whole seconds in UTC, spelled `2026-11-23T18:02:11Z` and no other way."""

import re
from datetime import UTC, datetime

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def moment(value: object) -> datetime:
    """The moment that `value` (a text or a UTC datetime) names; ValueError where it names none."""
    if isinstance(value, datetime) and value.tzinfo is UTC:
        return value.replace(microsecond=0)
    if isinstance(value, str) and _FORM.fullmatch(value):
        return datetime.fromisoformat(value)
    raise ValueError("is no moment such as 2026-11-23T18:02:11Z")


def spelled(value: datetime) -> str:
    """The moment as text."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
