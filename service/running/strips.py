"""Strips: how many mirrors could be read from each country, half hour by half hour, over a day."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tamizdat.placement import MirrorId
from tamizdat.sighting import Round
from tamizdat.verdict import Vote

SPAN = timedelta(minutes=30)
COUNT = 48

_Slot = int


@dataclass(kw_only=True)
class Strips:
    """Which mirrors were read in which half hour. A half hour without a look has no count."""

    _read: dict[str, dict[_Slot, set[MirrorId]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )

    def add(self, rounds: Iterable[Round]) -> None:
        """Take rounds in."""
        for one in rounds:
            slot = self._read[one.country][_slot(one.at)]
            if one.ruling.meaning.vote is Vote.OPEN:
                slot.add(one.mirror)

    def strip(self, country: str, now: datetime) -> tuple[int | None, ...]:
        """The counts of a country's last day, oldest first; None where nobody looked."""
        last = _slot(now)
        slots = self._read.get(country, {})
        for old in [slot for slot in slots if slot <= last - COUNT]:
            del slots[old]
        found = (slots.get(slot) for slot in range(last - COUNT + 1, last + 1))
        return tuple(len(one) if one is not None else None for one in found)


def _slot(moment: datetime) -> _Slot:
    return int(moment.timestamp() // SPAN.total_seconds())
