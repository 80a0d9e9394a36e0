"""A push: laying a target on one mirror, step by step, each file read back as a stranger."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from random import Random

from mirror.changes import Changes, changed, feeds
from mirror.changes import gone as gone_since
from mirror.collection import collection
from mirror.fanout import PATIENCE, each, patient
from mirror.readers import Expecting, LostError
from mirror.shelf import Shelf
from mirror.standing import must_ask, must_ask_pointer, orphan, severed, standing
from mirror.steps import steps
from mirror.target import HERE, POINTER, LyingEdition, Put, Target, bundle_path, literal
from tamizdat import paths
from tamizdat.digest import Digest, digest
from tamizdat.edition import MAX_FILE, Files, Stamp
from tamizdat.errors import BackendError, TamizdatError
from tamizdat.placement import Mirror, Placement, Refusal
from tamizdat.ports import Backend, Clock, Reader
from tamizdat.wire import Here, Pointer

SAMPLES = 8
"""Files that a push reads back beside those that it wrote."""

SAMPLED_SHARDS = 2
"""Shards that samples are drawn from: each is read whole, and an old one may be large."""

SLACK = 64 * 1024
"""Bytes beyond a file's length that are read back, to tell an old, longer copy by its digest."""


AHEAD, AHEAD_BYTES = 64, 2 * 1024 * 1024
"""Files, and bytes of them, that are read from the blobs together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted(Refusal):
    """A push that found lost or altered what it thought to lie there: its pointer was not put."""


Progress = Callable[[int, int], None]
"""Called with the puts done and the puts in all."""


async def push(
    mirror: Mirror,
    backend: Backend,
    reader: Reader,
    target: Target,
    *,
    lying: Sequence[LyingEdition],
    placed: tuple[Digest, ...],
    shelf: Shelf,
    clock: Clock,
    random: Random,
    progress: Progress | None = None,
    again: Collection[str] = frozenset(),
    hinted: Collection[Digest] = frozenset(),
    patience: float = PATIENCE,
) -> Placement | Refusal:
    """Lay `target` on a mirror, the pointer last; never raises for what a mirror does.

    `lying` are the editions that may lie there and `placed` the digests of here file,
    withdrawals and pointer that were last read back there; without either, everything is put.
    Paths in `again` (from an audit) are put whatever is thought to lie there; `hinted` are the
    digests of hint files that were read back there.
    """
    run = _Run(
        backend=backend,
        reader=reader,
        target=target,
        shelf=shelf,
        patience=patience,
        hinted=hinted,
    )
    try:
        await run.lay(lying, placed, frozenset(again), progress or _silent, random)
    except _DriftError as error:
        return Drifted(mirror=mirror.id, detail=str(error), retry=error.retry)
    except TamizdatError as error:
        return refused(mirror, error)
    return Placement(
        mirror=mirror.id,
        edition=target.edition.number,
        url=mirror.address,
        at=clock.now(),
        writes=len(run.written),
        readbacks=run.readbacks,
    )


async def settle(
    mirror: Mirror,
    backend: Backend,
    reader: Reader,
    target: Target,
    *,
    lying: Sequence[LyingEdition],
    placed: tuple[Digest, ...],
    shelf: Shelf,
    clock: Clock,
    surplus: Collection[str] = (),
    removal: bool = False,
    patience: float = PATIENCE,
) -> Placement | Refusal | None:
    """Delete what only earlier editions needed; None where there is nothing to delete.

    To be called one pass after `target` was placed (formats 4.2), at once after a removal edition
    (formats 5.2). `placed` are the digests that lay there before `target` did. The placement
    counts deletions as writes; after a removal edition each deleted file is asked for again, also
    where `removal` tells that this mirror missed one.
    """
    removal = removal or target.edition.manifest.removal

    async def delete(path: str) -> None:
        await patient(path, patience, backend.delete(path))

    async def ask(path: str) -> None:
        await _must_be_gone(reader, path, patience)

    try:
        lost = await asyncio.to_thread(gone_since, target.edition.manifest, lying, shelf.shard)
        removals = collection(lost, target, placed, surplus)
        for batch in removals:
            await each(batch.paths, delete)
        if removal:  # when all is gone that we can delete: one that a cache keeps delays no other
            await each([path for batch in removals for path in batch.paths], ask)
    except TamizdatError as error:
        return refused(mirror, error)
    deleted = sum(len(batch.paths) for batch in removals)
    if not deleted:
        return None
    return Placement(
        mirror=mirror.id,
        edition=target.edition.number,
        url=mirror.address,
        at=clock.now(),
        writes=deleted,
        readbacks=deleted if removal else 0,
    )


async def current(reader: Reader, target: Target, patience: float = PATIENCE) -> bool:
    """Whether the target's pointer lies there: exactly one request. A dead mirror is not."""
    try:
        found = await patient(POINTER, patience, reader.fetch(POINTER, Pointer.limit))
    except BackendError:
        return False
    return found == target.pointer.sealed.body


