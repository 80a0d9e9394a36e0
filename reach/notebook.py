"""A notebook: the steps of one measurement, in the order in which they ended."""

import asyncio
from collections.abc import Sequence

from tamizdat.measurement import MAX_STEPS, STAGES, Failure, Observation, Purpose, Step


class Notebook:
    """Notes steps with seconds since it was opened; what is over MAX_STEPS is not noted."""

    def __init__(self) -> None:
        self._began = asyncio.get_running_loop().time()
        self._steps: list[Step] = []

    @property
    def steps(self) -> Sequence[Step]:
        """What was noted so far."""
        return self._steps

    def now(self) -> float:
        """Seconds since the notebook was opened."""
        return asyncio.get_running_loop().time() - self._began

    def note(
        self,
        purpose: Purpose,
        seen: Observation,
        code: str | None,
        since: float,
        until: float | None = None,
    ) -> None:
        """A step from `since` to `until` (None: now); `code` names its failure."""
        if len(self._steps) >= MAX_STEPS:
            return
        failure = Failure(stage=STAGES[type(seen)], code=code) if code else None
        end = self.now() if until is None else until
        self._steps.append(Step(seen=seen, purpose=purpose, failure=failure, t0=since, t=end))
