"""Collection: deleting what only earlier editions needed, links first, manifests last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mirror.changes import Gone
from mirror.shapes import Shape, shape
from mirror.target import HERE, POINTER, WITHDRAWN, Target
from tamizdat import paths
from tamizdat.digest import Digest
from tamizdat.wire import Root


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Paths that may be deleted at once."""

    shape: Shape
    paths: tuple[str, ...]


def collection(
    gone: Gone, target: Target, placed: Sequence[Digest], surplus: Iterable[str] = ()
) -> tuple[Removal, ...]:
    """What to delete, in the order of formats 4.2; `placed` are the digests that lay there before.

    `surplus` are further paths that an audit found and no edition names.
    """
    doomed = {*gone.pages, *gone.shards, *gone.bundles, *surplus, *_signatures(target, placed)}
    for number in gone.manifests:
        doomed |= {paths.manifest(number), *lasting_names(number, target)}
    found: dict[tuple[Shape, bool], list[str]] = {}
    for path in sorted(doomed):
        found.setdefault((shape(path), not path.endswith(".asc")), []).append(path)
    return tuple(
        Removal(shape=kind, paths=tuple(found[kind, signed]))
        for kind, signed in sorted(found, reverse=True)
    )


def _signatures(target: Target, placed: Sequence[Digest]) -> Iterable[str]:
    now = (
        (HERE, target.overlay.here.sha256),
        (WITHDRAWN, target.withdrawn.sha256),
        (POINTER, target.pointer.sealed.sha256),
    )
    for before, (path, sha256) in zip(placed, now, strict=False):
        if before != sha256:
            yield paths.passing_signature(path, before)


def lasting_names(number: int, target: Target) -> Iterable[str]:
    """Every name that a signature of an old manifest can have: by any release key we ever had."""
    for version, sealed in enumerate(target.roots, 1):
        release = Root.parse(sealed.body, paths.root(version)).roles.get("release")
        for fingerprint in release.keys if release else ():
            yield paths.lasting_signature(paths.manifest(number), fingerprint)
