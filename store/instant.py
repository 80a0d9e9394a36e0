"""An instant, as the ledger keeps it: whole seconds since 1970."""

from datetime import UTC, datetime


def seconds(moment: datetime) -> int:
    """The seconds of a moment."""
    return int(moment.timestamp())


def moment(seconds: int) -> datetime:
    """The moment of these seconds, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def month(moment: datetime) -> datetime:
    """The first of its month, midnight UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
