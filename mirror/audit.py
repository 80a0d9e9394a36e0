"""An audit: every path of one mirror listed and read back, to find what drifted unseen."""

import asyncio
from dataclasses import dataclass

from mirror.changes import Load, changed, feeds
from mirror.fanout import PATIENCE, each, patient
from mirror.push import refused
from mirror.steps import steps
from mirror.target import Put, Target
from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import MAX_FILE
from tamizdat.errors import BackendError, TamizdatError
from tamizdat.placement import Mirror, Refusal
from tamizdat.ports import Backend, Reader

LISTING_PATIENCE = 600.0
"""Seconds that a listing of a whole mirror may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Paths that should lie there and do not, that are not as stamped, and that no one names.

    To repair, push with `missing` and `altered` as `again`, then settle with `surplus`.
    """

    missing: tuple[str, ...]
    altered: tuple[str, ...]
    surplus: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing drifted."""
        return not (self.missing or self.altered or self.surplus)


async def audit(
    mirror: Mirror,
    backend: Backend,
    reader: Reader,
    target: Target,
    load: Load,
    patience: float = PATIENCE,
) -> Audit | Refusal:
    """Compare a settled mirror with what was put; a mirror that cannot be read is a refusal."""
    wanted = await asyncio.to_thread(whole_tree, target, load)
    altered: list[str] = []

    async def look(put: Put) -> None:
        try:
            found = await patient(put.path, patience, reader.fetch(put.path, MAX_FILE))
        except BackendError as error:
            if error.retry:
                raise
            found = None  # too long, forbidden, compressed: not what we put
        if found is None or not _genuine(put, found, target.base):
            altered.append(put.path)

    try:
        there = set(await patient("listing", LISTING_PATIENCE, backend.paths()))
        await each([wanted[path] for path in sorted(wanted.keys() & there)], look)
    except TamizdatError as error:
        return refused(mirror, error)
    return Audit(
        missing=tuple(sorted(wanted.keys() - there)),
        altered=tuple(sorted(altered)),
        surplus=tuple(sorted(there - wanted.keys())),
    )


def whole_tree(target: Target, load: Load) -> dict[str, Put]:
    """Every file of a target, by path."""
    manifest = target.edition.manifest
    planned = steps(changed(manifest, (), load), target, feeds=feeds(manifest, load))
    return {put.path: put for step in planned for put in step.puts}


def _genuine(put: Put, found: bytes, base: str | None) -> bool:
    if digest(found) == put.stamp.sha256:
        return True
    if base is None or not paths.bears_address(put.path):
        return False
    bare = found.replace(base.encode("ascii"), paths.PLACEHOLDER.encode("ascii"))
    return digest(bare) == put.stamp.sha256
