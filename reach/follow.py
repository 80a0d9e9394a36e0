"""Follow-ups: which further looks tell apart what a first look leaves open. Pure."""

from collections.abc import Sequence
from enum import StrEnum

from reach.failures import CERTIFICATE
from reach.goodput import goodputs
from tamizdat.measurement import Aim, Exchange, Lookup, Purpose, Stage, Step
from tamizdat.placement import Exposure

SLUGGISH = 256 * 1024
"""Below so many bytes a second, more samples and a canary are taken."""


class Follow(StrEnum):
    """A further look."""

    PINNED = "pinned"
    CANARY = "canary"


def follow_ups(steps: Sequence[Step], target: Aim) -> frozenset[Follow]:
    """What to look at after a reader's look at `target` gave `steps`."""
    if _good(steps, Purpose.READER):
        return frozenset()
    pinned = bool(target.addresses) and not set(_told(steps)) & set(target.addresses)
    pinned = pinned and any(isinstance(step.seen, Lookup) for step in steps)
    return frozenset({Follow.CANARY, *([Follow.PINNED] if pinned else [])})


def decoy_wanted(steps: Sequence[Step], target: Aim) -> bool:
    """Whether the last look failed in a way that another name may explain.

    Never for a secret mirror: an innocent name at its address would point at it (DESIGN 13).
    """
    if target.decoy is None or target.exposure is Exposure.SECRET:
        return False
    last = steps[-1] if steps else None
    if last is None or last.failure is None or last.failure.code in CERTIFICATE:
        return False
    if last.stage is Stage.HTTP:
        return isinstance(last.seen, Exchange) and not last.seen.secure
    return last.stage is Stage.TLS


def sluggish(steps: Sequence[Step]) -> bool:
    """Whether a body came that slowly that it may be on purpose."""
    return any(found < SLUGGISH for found in goodputs(steps))


def _good(steps: Sequence[Step], purpose: Purpose) -> bool:
    checks = [s for s in steps if s.purpose is purpose and s.stage is Stage.SIGNATURE]
    return bool(checks) and checks[-1].failure is None


def _told(steps: Sequence[Step]) -> tuple[str, ...]:
    """The addresses that a reader's resolver gave."""
    return tuple(
        address
        for step in steps
        if isinstance(step.seen, Lookup) and step.purpose is Purpose.READER and not step.failure
        for address in step.seen.addresses
    )
