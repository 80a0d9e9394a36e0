"""A purse: how often a provider's cache may be emptied in a month, kept in the ledger."""

from tamizdat.ledgers import Facts
from tamizdat.ports import Clock

PRESSING = 2
"""For what was deleted, so many times the number: a withdrawal is worth half a cent."""


class Purse:
    """Emptyings of one front. The count survives restarts and begins anew each month."""

    def __init__(self, name: str, limit: int, facts: Facts, clock: Clock) -> None:
        self._name = f"emptied {name}"
        self._limit = limit
        self._facts = facts
        self._clock = clock

    async def spent(self) -> int:
        """How many were taken this month."""
        month, _, count = (await self._facts.get(self._name) or "").partition(" ")
        return int(count) if month == self._month() else 0

    async def take(self, *, pressing: bool = False) -> bool:
        """Whether one more may be made; it is counted then. `pressing`: something was deleted."""
        spent = await self.spent()
        if spent >= self._limit * (PRESSING if pressing else 1):
            return False
        await self._facts.set(self._name, f"{self._month()} {spent + 1}")
        return True

    def _month(self) -> str:
        return f"{self._clock.now():%Y-%m}"
