"""Trust: what a chain of roots lets us believe. Pure: bytes and one moment in, values out.

Everything starts at a root id that a person got by another way (formats 6.2). Where release takes
more than one signature, a removal edition may go out with one: what it may say then is judged in
`signing.removal`, since that takes shards.
"""

import base64
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from signing import gate
from signing.state import Seen, State, refuse_older
from tamizdat.digest import Digest
from tamizdat.edition import Sealed, SealedEdition, Signature
from tamizdat.errors import FormatError
from tamizdat.wire import (
    Here,
    Hints,
    Key,
    Manifest,
    Pointer,
    Previous,
    RoleName,
    Root,
    Slip,
    Withdrawn,
)

FLOOR_REACH = timedelta(days=1)
"""The floor of the clock never lies further above the clock (formats 6.5)."""

CLOCK_SLACK = timedelta(days=1)
"""A clock that lies further before a date of issue is wrong, and tells no age (formats 6.4)."""

LONE_LIFETIME = timedelta(hours=24)
"""So long a removal edition is fresh that lacks signatures (formats 5.7)."""

MAX_STEP = 8
"""Numbers of editions that never went out are skipped, but never more (formats 5.9)."""

MAX_KEPT = 256
"""So many editions at most, from `oldest` on, have their manifests on a mirror (formats 3.4)."""

MAX_ROOTS = 256
"""No chain of roots is longer."""