def addressed(body: bytes, base: str | None) -> bytes:
    """A feed with the placeholder replaced by `base`, where that can be undone (formats 3.9)."""
    if base is None:
        return body
    there, placeholder = base.encode("ascii"), paths.PLACEHOLDER.encode("ascii")
    bearing = body.replace(placeholder, there)
    return bearing if bearing.replace(there, placeholder) == body else body


def refused(mirror: Mirror, error: TamizdatError) -> Refusal:
    """The refusal of a mirror; trouble of our own (a missing blob) needs a person, not a retry."""
    retry = isinstance(error, BackendError) and error.retry
    return Refusal(mirror=mirror.id, detail=str(error), retry=retry)


class _DriftError(BackendError):
    """A file that this push did not write is not as it should be."""


@dataclass(kw_only=True)
class _Run:
    """One push under way, and what it counted."""

    backend: Backend
    reader: Reader
    target: Target
    shelf: Shelf
    patience: float
    hinted: Collection[Digest]

    def __post_init__(self) -> None:
        self.written: set[str] = set()
        self.readbacks = 0
        self.expecting = self.reader if isinstance(self.reader, Expecting) else None
        self.turns: dict[Digest, int] = {}
        self.queue: Sequence[Put] = ()
        self.reading = asyncio.Lock()

    async def lay(
        self,
        lying: Sequence[LyingEdition],
        placed: tuple[Digest, ...],
        again: frozenset[str],
        progress: Progress,
        random: Random,
    ) -> None:
        """Put every step, each read back before the next begins; sample before the pointer."""
        found = await self._here() if must_ask(self.target, lying, placed) else None
        asks = POINTER in again or must_ask_pointer(self.target, lying)
        old = severed(self.target, placed, await self._pointer()) if asks else ()
        changes, bearing = await asyncio.to_thread(self._changes, lying, again)
        planned = steps(
            changes,
            self.target,
            feeds=bearing,
            stands=standing(self.target, lying, placed, found),
            again=again,
            hinted=self.hinted,
            severed=old,
        )
        total, done = sum(len(step.puts) for step in planned), 0
        progress(done, total)
        pointing = any(step.name == POINTER for step in planned)
        for step in planned:
            if step.name == POINTER:
                await self._sample(random, pointer=False)
            await self._remove(step.removes)
            self._line_up(step.puts)
            await each(step.puts, self._put)
            done += len(step.puts)
            progress(done, total)
            if step.name == HERE:
                await self._drop_orphan(orphan(self.target, placed, found))
        if not pointing:
            await self._sample(random, pointer=True)

    async def _sample(self, random: Random, *, pointer: bool) -> None:
        """Read a few files of the edition that this push did not write, and maybe the pointer."""
        picked = await asyncio.to_thread(
            _sample, self.target, random, self.shelf, frozenset(self.written)
        )
        if pointer:
            picked = (*picked[1:], literal(POINTER, self.target.pointer.sealed.body))
        await each(picked, self._check_sample)

    def _changes(
        self, lying: Sequence[LyingEdition], again: frozenset[str]
    ) -> tuple[Changes, Files]:
        manifest = self.target.edition.manifest
        changes = changed(manifest, lying, self.shelf.shard, again)
        return changes, feeds(manifest, self.shelf.shard)

    async def _pointer(self) -> bytes | None:
        self.readbacks += 1
        try:
            return await patient(POINTER, self.patience, self.reader.fetch(POINTER, Pointer.limit))
        except BackendError as error:
            if error.retry:
                raise
            return b""  # what lies there is no pointer

    async def _remove(self, gone: Sequence[str]) -> None:
        for path in gone:
            await patient(path, self.patience, self.backend.delete(path))
            self.readbacks += 1
            await _must_be_gone(self.reader, path, self.patience)

    async def _here(self) -> bytes | None:
        self.readbacks += 1
        try:
            return await patient(HERE, self.patience, self.reader.fetch(HERE, Here.limit))
        except BackendError:
            return b""  # something may lie there: nothing is known of it

    async def _put(self, put: Put) -> None:
        body = await self._bytes(put)
        kind = paths.media_type(put.path)
        await patient(put.path, self.patience, self.backend.put(put.path, body, kind))
        self.written.add(put.path)
        await self._check(put.path, body)

    async def _check_sample(self, put: Put) -> None:
        try:
            await self._check(put.path, await self._bytes(put))
        except LostError as error:
            raise _DriftError(str(error), retry=True) from error

    async def _bytes(self, put: Put) -> bytes:
        if put.body is not None:
            return put.body
        body = await self._from_shelf(put.stamp.sha256)
        if put.address and paths.bears_address(put.path):
            return addressed(body, self.target.base)
        return body

    def _line_up(self, puts: Sequence[Put]) -> None:
        """What comes next is read together: a thread for each small file costs more than it."""
        self.queue = [put for put in puts if put.body is None]
        self.turns = {put.stamp.sha256: turn for turn, put in enumerate(self.queue)}

    async def _from_shelf(self, sha256: Digest) -> bytes:
        if self.shelf.has(sha256):
            return await self.shelf.read(sha256)
        async with self.reading:  # who waited finds it there
            return await self.shelf.read(sha256, self._following(sha256))

    def _following(self, sha256: Digest) -> Sequence[Digest]:
        turn = self.turns.get(sha256)
        if turn is None:
            return ()
        room, found = AHEAD_BYTES, []
        for put in self.queue[turn + 1 : turn + AHEAD]:
            room -= put.stamp.length
            if room < 0:
                break
            found.append(put.stamp.sha256)
        return found

    async def _check(self, path: str, wanted: bytes) -> None:
        self.readbacks += 1
        limit = len(wanted) + SLACK
        if self.expecting:
            found = await patient(path, self.patience, self.expecting.expect(path, limit))
        else:
            fetched = await patient(path, self.patience, self.reader.fetch(path, limit))
            if fetched is None:
                raise LostError(f"{path}: a stranger finds nothing there", retry=True)
            found = fetched
        if found != wanted:
            raise LostError(f"{path}: {_said(wanted, found)}", retry=True)

    async def _drop_orphan(self, orphaned: Digest | None) -> None:
        if orphaned is not None:
            path = paths.passing_signature(HERE, orphaned)
            await patient(path, self.patience, self.backend.delete(path))


