"""A witness: finds what our keys signed and we did not make, and keeps it as evidence.

It is called before anything is put over what lies on a mirror, and whenever a mirror shows bytes
that the ledger does not know. What it returned is in the ledger: a kill after that loses nothing.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from service.backup.restored import RESTORED, Asking, read
from service.newsroom import Ledgers, Newsroom
from signing import armor
from signing.claim import Claim, claimed, is_stolen, kind_at, limit_at, signatures_of
from signing.head import HERE, LATEST, WITHDRAWN
from tamizdat import paths
from tamizdat.digest import Digest, digest
from tamizdat.edition import Sealed
from tamizdat.errors import BackendError, FormatError
from tamizdat.measurement import Exchange, Measurement
from tamizdat.ports import Clock, Fetch
from tamizdat.theft import SignedKind, Spot, Theft
from tamizdat.wire import Key, Pointer, Root

HERE_SEEN = "local"
"""The vantage of what this machine saw while it published or verified."""

MOST_KEYS = 64
"""So many keys of ours are looked for beside a file; the newest roots' come first."""

MOST_PATHS = 200
"""So many signed files are looked at in one copy."""

AHEAD = 8
"""So many editions after ours are looked for where a copy cannot be listed."""

AT_ONCE = 8
_OK = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Whoever looks with the eyes of this newsroom: its memory, its roots, its clock."""

    ledgers: Ledgers
    roots: tuple[Sealed, ...]
    clock: Clock

    async def before_push(self, fetch: Fetch, mirror: str, number: int) -> Sequence[Theft]:
        """What lies where a push of edition `number` puts its own signed files.

        BackendError where the mirror does not answer: then nothing may be put over it.
        """
        wanted = (LATEST, HERE, WITHDRAWN, paths.manifest(number))
        return await self.judged(fetch, wanted, mirror, HERE_SEEN, strict=True)

    async def look(
        self, fetch: Fetch, mirror: str, vantage: str, there: Collection[str] = ()
    ) -> Sequence[Theft]:
        """All that is signed there: `there` where it can be listed, else where it would lie."""
        listed = [path for path in sorted(there) if kind_at(path)]
        guessed = () if listed else await self._likely(fetch)
        wanted = dict.fromkeys((LATEST, HERE, WITHDRAWN, *guessed, *listed[-MOST_PATHS:]))
        return await self.judged(fetch, tuple(wanted), mirror, vantage)

    async def judged(
        self,
        fetch: Fetch,
        wanted: Collection[str],
        mirror: str,
        vantage: str,
        *,
        strict: bool = False,
    ) -> Sequence[Theft]:
        """The thefts among these files, kept. A mirror that is silent is passed over, or raises."""
        bodies = await _all(fetch, {path: limit_at(path) for path in wanted}, strict=strict)
        strange = await self._strange(bodies)
        found = [await self._claim(fetch, path, strange[path]) for path in sorted(strange)]
        now = self.clock.now()
        kept = [await self._kept(one, mirror, vantage, now) for one in found if one]
        return tuple(one for one in kept if one)

    async def recall(self, looks: Sequence[Measurement]) -> Sequence[Theft]:
        """The thefts in pointers that vantages saw: also those that only readers there are shown.

        A vantage elsewhere knows no ledger, but the small files that it took stand in its answer.
        """
        found: list[Theft] = []
        for one in looks:
            taken = _taken(one)
            if LATEST in taken and await self.is_strange(taken[LATEST]):
                found += await self.judged(_from(taken), (LATEST,), one.mirror, one.vantage.id)
        return found

    async def is_strange(self, body: bytes) -> bool:
        """Whether these are no bytes that we signed."""
        return bool(await self._strange({"": body}))

    async def _strange(self, bodies: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Those that we did not make."""
        digests = {path: digest(body) for path, body in bodies.items()}
        known = await self.ledgers.made.known(set(digests.values()))
        known |= {root.sha256 for root in self.roots}
        return {path: body for path, body in bodies.items() if digests[path] not in known}

    async def _claim(self, fetch: Fetch, path: str, body: bytes) -> Claim | None:
        keys = self._keys()
        names = signatures_of(path, digest(body), keys)
        beside = await _all(fetch, dict.fromkeys(names, armor.MAX_ARMOR), strict=False)
        return await asyncio.to_thread(claimed, path, body, beside, keys)

    async def _kept(self, claim: Claim, mirror: str, vantage: str, now: datetime) -> Theft | None:
        ours, begin = await self._ours(claim, mirror)
        restored = isinstance(read(await self.ledgers.facts.get(RESTORED)), Asking)
        if restored and ours is None:
            return None  # made since the backup, it may be: the mirrors are asked first
        if not is_stolen(claim, known=False, ours=ours, begin=begin):
            return None
        spot = Spot(mirror=mirror, vantage=vantage, first=now, last=now)
        told = {"file": claim.path, "version": claim.version, "mirror": mirror, "vantage": vantage}
        kept = await self.ledgers.thefts.keep(
            Theft(
                number=0,
                kind=claim.kind,
                path=claim.path,
                version=claim.version,
                sealed=claim.sealed,
                ours=ours,
                opened=now,
                spots=(spot,),
            )
        )
        if kept is None:
            log.error("key theft: more evidence than is kept", extra=told)
        elif spot in kept.spots:
            log.error("key theft: signed with our keys, not by us", extra=told)
        return kept

    async def _ours(self, claim: Claim, mirror: str) -> tuple[Digest | None, int]:
        """What we made under the claim's number, and from which number on we remember all."""
        version, kind = claim.version, claim.kind
        if kind is SignedKind.ROOT:
            known = version is not None and version <= len(self.roots)
            return (self.roots[(version or 1) - 1].sha256 if known else None), 1
        place = mirror if kind is SignedKind.HERE else ""
        ours = None if version is None else await self.ledgers.made.under(kind, place, version)
        return ours, await self.ledgers.made.begin(kind, place)

    def _keys(self) -> Mapping[str, Key]:
        """Keys that any root of ours ever named, the newest first."""
        parsed = [Root.parse(one.body, paths.root(n)) for n, one in enumerate(self.roots, 1)]
        every = chain.from_iterable(root.keys.items() for root in reversed(parsed))
        return dict(list(dict(every).items())[:MOST_KEYS])

    async def _likely(self, fetch: Fetch) -> Sequence[str]:
        """Where signed files may lie in a copy that cannot be listed."""
        newest = await self.ledgers.editions.newest()
        first = newest.number if newest else 1
        pointed = await _pointed(fetch)
        numbers = {*range(first, first + AHEAD), *range(pointed, pointed + 2)} - {0}
        roots = range(1, len(self.roots) + 2)
        return (*map(paths.manifest, sorted(numbers)), *map(paths.root, roots))


