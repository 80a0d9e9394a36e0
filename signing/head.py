"""The head of a copy: its signed files, verified and fitted together (formats 3 and 4)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from signing import armor, hint_files, removal, shards
from signing.lectern import MANIFEST, Lectern
from signing.sources import Source
from signing.state import Seen, State, newer, refuse_older
from signing.trust import MAX_STEP, Trust
from tamizdat import paths
from tamizdat.digest import Digest, digest
from tamizdat.edition import MAX_AHEAD, Sealed, SealedEdition, SealedPointer
from tamizdat.errors import FormatError
from tamizdat.wire import Here, Manifest, Pointer, RoleName, Root, Shard, ShardRef, Withdrawn

LATEST, HERE, WITHDRAWN, WAYS = "latest.json", "here.json", "withdrawn.json", "ways.html"
MAX_WAITING = 2
"""How many more signatures may lie beside a file that changes (formats 4.7)."""

_PASSING = re.compile(r".+\.[0-9a-f]{16}\.asc")
_OWN = (LATEST, HERE, WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """All that is signed in a copy, and the shards that lie there.

    `files` holds the bytes of each of them and of each signature, by path; `editions` all whose
    manifests lie there; `edition` is the copy's own, and `lone` where it lacks signatures.
    """

    trust: Trust
    edition: int
    pointer: SealedPointer | None
    withdrawn: Withdrawn | None
    here: Here | None
    editions: Mapping[int, SealedEdition]
    shards: Mapping[Digest, Shard]
    files: Mapping[str, bytes]
    listing: frozenset[str] | None
    lone: bool = False

    @property
    def manifest(self) -> Manifest:
        """The manifest of the copy's own edition."""
        return self.editions[self.edition].manifest

    @property
    def newest(self) -> int:
        """The newest edition whose manifest lies there; above `edition` while it changes."""
        return max(self.editions)

    def seen(self, before: State) -> State:
        """What to remember after this copy was found authentic."""
        before = self.trust.still(before)
        root = self.trust.sealed[-1]
        now = State(
            root_id=before.root_id,
            root=Seen(number=self.trust.root.version, sha256=root.sha256),
            edition=Seen(number=self.edition, sha256=self.editions[self.edition].sealed.sha256),
        )
        if self.pointer:
            sealed = self.pointer.sealed
            pointer = Seen(number=self.pointer.pointer.version, sha256=sealed.sha256)
            now = newer(now, State(root_id=before.root_id, pointer=pointer))
        if self.withdrawn:
            sha256 = digest(self.files[WITHDRAWN])
            listed = Seen(number=self.withdrawn.version, sha256=sha256)
            now = newer(now, State(root_id=before.root_id, withdrawn=listed))
        return newer(before, now)


async def read(
    source: Source,
    root_id: str,
    now: datetime,
    seen: State,
    listing: frozenset[str] | None = None,
) -> Head:
    """The head of the copy at `source`; FormatError where one signed file is not as it must be.

    `listing` is what lies there, where the source was just asked.
    """
    desk = Lectern(source, await source.listing() if listing is None else listing)
    trust = await roots(desk, root_id, now)
    trust.not_before(seen)
    seen = trust.still(seen)
    sealed = await desk.passing(LATEST, Pointer.limit)
    pointer = trust.pointer(sealed, seen) if sealed else None
    withdrawals = await desk.passing(WITHDRAWN, Withdrawn.limit)
    withdrawn = trust.withdrawn(withdrawals, pointer, seen) if withdrawals else None
    local = await desk.passing(HERE, Here.limit)
    here = trust.here(local) if local else None
    await hint_files.verify(desk, trust)
    if pointer and not (withdrawn and here):
        raise FormatError("4.4", HERE if withdrawn else WITHDRAWN, "is missing")
    edition = pointer.edition if pointer else desk.highest()
    editions = await _editions(desk, trust, edition, withdrawn)
    own = editions[edition].sealed
    if pointer and (own.sha256, len(own.body)) != (pointer.manifest.sha256, pointer.manifest.len):
        raise FormatError("3.3", paths.manifest(edition), "is not the manifest latest.json names")
    _no_fork(editions, edition, seen)
    grounds = _grounds(trust, editions, edition, withdrawn)
    lying = await _shards(desk, editions, edition)
    for number, ground in grounds.items():
        one, before = editions[number].manifest, editions[ground].manifest
        removal.refuse_more(one, before, lying | await _kept(desk, before, lying))
    await _waiting(desk, trust, editions, edition)
    return Head(
        trust=trust,
        edition=edition,
        pointer=SealedPointer(pointer=pointer, sealed=sealed) if pointer and sealed else None,
        withdrawn=withdrawn,
        here=here,
        editions=editions,
        shards=lying,
        files=desk.files,
        listing=desk.listing,
        lone=edition in grounds,
    )


