"""Content: whether what a probe fetched is ours: pointer, signature, a page, a heavy file."""

import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from service.looks import carried
from signing import armor
from signing.lectern import passing_sealed
from signing.state import State
from signing.trust import MAX_STEP, Trust
from tamizdat import paths
from tamizdat.digest import Digest, digest
from tamizdat.edition import Sealed, SealedEdition, Stamp
from tamizdat.errors import FormatError
from tamizdat.measurement import Content
from tamizdat.ports import Clock, ContentCheck, Fetch
from tamizdat.wire import Pointer, Shard, ShardRef

LATEST = "latest.json"
HEAVY = 64 * 1024
"""A file of so many bytes tells how fast the line is; the smallest such is taken."""

HEAVIEST = 4 * 1024 * 1024
ROOM = 64 * 1024
"""A page that is longer than it should be is read so far, to see that it is another."""

MAX_AHEAD = 8
"""So many later editions may already lie where the pointer does not name them yet."""

TakeShard = Callable[[ShardRef], Awaitable[Shard]]
_MISSING = "4.4"  # the clause of a file that is not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What we know of our own editions, and of their shards.

    `edition` gives ours of that number, None where its manifest has another digest than is asked
    for, or where we know of none. `oldest` is the first number that is still remembered.
    """

    edition: Callable[[int, Digest | None], Awaitable[SealedEdition | None]]
    shard: TakeShard
    oldest: Callable[[], Awaitable[int]]


Suspect = Callable[[Fetch, bytes], Awaitable[None]]
"""Told each pointer that is found, before it is judged, and the way to more of that mirror."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedContent:
    """The port ContentCheck. `trust` holds the roots; `choose` picks the random page.

    `suspect` keeps what our keys signed and we did not make, where somebody remembers that.
    """

    trust: Trust
    known: Known
    clock: Clock
    suspect: Suspect | None = None
    choose: random.Random = field(default_factory=random.SystemRandom)

    async def check(self, fetch: Fetch) -> Content:
        """Fetch what proves it, and a random page; says what was found. Raises BackendError."""
        body = await fetch(LATEST, Pointer.limit)
        if body is not None and self.suspect:
            await self.suspect(fetch, body)
        if body is None or not _is_pointer(body):
            return Content(code="missing", detail=f"{LATEST}: is not there, or is something else")
        name = paths.passing_signature(LATEST, digest(body))
        signature = await fetch(name, armor.MAX_ARMOR)
        if signature is None:
            return Content(code="missing", detail=f"{LATEST}: has no signature beside it")
        try:
            sealed = passing_sealed(body, signature, name)
            pointer = self.trust.pointer(sealed, State(root_id=self.trust.sealed[0].sha256))
        except FormatError as error:
            return Content(code="invalid", detail=str(error))
        try:
            return await self._edition(fetch, pointer)
        except FormatError as error:
            code = "missing" if error.clause == _MISSING else "invalid"
            return Content(code=code, edition=pointer.edition, detail=str(error))

    async def _edition(self, fetch: Fetch, pointer: Pointer) -> Content:
        """What there is to say of the edition that a genuine pointer names."""
        number, sha256 = pointer.edition, pointer.manifest.sha256
        edition = await self.known.edition(number, sha256)
        if edition is not None:
            return await self._files(fetch, edition, self.known.shard) or self._aged(pointer)
        if number < await self.known.oldest() and self._aged(pointer).code:
            # an old copy of ours, which we have forgotten: no thief signs what readers call stale
            edition = await carried.signed_manifest(fetch, self.trust, number, sha256)
            shard = partial(carried.shard, fetch)
            return await self._files(fetch, edition, shard) or self._aged(pointer)
        detail = "is signed with our keys, but we never made it: is a key stolen?"
        return Content(code="unknown_edition", edition=number, detail=detail)

    async def _files(
        self, fetch: Fetch, edition: SealedEdition, shard: TakeShard
    ) -> Content | None:
        """What is wrong with a random page or a heavy file; None where both are ours."""
        number = edition.number
        for path, stamp, ref in await self._chosen(edition, shard):
            body = await fetch(path, max(stamp.length, ROOM))
            if body is None:
                return Content(code="missing", edition=number, detail=f"{path}: is not there")
            found = Stamp(digest(body), len(body))
            if found != stamp and not await self._is_later(number, ref, path, found):
                detail = f"{path}: is not as the edition stamped it"
                return Content(code="invalid", edition=number, detail=detail)
        return None

    async def _chosen(
        self, edition: SealedEdition, shard: TakeShard
    ) -> tuple[tuple[str, Stamp, ShardRef | None], ...]:
        months = [ref for ref in edition.manifest.shards if ref.key != "front"]
        ref = self.choose.choice(months or list(edition.manifest.shards))
        files = list(_listed(await shard(ref)))
        pages = [(path, stamp, ref) for path, stamp in files if path.endswith(".html")]
        heavy: list[tuple[str, Stamp, ShardRef | None]] = [
            (path, stamp, ref) for path, stamp in files if HEAVY <= stamp.length <= HEAVIEST
        ]
        heavy += [
            (paths.bundle(one.sha256, one.extension), Stamp(one.sha256, one.len), None)
            for one in edition.manifest.bundles
            if HEAVY <= one.len <= HEAVIEST
        ]
        heavy.sort(key=lambda one: (one[1].length, one[0]))
        page = [self.choose.choice(pages)] if pages else []
        return (*page, *heavy[:1])

    async def _is_later(self, number: int, ref: ShardRef | None, path: str, found: Stamp) -> bool:
        """Whether an edition that is being pushed stamped it so (formats 4.3)."""
        role = self.trust.root.roles.get("release")
        missing = 0 if role and role.threshold > 1 else MAX_STEP - 1  # numbers may be skipped (5.9)
        for later in range(number + 1, number + 1 + MAX_AHEAD):
            try:
                edition = await self.known.edition(later, None)
                missing += edition is None
                if missing == MAX_STEP or ref is None:
                    return False
                if edition is None:
                    continue
                for one in edition.manifest.shards:
                    if one.key == ref.key and (path, found) in _listed(await self.known.shard(one)):
                        return True
            except FormatError:
                return False  # what is to prove it does not lie on the mirror
        return False

    def _aged(self, pointer: Pointer) -> Content:
        late = self.clock.now() >= min(pointer.fresh_until, pointer.expires)
        code = "stale" if late else None
        return Content(code=code, edition=pointer.edition, detail="is out of date" if late else "")


_: type[ContentCheck] = SignedContent


def trusted(roots: Sequence[Sealed], now: datetime) -> Trust:
    """Trust in these roots, oldest first; FormatError where they are no chain."""
    trust = Trust.begin(roots[0].sha256, roots[0], now)
    for sealed in roots[1:]:
        trust = trust.next_root(sealed)
    return trust


def _is_pointer(body: bytes) -> bool:
    """Whether it says that it is a pointer: what does not is no copy of ours, false or true."""
    try:
        Pointer.parse(body, LATEST)
    except FormatError:
        return False
    return True


def _listed(shard: Shard) -> Iterator[tuple[str, Stamp]]:
    return ((path, Stamp(Digest(sha256), length)) for path, length, sha256 in shard.files)