_BASE = re.compile(r"https?://[A-Za-z0-9._~:%\[\]-]+/(?:[A-Za-z0-9._~%-]+/)*")
_MAX_BASE = 500
_FIRST = "root/1.json"
_Numbered = TypeVar("_Numbered", Pointer, Here, Hints, Withdrawn, Manifest, Slip)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The roots from 1 to the newest, all verified, and the moment of the question."""

    roots: tuple[Root, ...]
    sealed: tuple[Sealed, ...]
    now: datetime

    @classmethod
    def begin(cls, root_id: str, first: Sealed, now: datetime) -> "Trust":
        """Trust in the root whose digest is `root_id`; FormatError where it is another."""
        if first.sha256 != root_id:
            raise FormatError("6.2", _FIRST, "is not the root that was asked for (the root id)")
        root = _root(first, 1)
        _count(first, (root,), ("root",), _FIRST).demand(root, "root")
        return cls(roots=(root,), sealed=(first,), now=now)

    @property
    def root(self) -> Root:
        """The newest root."""
        return self.roots[-1]

    def next_root(self, sealed: Sealed) -> "Trust":
        """Trust that follows to the next version; it takes both thresholds (formats 6.2)."""
        where = f"root/{self.root.version + 1}.json"
        if len(self.roots) >= MAX_ROOTS:
            raise FormatError("6.2", where, f"is over the {MAX_ROOTS} roots that we follow")
        root = _root(sealed, self.root.version + 1)
        if root.channel != self.root.channel:
            raise FormatError("6.3", where, "is of another channel")
        signers = _count(sealed, (self.root, root), ("root",), where)
        signers.demand(self.root, "root")
        signers.demand(root, "root")
        return replace(self, roots=(*self.roots, root), sealed=(*self.sealed, sealed))

    def not_before(self, seen: State) -> None:
        """Nothing where the newest root is not older than the one seen (formats 6.6)."""
        if seen.root.number:
            at = min(seen.root.number, self.root.version)
            refuse_older("root", Seen(number=at, sha256=self.sealed[at - 1].sha256), seen.root)

    def still(self, seen: State) -> State:
        """What of `seen` binds still: a counter ends with a key that could count it up (6.8).

        Else a thief's key that signed a very high number would lock readers out for ever.
        """
        since = self.roots[max(0, seen.root.number - 1) :]
        gone = {name for one, after in pairwise(since) for name in _losers(one, after)}
        return replace(
            seen,
            pointer=Seen() if "timestamp" in gone else seen.pointer,
            edition=Seen() if "release" in gone else seen.edition,
            withdrawn=Seen() if gone & {"denial", "release"} else seen.withdrawn,
        )

    def pointer(self, sealed: Sealed, seen: State) -> Pointer:
        """The pointer in `sealed`: one signature of role timestamp, not older than `seen`."""
        pointer = self._passing(Pointer, sealed, ("timestamp",), "latest.json")
        refuse_older(
            "latest.json", Seen(number=pointer.version, sha256=sealed.sha256), seen.pointer
        )
        refuse_older(
            "latest.json, edition",
            Seen(number=pointer.edition, sha256=pointer.manifest.sha256),
            seen.edition,
        )
        return pointer

    def here(self, sealed: Sealed) -> Here:
        """What is local to a mirror: one signature of role mirrors (formats 3.10)."""
        here = self._passing(Here, sealed, ("mirrors",), "here.json")
        if here.base is not None and (len(here.base) > _MAX_BASE or not _BASE.fullmatch(here.base)):
            # It is put into feeds: more than an address would be text that release never signed.
            raise FormatError("3.10", "here.json", "has a base that is no plain web address")
        return here

    def hints(self, sealed: Sealed, shard: str) -> Hints:
        """The hint file of a shard: one signature of role mirrors (formats 10.1)."""
        where = f"hints/{shard}.json"
        hints = self._passing(Hints, sealed, ("mirrors",), where)
        if hints.shard != shard:
            raise FormatError("10.1", where, f"is shard {hints.shard}")
        return hints

    def withdrawn(self, sealed: Sealed, pointer: Pointer | None, seen: State) -> Withdrawn:
        """The list of withdrawals, not older than the one that `pointer` names (formats 5.5)."""
        where = "withdrawn.json"
        withdrawn = self._passing(Withdrawn, sealed, ("denial", "release"), where)
        if pointer:
            named = pointer.withdrawn
            if withdrawn.version < named.version:
                raise FormatError("5.5", where, "is older than the list that latest.json names")
            if withdrawn.version == named.version and (sealed.sha256, len(sealed.body)) != (
                named.sha256,
                named.len,
            ):
                raise FormatError("5.5", where, "is not the list that latest.json names")
        refuse_older(where, Seen(number=withdrawn.version, sha256=sealed.sha256), seen.withdrawn)
        return withdrawn

    def manifest(self, sealed: Sealed, edition: int, withdrawn: Withdrawn | None) -> Manifest:
        """The manifest of `edition`, by the newest root's threshold of role release."""
        where = f"e/{edition}/manifest.json"
        signers = _count(sealed, self.roots, ("release",), where)
        manifest = self._parsed(Manifest, sealed, where)
        found = signers.without(_distrusted(manifest, withdrawn, sealed.sha256))
        found.demand(self.root, "release", lone=manifest.removal)
        return self._numbered(manifest, edition, where)

    def manifest_before(self, sealed: Sealed, named: Previous, *, partly: bool = False) -> Manifest:
        """The manifest that the edition after it names: the chain vouches for it (formats 4.5).

        So its own signatures count as they did under the root of its time. `partly` lets them be
        missing: such a manifest is being deleted.
        """
        where = f"e/{named.edition}/manifest.json"
        if sealed.sha256 != named.sha256:
            raise FormatError("4.5", where, "is not the manifest that the edition after it names")
        manifest = self._parsed(Manifest, sealed, where)
        signers = _count(sealed, self.roots, ("release",), where)
        if not partly:
            signers.demand(self._root_of(manifest), "release", lone=manifest.removal)
        return self._numbered(manifest, named.edition, where)

    def old_manifest(self, sealed: Sealed, edition: int) -> Manifest:
        """A manifest that nothing connects any more (formats 4.2): signed under its own root."""
        where = f"e/{edition}/manifest.json"
        manifest = self._parsed(Manifest, sealed, where)
        signers = _count(sealed, self.roots, ("release",), where)
        signers.demand(self._root_of(manifest), "release", lone=manifest.removal)
        return self._numbered(manifest, edition, where)

    def is_lone(
        self, edition: SealedEdition, withdrawn: Withdrawn | None, *, before: bool = False
    ) -> bool:
        """Whether it is a removal edition that lacks signatures (formats 5.7).

        `before`: the chain vouches for it, so they count as under the root of its time.
        """
        manifest = edition.manifest
        root = self._root_of(manifest) if before else self.root
        signers = {one.fingerprint for one in edition.sealed.signatures}
        sha256 = edition.sealed.sha256
        signers -= set(() if before else _distrusted(manifest, withdrawn, sha256))
        role = root.roles["release"]
        return manifest.removal and len(signers.intersection(role.keys)) < role.threshold

    def slip(self, sealed: Sealed, withdrawn: Withdrawn | None, where: str) -> Slip:
        """The slip of a file passed by hand (formats 7.2)."""
        signers = _count(sealed, self.roots, ("release",), where)
        slip = self._parsed(Slip, sealed, where)
        signers.without(_distrusted(slip, withdrawn)).demand(self.root, "release")
        return slip

    def waiting(self, armor: str, roles: Sequence[RoleName], where: str) -> str:
        """The key that an early or late signature names (formats 4.7, 4.8)."""
        fingerprint = gate.parse(armor, where).fingerprint
        if fingerprint not in _keys_of(self.roots, roles):
            raise FormatError("4.7", where, "is a signature by no key of the role")
        return fingerprint

    def reference(self, manifest: Manifest | None) -> datetime:
        """The moment to judge freshness at: the clock, or its floor (formats 6.5)."""
        issued = [root.issued for root in self.roots]
        newest = max(issued + ([manifest.issued] if manifest else []))
        return max(self.now, min(newest, self.now + FLOOR_REACH))

    def fresh(self, pointer: Pointer, manifest: Manifest, *, lone: bool = False) -> bool:
        """Whether the clock can tell, and nothing that was promised is overdue (formats 6.4)."""
        ends = (pointer.fresh_until, pointer.expires, until(manifest, lone=lone), self.root.expires)
        tells = self.now >= max(pointer.issued, manifest.issued) - CLOCK_SLACK
        return tells and self.reference(manifest) < min(ends)

    def _root_of(self, manifest: Manifest) -> Root:
        """The root of its time."""
        return self.roots[manifest.root_version - 1]

    def _numbered(self, manifest: Manifest, edition: int, where: str) -> Manifest:
        if manifest.edition != edition or not 0 <= edition - manifest.oldest < MAX_KEPT:
            raise FormatError("3.4", where, f"is of edition {manifest.edition}")
        step = edition - manifest.prev.edition if manifest.prev else 1
        role = self._root_of(manifest).roles.get("release")
        if not 1 <= step <= (MAX_STEP if role and role.threshold > 1 else 1):
            raise FormatError("4.5", where, "does not follow the edition before it")
        keys = [shard.key for shard in manifest.shards]
        if keys != sorted(set(keys)):
            raise FormatError("3.4", where, "does not name its shards in order, each once")
        return manifest

    def _passing(
        self, kind: type[_Numbered], sealed: Sealed, roles: Sequence[RoleName], where: str
    ) -> _Numbered:
        if len(sealed.signatures) != 1:
            raise FormatError("2.2", where, "has not exactly one signature beside it")
        _count(sealed, (self.root,), roles, where)
        return self._parsed(kind, sealed, where)

    def _parsed(self, kind: type[_Numbered], sealed: Sealed, where: str) -> _Numbered:
        file = kind.parse(sealed.body, where)
        if file.channel != self.root.channel:
            raise FormatError("6.3", where, "is of another channel")
        if file.root_version > self.root.version:
            raise FormatError("6.3", where, f"needs root {file.root_version}, which is not here")
        return file


