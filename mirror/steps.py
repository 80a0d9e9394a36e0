"""Steps: the puts of a push, in the order of formats 4.1; each ends before the next begins."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from mirror.changes import Changes
from mirror.shapes import Shape, shape
from mirror.standing import NOTHING, Address, Standing
from mirror.target import (
    HERE,
    POINTER,
    WAYS,
    WITHDRAWN,
    Put,
    Target,
    bundle_path,
    lasting,
    literal,
    passing,
)
from tamizdat import paths
from tamizdat.digest import Digest
from tamizdat.edition import Files, Sealed, Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Puts that may happen at once; or paths that go, one after the other."""

    name: str
    puts: tuple[Put, ...]
    removes: tuple[str, ...] = ()


def steps(
    changes: Changes,
    target: Target,
    *,
    feeds: Files,
    stands: Standing = NOTHING,
    again: Collection[str] = frozenset(),
    hinted: Collection[Digest] = frozenset(),
    severed: tuple[str, ...] = (),
) -> tuple[Step, ...]:
    """What to put, step by step; empty steps are left out.

    `feeds` are all feeds of the edition: where the address changed they are put whole, first with
    the placeholder, so that at no instant a feed bears an address that `here.json` does not tell.
    `hinted` are the digests of hint files that stand there. What is `severed` goes after the bulk.
    """
    new, old = _by_shape(changes.added), _by_shape(changes.changed)
    readdressed = feeds if stands.address is not Address.SAME else {}
    bearing = {
        **{put.path: put for put in new(Shape.FEED) + old(Shape.FEED)},
        **{put.path: put for put in _stamped(readdressed)},
    }
    bare = readdressed if stands.address is Address.OTHER else {}
    ways = (literal(WAYS, target.overlay.ways),) if not stands.ways or WAYS in again else ()
    first = (
        *_roots(target, stands, again),
        *_manifests(target, stands, again),
        ("shards", tuple(_shards(changes))),
        ("objects", new(Shape.OBJECT) + old(Shape.OBJECT) + tuple(_bundles(changes))),
    )
    then = (
        ("fixed pages", new(Shape.FIXED) + old(Shape.FIXED)),
        ("new articles", new(Shape.ARTICLE)),
        ("changed articles", old(Shape.ARTICLE)),
        *_changing(WITHDRAWN, target.withdrawn, again, stands=stands.withdrawn),
        ("new lists", new(Shape.LIST)),
        ("new sections", new(Shape.SECTION)),
        ("changed lists", old(Shape.LIST)),
        ("changed sections", old(Shape.SECTION)),
        ("feeds without an address", tuple(_stamped(bare, address=False))),
        *_changing(HERE, target.overlay.here, again, stands=stands.here),
        *_hints(target, hinted, again),
        ("feeds", (*bearing.values(), *ways)),
        ("new fronts", new(Shape.FRONT)),
        ("changed fronts", old(Shape.FRONT)),
        ("index", new(Shape.INDEX) + old(Shape.INDEX)),
        *_changing(POINTER, target.pointer.sealed, again, stands=stands.pointer),
    )
    return (*_named(first), *_removal(severed), *_named(then))


def _removal(severed: tuple[str, ...]) -> Iterable[Step]:
    """An old pointer goes before anything that it accounts for is written over (formats 4.1)."""
    return (Step(name="old pointer", puts=(), removes=severed),) if severed else ()


def _named(ordered: Iterable[tuple[str, tuple[Put, ...]]]) -> Iterable[Step]:
    return (Step(name=name, puts=puts) for name, puts in ordered if puts)


_Named = tuple[str, tuple[Put, ...]]


def _by_shape(files: Files) -> Callable[[Shape], tuple[Put, ...]]:
    found: dict[Shape, list[Put]] = {}
    for put in _stamped(files):
        found.setdefault(shape(put.path), []).append(put)
    return lambda wanted: tuple(found.get(wanted, ()))


def _stamped(files: Files, *, address: bool = True) -> Iterable[Put]:
    return (Put(path=path, stamp=stamp, address=address) for path, stamp in sorted(files.items()))


def _shards(changes: Changes) -> Iterable[Put]:
    for shard in changes.shards:
        yield Put(path=paths.shard(shard.sha256), stamp=Stamp(shard.sha256, shard.len))


def _bundles(changes: Changes) -> Iterable[Put]:
    for bundle in changes.bundles:
        yield Put(path=bundle_path(bundle), stamp=Stamp(bundle.sha256, bundle.len))


def _roots(target: Target, stands: Standing, again: Collection[str]) -> Iterable[_Named]:
    pairs = [
        (version <= stands.root, lasting(paths.root(version), sealed))
        for version, sealed in enumerate(target.roots, 1)
    ]
    chosen = [_asked(signatures, file, again, stands=there) for there, (signatures, file) in pairs]
    yield "signatures of roots", tuple(put for signatures, _ in chosen for put in signatures)
    yield "roots", tuple(put for _, file in chosen for put in file)


def _manifests(target: Target, stands: Standing, again: Collection[str]) -> Iterable[_Named]:
    # one after the other, oldest first: each connects to one that lies there (formats 4.3)
    for edition in target.manifests:
        signatures, file = lasting(paths.manifest(edition.number), edition.sealed)
        there = edition.number in stands.manifests
        first, then = _asked(signatures, file, again, stands=there)
        yield f"signatures of manifest {edition.number}", first
        yield f"manifest {edition.number}", then


def _hints(target: Target, hinted: Collection[Digest], again: Collection[str]) -> Iterable[_Named]:
    for path, sealed in sorted(target.hints.items()):
        yield from _changing(path, sealed, again, stands=sealed.sha256 in hinted)


def _changing(
    path: str, sealed: Sealed, again: Collection[str], *, stands: bool
) -> Iterable[_Named]:
    signature, file = passing(path, sealed)
    first, then = _asked((signature,), file, again, stands=stands)
    yield f"signature of {path}", first
    yield path, then


def _asked(
    signatures: tuple[Put, ...], file: Put, again: Collection[str], *, stands: bool
) -> tuple[tuple[Put, ...], tuple[Put, ...]]:
    """Of a signed file, what must be put: all of it, or what an audit found wrong."""
    if not stands:
        return signatures, (file,)
    return (
        tuple(put for put in signatures if put.path in again),
        (file,) if file.path in again else (),
    )