async def roots(desk: Lectern, root_id: str, now: datetime) -> Trust:
    """All roots that lie there, from version 1 on."""
    trust: Trust | None = None
    while True:
        version = trust.root.version + 1 if trust else 1
        path = paths.root(version)
        await desk.take({path: Root.limit})
        body = desk.files.get(path)
        if body is None and trust:
            return trust
        if body is None:
            raise FormatError("6.2", path, "is missing: this is no copy of ours")
        if not trust and digest(body) != root_id:
            raise FormatError("6.2", path, "is not the root that was asked for (the root id)")
        keys = {*Root.parse(body, path).keys, *(trust.root.keys if trust else ())}
        await desk.take_signatures([path], keys)
        sealed = desk.lasting(path, body)
        trust = trust.next_root(sealed) if trust else Trust.begin(root_id, sealed, now)


async def _editions(
    desk: Lectern, trust: Trust, edition: int, withdrawn: Withdrawn | None
) -> Mapping[int, SealedEdition]:
    """The manifests that lie there: the copy's own, later ones (4.3), earlier ones (4.5, 4.6)."""
    await _take_manifests(desk, trust, desk.numbers() | {edition})
    if edition not in desk.numbers():
        raise FormatError("4.4", paths.manifest(edition), "is missing")
    top = await _top(desk, trust, edition)
    manifest = trust.manifest(_manifest(desk, top), top, withdrawn)
    found = {top: SealedEdition(manifest=manifest, sealed=_manifest(desk, top))}
    _walk(desk, trust, found, edition)
    await _earlier(desk, trust, edition, found)
    strays = [number for number in desk.numbers() if number not in found]
    if strays:
        where = paths.manifest(max(strays))
        raise FormatError("4.6", where, f"does not connect to edition {top}")
    return found


async def _top(desk: Lectern, trust: Trust, edition: int) -> int:
    """The newest manifest that lies there; where that cannot be seen, of a row from `edition` on.

    Where release takes several signatures, the row has gaps (formats 5.9).
    """
    if desk.listing is not None:
        return max(desk.numbers())
    top, last = edition, edition + MAX_AHEAD
    while top < last:
        ahead = range(top + 1, top + 1 + _step(trust))
        await _take_manifests(desk, trust, set(ahead))
        after = [number for number in ahead if paths.manifest(number) in desk.files]
        if not after:
            break
        top = min(after)
    return top


def _step(trust: Trust) -> int:
    """How far above an edition the next may be (formats 5.9)."""
    roles = [root.roles.get("release") for root in trust.roots]
    return MAX_STEP if any(role and role.threshold > 1 for role in roles) else 1


def _walk(desk: Lectern, trust: Trust, found: dict[int, SealedEdition], down_to: int) -> None:
    """Follow `prev` from the oldest edition in `found` down to edition `down_to`, which must be."""
    number = min(found)
    while number > down_to:
        before = _before(desk, trust, found[number])
        if before.number < down_to:
            where = paths.manifest(number)
            raise FormatError("4.5", where, f"does not connect to edition {down_to}")
        number = before.number
        found[number] = before


async def _earlier(
    desk: Lectern, trust: Trust, edition: int, found: dict[int, SealedEdition]
) -> None:
    """Add the editions before the copy's own to `found`; those from `oldest` on must be there."""
    oldest = found[edition].manifest.oldest
    await _take_manifests(desk, trust, set(range(oldest, edition)))
    _walk(desk, trust, found, oldest)
    for number in sorted((n for n in desk.numbers() if n < oldest), reverse=True):
        after = found[min(n for n in found if n > number)]
        if after.manifest.prev and after.manifest.prev.edition == number:
            found[number] = _before(desk, trust, after, partly=True)
        else:
            sealed = _manifest(desk, number)
            manifest = trust.old_manifest(sealed, number)
            found[number] = SealedEdition(manifest=manifest, sealed=sealed)


def _before(
    desk: Lectern, trust: Trust, after: SealedEdition, *, partly: bool = False
) -> SealedEdition:
    named = after.manifest.prev
    if not named:
        where = paths.manifest(after.number)
        raise FormatError("4.5", where, "names no edition before it, but is not the oldest")
    sealed = _manifest(desk, named.edition)
    manifest = trust.manifest_before(sealed, named, partly=partly)
    return SealedEdition(manifest=manifest, sealed=sealed)


def _manifest(desk: Lectern, number: int) -> Sealed:
    path = paths.manifest(number)
    body = desk.files.get(path)
    if body is None:
        raise FormatError("4.5", path, "is missing")
    return desk.lasting(path, body)


async def _take_manifests(desk: Lectern, trust: Trust, numbers: set[int]) -> None:
    names = [paths.manifest(number) for number in sorted(numbers)]
    fresh = [name for name in names if name not in desk.files]
    await desk.take(dict.fromkeys(fresh, Manifest.limit))
    lying = [name for name in fresh if name in desk.files]
    await desk.take_signatures(lying, sorted(_role_keys(trust, ("release",))))


