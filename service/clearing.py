"""Clearing: take from a mirror what nothing that lies there needs any more."""

import asyncio
from collections.abc import Sequence

from mirror.audit import Audit, audit
from mirror.collection import lasting_names
from mirror.leftovers import leftovers
from mirror.push import settle
from mirror.shelf import Shelf
from mirror.target import LyingEdition, Target
from service.newsroom import Outlet
from service.tried import NAMES, Tried, Triple
from tamizdat import paths
from tamizdat.digest import digest
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
    if unfinished:
        keep |= await _lying_there(outlet)
    for path in tried.stray(keep):
        await outlet.backend.delete(path)
    noted = wanted.signatures | (tried.placed.signatures if tried.placed else frozenset())
    others = tuple(one for one in tried.others if one.signatures & (keep - noted))
    return Tried(placed=tried.placed, others=others)


async def repair(outlet: Outlet, target: Target, shelf: Shelf) -> Audit | Refusal:
    """What lies on a mirror that is not as we knew it, what lacks, and what nobody named."""
    return await audit(outlet.mirror, outlet.backend, outlet.reader, target, shelf.shard)


async def _lying_there(outlet: Outlet) -> frozenset[str]:
    """The signatures of the changing files that lie there now."""
    found = set()
    for name in NAMES:
        body = await outlet.reader.fetch(name, Withdrawn.limit)
        if body is not None:
            found.add(paths.passing_signature(name, digest(body)))
    return frozenset(found)
