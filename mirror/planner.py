"""The planner: which spare takes the place of a mirror that is lost."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Mirrors to retire, and spares to make active. `unreplaced` found no spare."""

    retire: tuple[MirrorId, ...]
    promote: tuple[MirrorId, ...]
    unreplaced: tuple[MirrorId, ...]


def plan(mirrors: Sequence[Mirror], broken: Collection[MirrorId]) -> Rotation:
    """Replace each active mirror in `broken` by a spare of its group and exposure.

    A spare with another backend and another host than the lost one is taken first, then the first
    by id. Broken spares are retired too and never promoted. The same input gives the same plan.
    """
    lost = sorted((one for one in mirrors if _lost(one, broken)), key=lambda one: one.id)
    spares = {
        one.id: one for one in mirrors if one.state is MirrorState.SPARE and one.id not in broken
    }
    promote: list[MirrorId] = []
    unreplaced: list[MirrorId] = []
    for gone in lost:
        if gone.state is not MirrorState.ACTIVE:
            continue
        fitting = [one for one in spares.values() if fits(one, gone)]
        if not fitting:
            unreplaced.append(gone.id)
            continue
        chosen = min(fitting, key=lambda one: (likeness(one, gone), one.id))
        del spares[chosen.id]
        promote.append(chosen.id)
    return Rotation(
        retire=tuple(one.id for one in lost),
        promote=tuple(promote),
        unreplaced=tuple(unreplaced),
    )


def fits(spare: Mirror, gone: Mirror) -> bool:
    """Whether a spare may stand in for a lost mirror.

    Same group, and never better known than what it replaces was: a secret mirror stands in for
    secret ones only, and no other stands in for it. A canary stands in for none, nor any for it.
    """
    secret = Exposure.SECRET
    if spare.canary or gone.canary:
        return False
    return spare.group == gone.group and (spare.exposure is secret) == (gone.exposure is secret)


def likeness(spare: Mirror, gone: Mirror) -> int:
    """How much a spare shares with a lost mirror: what blocked the one may block the other."""
    return (spare.backend == gone.backend) + 2 * (_host(spare) == _host(gone))


def _lost(mirror: Mirror, broken: Collection[MirrorId]) -> bool:
    return mirror.id in broken and mirror.state is not MirrorState.RETIRED


def _host(mirror: Mirror) -> str:
    return urlsplit(mirror.address).hostname or "this machine"
