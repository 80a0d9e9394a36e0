"""A throttle: who guesses a password for one name is slowed down, and nobody else is.

Strangers who name one person share a lane; a browser in which that person signed in before has a
lane of its own, in a throttle of its own, which no stranger can fill (see `desk/devices.py`).

Names fall into a fixed number of lanes by their keyed digest, so memory has a limit and a stranger
cannot choose a lane. A lane that saw several failures lets one try pass every few seconds; tries
that would wait too long are refused before a hash is made. Failures are forgiven with time.
"""

from dataclasses import dataclass

from tamizdat.digest import Digest

LANES = 4096
FREE = 5
"""Tries that pass at once."""

STEP = 4.0
"""Seconds between two tries of a lane after that."""

PATIENCE = 12.0
"""A try that would wait longer is refused."""

FORGIVEN = 60.0
"""Seconds after which one failure is forgotten."""


@dataclass(slots=True)
class _Lane:
    level: float = 0.0
    at: float = 0.0
    free_at: float = 0.0


class Throttle:
    """Tells how long a try waits. Moments are seconds of one steady clock."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._lanes: dict[int, _Lane] = {}

    def wait(self, lane_of: Digest, now: float) -> float | None:
        """Seconds to wait before this try is looked at; None: refuse it. It counts as failed."""
        lane = self._lanes.setdefault(_number(lane_of), _Lane(at=now))
        lane.level = max(0.0, lane.level - (now - lane.at) / FORGIVEN)
        lane.at = now
        if lane.level + 1 <= FREE:
            lane.level += 1
            return 0.0
        begins = max(now, lane.free_at)
        if begins - now > self._patience:
            return None
        lane.level = min(lane.level + 1, FREE + 1)
        lane.free_at = begins + STEP
        return begins - now

    def forgive(self, lane_of: Digest) -> None:
        """The password was right."""
        self._lanes.pop(_number(lane_of), None)


def _number(name: Digest) -> int:
    return int(name[:8], 16) % LANES
