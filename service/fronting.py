"""Fronting: a bucket gets a name that its provider shares among many, and loses it again."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mirror.edge import Edge
from mirror.fanout import each
from mirror.fast import FastBackend
from mirror.opening import to_bucket
from mirror.settings import MirrorSettings
from service.config import append_block, checked_block
from service.newsroom import Newsroom
from service.rotating import mirror_block
from service.turning import unknown
from service.wiring import opened
from tamizdat.errors import ConfigError
from tamizdat.placement import MirrorId, MirrorState

ROUNDS, PAUSE = 120, 10.0
"""How often, and after how many seconds each, it is asked whether a front stands everywhere."""

PENDING = {"url": "https://pending.invalid", "distribution": "PENDING"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fronted:
    """The mirror that was added, and whether its front stands everywhere yet."""

    settings: MirrorSettings
    deployed: bool


async def add_front(folder: Path, given: Mapping[str, str], *, wait: bool) -> Fronted:
    """Make a front before the bucket that is `given`, and add it to the config as a mirror.

    All that can be wrong is looked at before anything is made that costs.
    """
    asked = {**given, "backend": "front"}
    checked = checked_block(folder, mirror_block({**asked, **PENDING}))
    bucket = to_bucket(checked.mirror[-1], folder)
    edge = Edge(bucket.credentials, checked.mirror[-1].control)
    token = hashlib.sha256(f"{given['id']} {bucket.name} {bucket.prefix}".encode()).hexdigest()
    try:
        made = await edge.create(bucket, token)
        named = {"url": f"https://{made.domain}", "distribution": made.id}
        config = append_block(folder, mirror_block({**asked, **named}))
        deployed = made.deployed
        for _ in range(ROUNDS if wait else 0):
            if deployed:
                break
            await asyncio.sleep(PAUSE)
            deployed = (await edge.look(made.id)).deployed
    finally:
        await edge.close()
    return Fronted(settings=config.mirror[-1], deployed=deployed)


async def close_front(folder: Path, mirror: MirrorId) -> bool:
    """Empty the bucket of a retired front, switch the front off, and delete it.

    False where it is not off everywhere yet, which takes minutes: to be called again.
    """
    async with opened(folder) as room:
        settings = _front(room, mirror)
        bucket = to_bucket(settings, folder)
        edge, backend = Edge(bucket.credentials, settings.control), FastBackend(bucket)
        try:
            await edge.switch(settings.distribution or "", on=False)
            await each(await backend.paths(), backend.delete)
            await room.ledgers.pool.set_lying(mirror, ())
            return await edge.delete(settings.distribution or "")
        finally:
            await backend.close()
            await edge.close()


def _front(room: Newsroom, mirror: MirrorId) -> MirrorSettings:
    """A front that is retired; ConfigError where it is not."""
    outlet = room.outlets.get(mirror)
    if outlet is None:
        raise unknown(room, mirror)
    settings = next(block for block in room.config.mirror if block.id == mirror)
    if settings.distribution is None:
        raise ConfigError(f"{mirror} is no front: there is nothing to close")
    if outlet.mirror.state is not MirrorState.RETIRED:
        raise ConfigError(f"{mirror} is {outlet.mirror.state}: retire it first")
    return settings
