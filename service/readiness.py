"""Readiness: whether a spare holds what readers should get, before anyone is told of it."""

from mirror.fanout import patient
from mirror.target import POINTER
from service.composing import NEWEST_REMOVAL
from service.newsroom import Newsroom, Outlet
from service.tried import Tried
from tamizdat.digest import digest
from tamizdat.errors import BackendError
from tamizdat.placement import MirrorId, Phase
from tamizdat.wire import Pointer

PATIENCE = 10.0
"""Seconds that a spare gets to answer: readers wait for one."""

BEHIND = 1
"""Editions that a spare may lie behind: the newest may be on its way to it at this moment."""


async def is_ready(room: Newsroom, mirror: MirrorId) -> bool:
    """Whether it was read back whole, and still answers with a pointer of ours that is fresh.

    One request to the mirror; nothing is put there.
    """
    outlet = room.outlets.get(mirror)
    if outlet is None or not await _is_held(room, mirror):
        return False
    body = await _pointer(outlet)
    tried = Tried.read(await room.ledgers.pool.placed(mirror))
    ours = {one.digests[-1] for one in tried.known}
    if body is None or digest(body) not in ours:
        return False
    return room.clock.now() < Pointer.parse(body, POINTER).fresh_until


async def _is_held(room: Newsroom, mirror: MirrorId) -> bool:
    newest = await room.ledgers.editions.newest()
    if newest is None:
        return False
    removal = int(await room.ledgers.facts.get(NEWEST_REMOVAL) or 0)
    least = max(removal, newest.number - BEHIND)
    lying = await room.ledgers.pool.lying(mirror)
    tried = Tried.read(await room.ledgers.pool.placed(mirror))
    whole = any(one.phase is Phase.CURRENT and one.edition >= least for one in lying)
    return whole and tried.placed is not None


async def _pointer(outlet: Outlet) -> bytes | None:
    try:
        return await patient(POINTER, PATIENCE, outlet.reader.fetch(POINTER, Pointer.limit))
    except BackendError:
        return None
