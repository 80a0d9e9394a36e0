"""A pace: how soon after each other passes at one provider may begin. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from tamizdat.dispatching import Duty, Job

Provider: TypeAlias = Callable[[Job], str]
"""Whose machines a job burdens; empty where it is nobody's but ours."""

MINUTE = 60.0


@dataclass(kw_only=True)
class Pace:
    """Books a moment for each job; a withdrawal goes at once, and what follows waits longer."""

    per_minute: int | None
    _free: dict[str, float] = field(default_factory=dict)

    def book(self, provider: str, duty: Duty, now: float) -> float:
        """Seconds until this job may begin."""
        if self.per_minute is None or not provider:
            return 0.0
        begin = max(self._free.get(provider, now), now)
        self._free[provider] = begin + MINUTE / self.per_minute
        return 0.0 if duty is Duty.WITHDRAW else begin - now
