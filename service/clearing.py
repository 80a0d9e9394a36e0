"""Clearing: take from a mirror what nothing that lies there needs any more."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from mirror.audit import LISTING_PATIENCE, Audit, audit
from mirror.collection import lasting_names
from mirror.fanout import PATIENCE, patient
from mirror.leftovers import leftovers
from mirror.push import settle
from mirror.shapes import ours
from mirror.shelf import Shelf
from mirror.target import LyingEdition, Target
from service.newsroom import Outlet
from service.tried import NAMES, Tried, Triple
from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import MAX_FILE
from tamizdat.errors import BackendError
from tamizdat.placement import Refusal
from tamizdat.ports import Clock
from tamizdat.wire import Withdrawn


async def clear(
    outlet: Outlet,
    target: Target,
    leaving: Sequence[LyingEdition],
    staying: Sequence[LyingEdition],
    surplus: Sequence[str],
    shelf: Shelf,
    clock: Clock,
    *,
    removal: bool,
) -> Refusal | None:
    """Delete what `leaving` had and nobody else needs, and `surplus` (formats 4.2).

    With `removal`, something withdrawn is among it: each deleted file is asked for again.
    """
    manifest = target.edition.manifest
    lost = await asyncio.to_thread(leftovers, manifest, leaving, staying, shelf.shard)
    doomed = [*lost.pages, *lost.shards, *lost.bundles, *surplus]
    for number in lost.manifests:
        doomed += [paths.manifest(number), *lasting_names(number, target)]
    outcome = await settle(
        outlet.mirror,
        outlet.backend,
        outlet.reader,
        target,
        lying=(),
        placed=(),
        shelf=shelf,
        clock=clock,
        surplus=doomed,
        removal=removal,
    )
    return outcome if isinstance(outcome, Refusal) else None


async def forget_signatures(
    outlet: Outlet, tried: Tried, wanted: Triple, *, unfinished: bool
) -> Tried:
    """Remove signatures of a pass ago, and after a kill those whose files never arrived (4.7)."""
    keep = wanted.signatures
    if unfinished or tried.attempted:  # a file of an attempt may lie there: it needs its signature
        keep |= await _lying_there(outlet)
    for path in tried.stray(keep):
        await outlet.backend.delete(path)
    noted = wanted.signatures | (tried.placed.signatures if tried.placed else frozenset())

    def needed(row: Sequence[Triple]) -> tuple[Triple, ...]:
        return tuple(one for one in row if one.signatures & (keep - noted))

    return Tried(
        placed=tried.placed, others=needed(tried.others), attempted=needed(tried.attempted)
    )


async def repair(outlet: Outlet, target: Target, shelf: Shelf) -> Audit | Refusal:
    """What lies on a mirror that is not as we knew it, what lacks, and what of ours is too much.

    Where our first root does not lie there, nothing counts as ours.
    """
    found = await audit(outlet.mirror, outlet.backend, outlet.reader, target, shelf.shard)
    if isinstance(found, Refusal) or not found.surplus:
        return found
    mine = await _bears_root(outlet, target)
    return replace(found, surplus=tuple(path for path in found.surplus if mine and ours(path)))


async def refuse_strangers(outlet: Outlet, target: Target) -> None:
    """BackendError where other files lie in the place that a first push would fill."""
    there = await patient("listing", LISTING_PATIENCE, outlet.backend.paths())
    if there and not await _bears_root(outlet, target):
        raise BackendError("holds other files: name an empty place", retry=False)


async def _bears_root(outlet: Outlet, target: Target) -> bool:
    path = paths.root(1)
    found = await patient(path, PATIENCE, outlet.reader.fetch(path, MAX_FILE))
    return found == target.roots[0].body


async def _lying_there(outlet: Outlet) -> frozenset[str]:
    """The signatures of the changing files that lie there now."""
    found = set()
    for name in NAMES:
        body = await outlet.reader.fetch(name, Withdrawn.limit)
        if body is not None:
            found.add(paths.passing_signature(name, digest(body)))
    return frozenset(found)
