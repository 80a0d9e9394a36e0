"""A date as the world writes it, read as a moment in UTC."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?")


def exact(text: str) -> datetime | None:
    """The moment that a day (`2026-11-23`, its first second) or a time with offset names.

    None for anything else, also for a time that does not say its offset.
    """
    found = iso(text)
    day_or_offset = _DAY.fullmatch(text.strip()) or re.search(
        r"(Z|[+-]\d{2}:?\d{2})$", text.strip()
    )
    return found if day_or_offset else None


def iso(text: str) -> datetime | None:
    """The moment that an ISO 8601 text names; one without offset is taken as UTC."""
    text = text.strip()
    if not _DAY.fullmatch(text) and not _STAMP.fullmatch(text):
        return None
    try:
        return _utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def mail(text: str) -> datetime | None:
    """The moment that a text as in mail and RSS (RFC 822) names."""
    if re.search(r"\s-\d", text.partition(":")[0]):
        return None  # WordPress dates what has no date to the year -0001
    try:
        return _utc(parsedate_to_datetime(text.strip()))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _utc(when: datetime) -> datetime:
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0)
