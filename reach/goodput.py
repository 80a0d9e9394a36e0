"""Goodput: bytes a second of a body long enough to tell. Pure."""

from collections.abc import Iterable

from tamizdat.measurement import Exchange, Step

LEAST_BODY = 32 * 1024
"""A shorter body tells of the distance, not of the line, in bytes."""

_SHORTEST = 0.001


def goodputs(steps: Iterable[Step]) -> tuple[float, ...]:
    """Bytes a second of each whole body that is long enough."""
    return tuple(
        step.seen.body_length / max(step.seen.seconds, _SHORTEST)
        for step in steps
        if isinstance(step.seen, Exchange)
        and step.failure is None
        and step.seen.body_length >= LEAST_BODY
    )
