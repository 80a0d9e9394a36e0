"""Delivering: how far the current edition is, leg by leg. Pure: what happened is told to it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from tamizdat.board import Delivery, Leg
from tamizdat.placement import MirrorId, Placement, Refusal

BUILT, PUT, SEEN, MAILED = "Built and signed", "On mirrors", "Seen from outside", "In feeds"


@dataclass(kw_only=True)
class Delivering:
    """The current edition on its way. Times are those of the edition's beginning and after."""

    edition: int = 0
    began: datetime | None = None
    built: float | None = None
    put: dict[MirrorId, float] = field(default_factory=dict)
    seen: dict[MirrorId, float] = field(default_factory=dict)
    refused: dict[MirrorId, str] = field(default_factory=dict)
    waits: str = ""
    mailed: tuple[int, int, float | None] = (0, 0, None)

    def begin(self, edition: int, began: datetime, now: datetime) -> bool:
        """An edition is desired; False where it was already."""
        if edition == self.edition:
            return False
        self.edition, self.began = edition, began
        self.built = (now - began).total_seconds()
        self.put, self.seen, self.refused, self.mailed = {}, {}, {}, (0, 0, None)
        return True

    def placed(self, outcome: Placement | Refusal, now: datetime) -> None:
        """A pass ended."""
        if isinstance(outcome, Refusal):
            self.refused[outcome.mirror] = outcome.detail
            self.put.pop(outcome.mirror, None)
        elif outcome.edition == self.edition:
            self.refused.pop(outcome.mirror, None)
            self.put.setdefault(outcome.mirror, self._since(now))

    def looked(self, readable: Collection[MirrorId], at: datetime) -> None:
        """A look from outside read these mirrors, signed content and all."""
        for mirror in readable:
            if mirror in self.put and self._since(at) >= self.put[mirror]:
                self.seen.setdefault(mirror, self._since(at))

    def letters(self, verified: int, wanted: int, now: datetime) -> None:
        """So many of this many letters are proven to stand in gateways' feeds."""
        _, _, before = self.mailed
        done = wanted > 0 and verified >= wanted
        self.mailed = (verified, wanted, (before or self._since(now)) if done else None)

    def shown(
        self, mirrors: Collection[MirrorId], seen_from: Collection[MirrorId]
    ) -> Delivery | None:
        """As the board shows it, for the mirrors in use; None before the first edition.

        `seen_from` are those that have an address, so that somebody can look at them.
        """
        if self.began is None:
            return None
        put = {one: at for one, at in self.put.items() if one in mirrors}
        seen = {one: at for one, at in self.seen.items() if one in seen_from}
        legs = [
            Leg(name=BUILT, done=1, wanted=1, seconds=self.built),
            _leg(PUT, put, len(mirrors)),
        ]
        if seen_from:
            legs.append(_leg(SEEN, seen, len(seen_from)))
        verified, wanted, seconds = self.mailed
        if wanted:
            legs.append(Leg(name=MAILED, done=verified, wanted=wanted, seconds=seconds))
        return Delivery(
            edition=self.edition,
            began=self.began,
            legs=tuple(legs),
            refusals=tuple(sorted((m, d) for m, d in self.refused.items() if m in mirrors)),
            waits=self.waits,
        )

    def _since(self, moment: datetime) -> float:
        return (moment - self.began).total_seconds() if self.began else 0.0


def _leg(name: str, done: dict[MirrorId, float], wanted: int) -> Leg:
    whole = wanted > 0 and len(done) >= wanted
    return Leg(
        name=name, done=len(done), wanted=wanted, seconds=max(done.values()) if whole else None
    )
