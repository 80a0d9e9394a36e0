"""The clock of this machine."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the ports know every noun: too much to load for `verify`
    from tamizdat.ports import Clock


class SystemClock:
    """Whole seconds in UTC."""

    def now(self) -> datetime:
        """The moment."""
        return datetime.now(UTC).replace(microsecond=0)


_: "type[Clock]" = SystemClock
