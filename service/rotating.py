"""Rotating: mirrors come, are looked at closely, and go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mirror.planner import Rotation, plan
from mirror.probe import Finding, probe
from service.config import Config, append_block
from service.newsroom import Newsroom
from service.pipeline import publish
from service.wiring import opened
from tamizdat.errors import ConfigError
from tamizdat.placement import MirrorId, MirrorState


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """Which mirrors were retired and promoted, and how many spares are lacking."""

    retired: tuple[MirrorId, ...]
    promoted: tuple[MirrorId, ...]
    wanted: int
    dry_run: bool


def add_mirror(folder: Path, given: Mapping[str, str]) -> Config:
    """Add a `[[mirror]]` block to the config; ConfigError where it would not parse."""
    lines = ["[[mirror]]"]
    for key, value in given.items():
        if '"' in value or "\\" in value or not value.isprintable():
            raise ConfigError(f"mirror add: --{key} {value!r}: holds a character it cannot")
        lines.append(f'{key} = "{value}"')
    return append_block(folder, "\n".join(lines))


async def probe_mirror(folder: Path, mirror: MirrorId) -> Sequence[Finding]:
    """What the mirror's owner really honours, tried on a scratch path that is removed after."""
    async with opened(folder) as room:
        outlet = room.outlets.get(mirror)
        if outlet is None:
            raise unknown(room, mirror)
        settings = next(block for block in room.config.mirror if block.id == mirror)
        found = await probe(
            outlet.mirror,
            outlet.backend,
            outlet.reader,
            allow_versioning=settings.allow_versioning,
        )
        return found.findings


async def retire(folder: Path, mirror: MirrorId) -> Rotated:
    """Publish no more to `mirror`, except withdrawals."""
    async with opened(folder) as room:
        if mirror not in room.outlets:
            raise unknown(room, mirror)
        await room.ledgers.pool.set_state(mirror, MirrorState.RETIRED)
    return Rotated(retired=(mirror,), promoted=(), wanted=0, dry_run=False)


async def rotate(folder: Path, mirror: MirrorId, *, dry_run: bool) -> Rotated:
    """Retire `mirror` and promote a spare that was verified to hold the newest edition.

    A spare that does not verify is passed over for the next one. Then `here.json` and `ways.html`
    of the mirrors concerned follow; no new edition is made.
    """
    async with opened(folder) as room:
        if mirror not in room.outlets:
            raise unknown(room, mirror)
        lost = frozenset({mirror})
        mirrors = [outlet.mirror for outlet in room.outlets.values()]
        rotation = plan(mirrors, lost)
        if dry_run:
            return _rotated(rotation, dry_run=True)
        published = await publish(room)
        refused = {refusal.mirror for refusal in published.refusals}
        rotation = plan([m for m in mirrors if m.id == mirror or m.id not in refused], lost)
        for one in rotation.retire:
            await room.ledgers.pool.set_state(one, MirrorState.RETIRED)
        for one in rotation.promote:
            await room.ledgers.pool.set_state(one, MirrorState.ACTIVE)
    async with opened(folder) as room:
        await publish(room)
    return _rotated(rotation, dry_run=False)


def unknown(room: Newsroom, mirror: MirrorId) -> ConfigError:
    """The error for a mirror that is not there."""
    return ConfigError(f"{mirror}: no such mirror (have: {', '.join(room.outlets) or 'none'})")


def _rotated(rotation: Rotation, *, dry_run: bool) -> Rotated:
    return Rotated(
        retired=rotation.retire,
        promoted=rotation.promote,
        wanted=len(rotation.unreplaced),
        dry_run=dry_run,
    )