def until(manifest: Manifest, *, lone: bool) -> datetime:
    """When an edition is overdue; one that lacks signatures sooner (formats 5.7)."""
    return min(manifest.expires, manifest.issued + LONE_LIFETIME) if lone else manifest.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signers:
    """Keys whose signatures over one file verified."""

    fingerprints: frozenset[str]
    where: str

    def without(self, distrusted: Collection[str]) -> "_Signers":
        return replace(self, fingerprints=self.fingerprints - frozenset(distrusted))

    def demand(self, root: Root, name: RoleName, *, lone: bool = False) -> None:
        """Nothing where they are as many as the role's threshold in `root`; else FormatError.

        `lone`: one is enough.
        """
        role = root.roles.get(name)
        counted = len(self.fingerprints.intersection(role.keys)) if role else 0
        if not role or counted < (1 if lone else role.threshold):
            wanted = role.threshold if role else "no"
            detail = f"has {counted} signatures of role {name} in root {root.version}, not {wanted}"
            raise FormatError("2.10", self.where, detail)


def _count(
    sealed: Sealed, roots: Sequence[Root], roles: Sequence[RoleName], where: str
) -> _Signers:
    """The keys of `roles` that signed; one signature that is wrong refuses the file."""
    keys = _keys_of(roots, roles)
    found: set[str] = set()
    for signature in sealed.signatures:
        beside = f"{where}.{signature.fingerprint}.asc"
        _verify(signature, sealed.body, keys, beside)
        if signature.fingerprint in found:
            raise FormatError("2.10", beside, "is there twice")
        found.add(signature.fingerprint)
    return _Signers(fingerprints=frozenset(found), where=where)