def witness_of(room: Newsroom) -> Witness:
    """The witness of a newsroom that is open for work."""
    return Witness(ledgers=room.ledgers, roots=room.keys.roots, clock=room.clock)


def _taken(one: Measurement) -> Mapping[str, bytes]:
    """The small files that a look took whole, by the end of their path."""
    seen = [step.seen for step in one.steps if isinstance(step.seen, Exchange)]
    return {
        exchange.path.rpartition("/")[2]: exchange.body_start
        for exchange in seen
        if exchange.status == _OK and exchange.body_length == len(exchange.body_start)
    }


def _from(files: Mapping[str, bytes]) -> Fetch:
    async def fetch(path: str, limit: int) -> bytes | None:
        return files.get(path, b"")[:limit] or None

    return fetch


async def _pointed(fetch: Fetch) -> int:
    """The edition that the pointer there names, 0 where none does."""
    body = (await _all(fetch, {LATEST: Pointer.limit}, strict=False)).get(LATEST)
    try:
        return Pointer.parse(body, LATEST).edition if body is not None else 0
    except FormatError:
        return 0


async def _all(fetch: Fetch, wanted: Mapping[str, int], *, strict: bool) -> Mapping[str, bytes]:
    """The bytes of those that lie there; where `strict`, a mirror that does not answer raises."""
    turns = asyncio.Semaphore(AT_ONCE)
    silent: list[BackendError] = []

    async def one(path: str, limit: int) -> bytes | None:
        try:
            async with turns:
                return await fetch(path, limit)
        except BackendError as error:
            if error.retry:
                silent.append(error)
            return None  # too long, forbidden, compressed: nothing that a reader would take

    async with asyncio.TaskGroup() as group:
        tasks = {path: group.create_task(one(path, limit)) for path, limit in wanted.items()}
    if strict and silent:
        raise silent[0]
    found = {path: task.result() for path, task in tasks.items()}
    return {path: body for path, body in found.items() if body is not None}
