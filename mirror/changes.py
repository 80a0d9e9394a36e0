"""Changes: what must be put on a mirror, and what must go, told from shards that differ."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from mirror.target import LyingEdition, bundle_path
from tamizdat import paths
from tamizdat.digest import Digest
from tamizdat.edition import Files, Stamp
from tamizdat.placement import Phase
from tamizdat.wire import BundleRef, Manifest, Shard, ShardRef

Load = Callable[[Digest], Shard]
"""Reads a shard from the blobs. Only shards that differ are asked for: cost follows the change."""

FRONT = "front"
"""The shard in which the feeds stand (formats 3.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What of an edition a mirror lacks."""

    added: Files
    changed: Files
    shards: tuple[ShardRef, ...]
    bundles: tuple[BundleRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What only earlier editions needed: paths of pages and objects, and the rest by name."""

    pages: tuple[str, ...]
    shards: tuple[str, ...]
    bundles: tuple[str, ...]
    manifests: tuple[int, ...]


def whole(lying: Sequence[LyingEdition]) -> Manifest | None:
    """The newest edition that lies there completely, read back."""
    current = [one.edition.manifest for one in lying if one.phase is Phase.CURRENT]
    return max(current, key=lambda manifest: manifest.edition, default=None)


def changed(
    target: Manifest,
    lying: Sequence[LyingEdition],
    load: Load,
    again: Collection[str] = frozenset(),
) -> Changes:
    """What to put so that `target` lies there whole.

    A path is put where the newest whole edition lacks it or stamps it otherwise, or where an
    attempt at another edition may have overwritten it. Without a whole edition that is
    everything. Paths in `again` are put whatever lies there (an audit missed them).
    """
    before = whole(lying)
    if before is None:
        return Changes(
            added=_files(target.shards, load),
            changed={},
            shards=target.shards,
            bundles=target.bundles,
        )
    added, altered = _between(before, target, load)
    for one in lying:
        if one.phase is Phase.PUSHING:
            altered |= _between(one.edition.manifest, target, load)[1]
    files = set(again) - {*added, *altered}
    if files:
        altered |= {p: s for p, s in _files(target.shards, load).items() if p in files}
    shards, bundles = set(before.shards), {one.sha256 for one in before.bundles}
    return Changes(
        added=added,
        changed={path: stamp for path, stamp in altered.items() if path not in added},
        shards=tuple(
            one for one in target.shards if one not in shards or paths.shard(one.sha256) in again
        ),
        bundles=tuple(
            one for one in target.bundles if one.sha256 not in bundles or bundle_path(one) in again
        ),
    )


def feeds(target: Manifest, load: Load) -> Files:
    """The feeds of an edition, which bear the mirror's address (formats 3.9)."""
    front = [one for one in target.shards if one.key == FRONT]
    return {p: s for p, s in _files(front, load).items() if paths.bears_address(p)}


def gone(target: Manifest, lying: Sequence[LyingEdition], load: Load) -> Gone:
    """What may go once `target` lies there: named by another edition, and not by it."""
    others = [one.edition.manifest for one in lying if one.edition.number != target.edition]
    candidates: set[str] = set()
    shards: set[str] = set()
    bundles: set[str] = set()
    for other in others:
        candidates |= _lost(other, target, load)
        shards |= {paths.shard(one.sha256) for one in other.shards}
        bundles |= {bundle_path(one) for one in other.bundles}
    if candidates:
        # most are objects: one may stand in several shards, also in one that did not change
        candidates -= _files(target.shards, load).keys()
    first = min((other.oldest for other in others), default=target.oldest)
    return Gone(
        pages=tuple(sorted(candidates)),
        shards=tuple(sorted(shards - {paths.shard(one.sha256) for one in target.shards})),
        bundles=tuple(sorted(bundles - {bundle_path(one) for one in target.bundles})),
        manifests=tuple(range(first, target.oldest)),
    )


def _between(old: Manifest, new: Manifest, load: Load) -> tuple[dict[str, Stamp], dict[str, Stamp]]:
    """Paths that `new` has and `old` lacks, and paths that both have with other stamps."""
    before = _files(_only(old, new), load)
    after = _files(_only(new, old), load)
    added = {path: stamp for path, stamp in after.items() if path not in before}
    altered = {p: s for p, s in after.items() if p in before and before[p] != s}
    return added, altered


def _lost(old: Manifest, new: Manifest, load: Load) -> set[str]:
    return _files(_only(old, new), load).keys() - _files(_only(new, old), load).keys()


def _only(one: Manifest, other: Manifest) -> tuple[ShardRef, ...]:
    shared = {shard.sha256 for shard in other.shards}
    return tuple(shard for shard in one.shards if shard.sha256 not in shared)


def _files(shards: Iterable[ShardRef], load: Load) -> dict[str, Stamp]:
    return {
        path: Stamp(sha256, length)
        for shard in shards
        for path, length, sha256 in load(shard.sha256).files
    }