def _verify(signature: Signature, body: bytes, keys: Mapping[str, Key], where: str) -> None:
    parsed = gate.parse(signature.armor, where)
    if parsed.fingerprint != signature.fingerprint:
        raise FormatError("2.1", where, f"is a signature by {parsed.fingerprint}")
    if parsed.fingerprint not in keys:
        raise FormatError("2.10", where, "is a signature by no key of the role")
    gate.check(parsed, body, keys[parsed.fingerprint], where)


def _keys_of(roots: Sequence[Root], roles: Sequence[RoleName]) -> dict[str, Key]:
    return {
        fingerprint: root.keys[fingerprint]
        for root in roots
        for name in roles
        if name in root.roles
        for fingerprint in root.roles[name].keys
    }


def _root(sealed: Sealed, version: int) -> Root:
    """The root in `sealed`, sound in itself (formats 2.9, 3.2)."""
    where = f"root/{version}.json"
    root = Root.parse(sealed.body, where)
    if root.version != version:
        raise FormatError("6.2", where, f"is version {root.version}")
    for fingerprint, key in root.keys.items():
        if gate.key_fingerprint(key) != fingerprint:
            raise FormatError("2.9", where, f"key {fingerprint} is another key")
    if len({base64.b64decode(key.raw) for key in root.keys.values()}) != len(root.keys):
        raise FormatError("2.10", where, "names one key under two fingerprints")
    for name, role in root.roles.items():
        if not set(role.keys) <= root.keys.keys() or len(set(role.keys)) != len(role.keys):
            raise FormatError(
                "3.2", where, f"role {name} names a key twice, or one that is not there"
            )
    return root


def _losers(root: Root, after: Root) -> set[RoleName]:
    """The roles from which `after` takes a key."""
    left = {name: set(role.keys) for name, role in after.roles.items()}
    return {name for name, role in root.roles.items() if set(role.keys) - left.get(name, set())}


def _distrusted(
    file: Manifest | Slip, withdrawn: Withdrawn | None, manifest: Digest | None = None
) -> Collection[str]:
    """Keys whose signatures do not count for `file` (formats 5.6); `manifest` is its digest."""
    return withdrawn.distrusted(file.issued, manifest) if withdrawn else ()
