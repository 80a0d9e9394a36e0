"""Stranding: which part of readers is left without a way when mirrors are lost. Pure.

No reader is counted anywhere; so each active mirror is taken to have as many as any other. Who
knows a mirror knows those that it named too.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from mirror.hints import hints
from mirror.planner import Rotation, plan
from tamizdat.placement import Mirror, MirrorId, MirrorState


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranding:
    """What a loss does. `at_once` and `after` are shares of all readers.

    `after` are those in whose group no mirror is left once the planner's `rotation` was done: all
    others learn a new one from a mirror, a token, a letter or a channel.
    """

    rotation: Rotation
    at_once: float
    after: float


def stranding(mirrors: Sequence[Mirror], lost: Collection[MirrorId]) -> Stranding:
    """What becomes of readers where `lost` mirrors are gone at one stroke."""
    rotation = plan(mirrors, lost)
    active = [one for one in mirrors if one.state is MirrorState.ACTIVE]
    bases = {one.base: one.id for one in active if one.base is not None}
    stuck = [
        one
        for one in active
        if one.id in lost and all(bases.get(way) in lost for way in hints(one, active))
    ]
    left = {_kind(one) for one in _rotated(mirrors, rotation)}
    forsaken = [one for one in stuck if _kind(one) not in left]
    whole = max(1, len(active))
    return Stranding(rotation=rotation, at_once=len(stuck) / whole, after=len(forsaken) / whole)


def _rotated(mirrors: Sequence[Mirror], rotation: Rotation) -> Sequence[Mirror]:
    """The active mirrors after a rotation."""
    promoted = [
        replace(one, state=MirrorState.ACTIVE) if one.id in rotation.promote else one
        for one in mirrors
    ]
    return [
        one for one in promoted if one.state is MirrorState.ACTIVE and one.id not in rotation.retire
    ]


def _kind(mirror: Mirror) -> tuple[str, str]:
    return mirror.group, mirror.exposure.value