def _no_fork(editions: Mapping[int, SealedEdition], edition: int, seen: State) -> None:
    """Nothing where the editions continue what was seen before (formats 6.6)."""
    before = seen.edition.number
    known = editions.get(before)
    if known:
        refuse_older("edition", Seen(number=known.number, sha256=known.sealed.sha256), seen.edition)
    elif editions[edition].manifest.oldest <= before < edition:
        raise FormatError("6.6", "edition", f"goes past number {before}, which was seen before")
    own = Seen(number=edition, sha256=editions[edition].sealed.sha256)
    refuse_older("edition", own, seen.edition)


def _grounds(
    trust: Trust,
    editions: Mapping[int, SealedEdition],
    edition: int,
    withdrawn: Withdrawn | None,
) -> Mapping[int, int]:
    """The copy's own edition and later ones that lack signatures (formats 5.7).

    Each with the newest edition before it that has all, against which it is judged (5.8).
    """
    lone = {
        number
        for number, one in editions.items()
        if trust.is_lone(one, withdrawn, before=number < edition)
    }
    found = {}
    for number in sorted(number for number in lone if number >= edition):
        ground = number
        while ground in lone:
            before = editions[ground].manifest.prev
            if not before or before.edition not in editions:
                where = paths.manifest(number)
                raise FormatError("5.8", where, "lacks signatures, and so does all before it")
            ground = before.edition
        found[number] = ground
    return found


async def _shards(
    desk: Lectern, editions: Mapping[int, SealedEdition], edition: int
) -> dict[Digest, Shard]:
    """The shards that lie there, by digest: all of the copy's own edition, some of the others."""
    wanted: dict[str, ShardRef] = {}
    for number, one in editions.items():
        if desk.listing is not None or number >= edition:
            wanted.update((paths.shard(ref.sha256), ref) for ref in one.manifest.shards)
    await desk.take({path: min(ref.len, Shard.limit) for path, ref in wanted.items()})
    found = {}
    for path, ref in wanted.items():
        body = desk.files.get(path)
        if body is not None:
            found[ref.sha256] = shards.parse(body, ref, path)
    for ref in editions[edition].manifest.shards:
        if ref.sha256 not in found:
            raise FormatError("4.4", paths.shard(ref.sha256), "is missing")
    return found


async def _kept(
    desk: Lectern, ground: Manifest, lying: Mapping[Digest, Shard]
) -> dict[Digest, Shard]:
    """Shards of an edition that lie there no more, but are kept as objects (formats 5.8)."""
    wanted = {removal.kept(ref): ref for ref in ground.shards if ref.sha256 not in lying}
    await desk.take({path: min(ref.len, Shard.limit) for path, ref in wanted.items()})
    return {
        ref.sha256: shards.parse(desk.files[path], ref, path)
        for path, ref in wanted.items()
        if path in desk.files
    }


async def _waiting(
    desk: Lectern, trust: Trust, editions: Mapping[int, SealedEdition], edition: int
) -> None:
    """Judge the signatures that lie there early or late (formats 4.7, 4.8, 4.2)."""
    if desk.listing is None:
        return
    next_root = paths.root(trust.root.version + 1)
    top = max(editions)
    next_editions = {paths.manifest(top + 1 + ahead) for ahead in range(_step(trust))}
    oldest = editions[edition].manifest.oldest
    for path in desk.signed():
        late = [name for name in desk.beside(path) if name not in desk.files]
        roles = _roles_waiting(path, next_root, next_editions, oldest)
        if not late or not roles:
            continue
        if (path in desk.files or hint_files.shard_at(path)) and len(late) > MAX_WAITING:
            raise FormatError("4.7", path, f"has over {MAX_WAITING} more signatures beside it")
        await desk.take(dict.fromkeys(late, armor.MAX_ARMOR))
        for name in late:
            key = trust.waiting(desk.text(name), roles, name)
            changes = path in _OWN or hint_files.shard_at(path)
            rightly = _PASSING if changes else re.compile(rf".+\.{key}\.asc")
            if not rightly.fullmatch(name):
                raise FormatError("2.1", name, f"is no name for this signature by {key}")
    texts = [body for path, body in desk.files.items() if path.endswith(".asc")]
    if len(set(texts)) != len(texts):
        raise FormatError("4.7", "a signature", "lies there twice")


def _roles_waiting(
    path: str, next_root: str, next_editions: set[str], oldest: int
) -> tuple[RoleName, ...]:
    """The roles whose signatures may lie beside `path` and wait, none where none may."""
    changing: dict[str, tuple[RoleName, ...]] = {
        LATEST: ("timestamp",),
        HERE: ("mirrors",),
        WITHDRAWN: ("denial", "release"),
        next_root: ("root",),
        **dict.fromkeys(next_editions, ("release",)),
    }
    number = MANIFEST.fullmatch(path)
    if number and int(number[1]) < oldest:
        return ("release",)
    if hint_files.shard_at(path):
        return ("mirrors",)
    return changing.get(path, ())


def _role_keys(trust: Trust, names: Sequence[RoleName]) -> set[str]:
    """Every key that any root gave one of the roles."""
    return {
        fingerprint
        for root in trust.roots
        for name in names
        if name in root.roles
        for fingerprint in root.roles[name].keys
    }
