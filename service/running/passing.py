"""A pass: one mirror moved towards what is desired, here or by whoever it is handed to."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from mirror.shelf import Shelf
from service.dispatching.holding import place_of
from service.newsroom import Newsroom, Outlet
from service.pipeline import wanted
from service.placing import Desired, place
from service.tried import Tried
from tamizdat.placement import MirrorId, Placement, Refusal

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Again:
    """A pass had no end that is worth telling: it is to be begun again, soon."""


Ended: TypeAlias = Placement | Refusal | Again | None
"""How a pass ended; None where nothing was wanted of the mirror."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What is desired, in which pool."""

    room: Newsroom
    desired: Desired
    shelf: Shelf


class Passing(Protocol):
    """Does passes. `doubted` lets it list and read back all that lies there."""

    async def __call__(self, aim: Aim, mirror: MirrorId, *, doubted: bool) -> Ended:
        """One pass."""
        ...


async def pass_here(aim: Aim, mirror: MirrorId, *, doubted: bool) -> Ended:
    """One pass in this program."""
    pool = [outlet.mirror for outlet in aim.room.outlets.values()]
    if doubted:
        await _doubt(aim.room, mirror)
    outcomes = await place(
        aim.room, await outlets_of(aim.room, mirror), pool, aim.desired, shelf=aim.shelf
    )
    return next(iter(outcomes), None)


async def outlets_of(room: Newsroom, mirror: MirrorId) -> Sequence[Outlet]:
    """The mirror, where anything is wanted of it; the others are not asked for."""
    here = {name: one for name, one in room.outlets.items() if name == mirror}
    return await wanted(replace(room, outlets=here))


def ended_early(mirror: MirrorId, errors: BaseException) -> Refusal:
    """A pass that an error of ours ended: the first one tells why, and the next pass goes on.

    A sweep or a newer edition came in between, or the ledger is busy.
    """
    while isinstance(errors, BaseExceptionGroup):
        errors = errors.exceptions[0]
    log.warning("pass ended early", extra={"mirror": mirror, "kind": type(errors).__name__})
    return Refusal(mirror=mirror, detail=str(errors), retry=True)


async def _doubt(room: Newsroom, mirror: MirrorId) -> None:
    """Note that what was read back may be lost: the pass then looks at all of it."""
    pool = room.ledgers.pool
    async with room.holding.hold(place_of(mirror)):
        tried = Tried.read(await pool.placed(mirror))
        if tried.placed is not None:
            await pool.set_placed(mirror, tried.doubted().write())
