"""Rotating: mirrors come, are looked at closely, and go, in the newsroom of a folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mirror.probe import Finding, probe
from service import turning
from service.alarms.sounding import siren_of
from service.config import Config, append_block
from service.looks.witness import HERE_SEEN, witness_of
from service.pipeline import follow
from service.turning import MOST_TURNS, Rotated, planned, take_back, unknown
from service.wiring import glanced, opened
from tamizdat.errors import ConfigError
from tamizdat.incident import Turn
from tamizdat.placement import MirrorId, Refusal
from tamizdat.theft import Theft


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """A turn that was taken back, and the mirrors that do not follow yet."""

    turn: Turn
    refusals: tuple[Refusal, ...]


def add_mirror(folder: Path, given: Mapping[str, str]) -> Config:
    """Add a `[[mirror]]` block to the config; ConfigError where it would not parse."""
    return append_block(folder, mirror_block(given))


def mirror_block(given: Mapping[str, str]) -> str:
    """A `[[mirror]]` block as text; ConfigError where a value cannot stand in it."""
    lines = ["[[mirror]]"]
    for key, value in given.items():
        if '"' in value or "\\" in value or not value.isprintable():
            raise ConfigError(f"mirror add: --{key} {value!r}: holds a character it cannot")
        lines.append(f'{key} = "{value}"')
    return "\n".join(lines)


async def probe_mirror(folder: Path, mirror: MirrorId) -> tuple[Sequence[Finding], Sequence[Theft]]:
    """What the mirror's owner really honours, tried on a scratch path that is removed after.

    And what lies there that our keys signed and we did not make.
    """
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
        stolen = await witness_of(room).look(outlet.reader.fetch, mirror, HERE_SEEN)
        await siren_of(room).sound(room.clock.now())
        return found.findings, stolen


async def retire(folder: Path, mirror: MirrorId) -> Rotated:
    """Publish no more to `mirror`, except withdrawals."""
    async with opened(folder) as room:
        return await turning.retire(room, mirror)


async def rotate(folder: Path, mirror: MirrorId, *, dry_run: bool) -> Rotated:
    """Retire `mirror` and promote a spare that was verified to hold the newest edition.

    First every mirror gets what it lacks. A spare that does not verify is passed over for the next
    one; without one, nothing is done. Then `here.json` and `ways.html` of the mirrors concerned
    follow. No new edition is made.
    """
    async with opened(folder) as room:
        plan = await planned(room, mirror)
        if dry_run:
            return plan
        await follow(room)
        rotated = await turning.rotate(room, mirror)
        if rotated.turn is not None:
            await follow(await room.as_it_stands())
    return rotated


async def undo(folder: Path, number: int | None) -> Undone:
    """Take a turn back, the newest that stands by default; then mirrors follow as above."""
    async with opened(folder) as room:
        turn = await take_back(room, number)
        if await room.ledgers.editions.newest() is None:
            return Undone(turn=turn, refusals=())
        followed = await follow(await room.as_it_stands())
    return Undone(turn=turn, refusals=followed.refusals)


async def turns(folder: Path) -> Sequence[Turn]:
    """The turns of the pool, newest first."""
    async with glanced(folder) as room:
        return await room.ledgers.turns.newest(MOST_TURNS)