def _sample(
    target: Target, random: Random, shelf: Shelf, written: frozenset[str]
) -> tuple[Put, ...]:
    """Up to `SAMPLES` other files of the edition: half of them what shards list."""
    manifest = target.edition.manifest
    signed = {
        **{bundle_path(one): Stamp(one.sha256, one.len) for one in manifest.bundles},
        **{paths.shard(one.sha256): Stamp(one.sha256, one.len) for one in manifest.shards},
    }
    listed = {
        path: Stamp(sha256, length)
        for one in random.sample(manifest.shards, min(SAMPLED_SHARDS, len(manifest.shards)))
        for path, length, sha256 in shelf.shard(one.sha256).files
    }
    pages = _picked(listed, written, SAMPLES // 2, random)
    return (*_picked(signed, written, SAMPLES - len(pages), random), *pages)


def _picked(files: Files, but: frozenset[str], count: int, random: Random) -> tuple[Put, ...]:
    others = sorted(files.keys() - but)
    chosen = random.sample(others, min(count, len(others)))
    return tuple(Put(path=path, stamp=files[path]) for path in chosen)


def _said(wanted: bytes, found: bytes) -> str:
    """How what a stranger gets differs from what we put."""
    if len(found) < len(wanted) and wanted.startswith(found):
        return f"comes back cut to {len(found)} of {len(wanted)} bytes"
    return (
        f"comes back as other bytes ({len(found)}, sha256 {digest(found)[:16]})"
        f", not the {len(wanted)} we put: an old copy or a lie"
    )


async def _must_be_gone(reader: Reader, path: str, patience: float) -> None:
    try:
        found = await patient(path, patience, reader.fetch(path, MAX_FILE))
    except BackendError as error:
        raise BackendError(f"{error}, after it was deleted", retry=True) from error
    if found is not None:
        raise BackendError(
            f"{path}: a stranger still gets it after it was deleted: empty the cache", retry=True
        )


def _silent(_done: int, _total: int) -> None:
    return
