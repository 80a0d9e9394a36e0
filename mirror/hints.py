"""Hints: which other mirrors a placement may name (formats 3.10, 3.13)."""

import hashlib
from collections.abc import Sequence

from tamizdat.placement import Exposure, Mirror, MirrorState

MOST = 2
"""Mirrors that one mirror may name."""


def hints(mirror: Mirror, mirrors: Sequence[Mirror]) -> tuple[str, ...]:
    """Addresses of at most two other active mirrors that a reader of `mirror` may learn.

    A secret mirror is named to nobody, and names nobody: what it names would tell its group. A
    group's mirror is named on mirrors of that group that are not public; a public one wherever the
    group is the same.

    Mirrors of one kind stand in a ring, by their ids alone, and each names the next two: so each
    is named by two others, and one that comes or goes changes what two others name.
    """
    named = [one for one in mirrors if _may_name(mirror, one)]
    chosen = sorted(named, key=lambda one: _distance(mirror, one))[:MOST]
    return tuple(sorted(one.base for one in chosen if one.base is not None))


def _may_name(mirror: Mirror, other: Mirror) -> bool:
    if other.id == mirror.id or other.base is None or other.state is not MirrorState.ACTIVE:
        return False
    if other.group != mirror.group or Exposure.SECRET in {mirror.exposure, other.exposure}:
        return False
    # anyone reads a public mirror: it must not tell what only a group may learn
    return other.exposure is Exposure.PUBLIC or mirror.exposure is Exposure.GROUP


def _distance(mirror: Mirror, other: Mirror) -> tuple[bool, bool, str]:
    """Those of the same kind come first, each kind in the order of the ring after `mirror`."""
    here, there = _place(mirror), _place(other)
    return other.exposure is not mirror.exposure, there < here, there


def _place(mirror: Mirror) -> str:
    """Where it stands in the ring."""
    return hashlib.sha256(mirror.id.encode()).hexdigest()
