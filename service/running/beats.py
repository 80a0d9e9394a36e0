"""Beats: which parts of the service did not do their turn in time. Pure."""

from dataclasses import dataclass, field

SLACK = 60.0
"""Seconds beyond two turns that a part may take before it is called late."""


@dataclass(kw_only=True)
class Beats:
    """The last turn of each part, by a clock that only goes forward, and how often it is due."""

    _due: dict[str, tuple[float, float]] = field(default_factory=dict)

    def beat(self, part: str, now: float, every: float) -> None:
        """A part did its turn; the next one is due in `every` seconds."""
        self._due[part] = (now, every)

    def late(self, now: float) -> tuple[str, ...]:
        """Parts that are two turns behind."""
        return tuple(
            sorted(
                part for part, (last, every) in self._due.items() if now - last > 2 * every + SLACK
            )
        )
