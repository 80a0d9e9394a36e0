"""A claim: a file found somewhere that at least one key of ours has signed. Pure.

One valid signature is enough, by whichever key of whichever root, also one that counts no more,
and whatever the file says: no key of ours signs a byte that we did not make.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from signing import armor, gate
from tamizdat import paths
from tamizdat.digest import Digest, digest
from tamizdat.edition import Sealed, Signature
from tamizdat.errors import FormatError
from tamizdat.theft import SignedKind
from tamizdat.wire import Here, Key, Manifest, Pointer, Root, SignedFile, Withdrawn

MOST_NUMBER = 2**63 - 1
"""A higher number is told as none: no ledger holds it."""

_FORMS: Sequence[tuple[re.Pattern[str], SignedKind, type[SignedFile]]] = (
    (re.compile(r"latest\.json"), SignedKind.POINTER, Pointer),
    (re.compile(r"here\.json"), SignedKind.HERE, Here),
    (re.compile(r"withdrawn\.json"), SignedKind.WITHDRAWALS, Withdrawn),
    (re.compile(r"e/[1-9][0-9]{0,18}/manifest\.json"), SignedKind.EDITION, Manifest),
    (re.compile(r"root/[1-9][0-9]{0,18}\.json"), SignedKind.ROOT, Root),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A file with those signatures beside it that are ours; `version` as it tells it."""

    kind: SignedKind
    path: str
    version: int | None
    sealed: Sealed


def kind_at(path: str) -> SignedKind | None:
    """What kind of signed file lies at `path`, None where none does."""
    return next((kind for form, kind, _ in _FORMS if form.fullmatch(path)), None)


def limit_at(path: str) -> int:
    """The most bytes that a signed file at `path` may have."""
    return next(file.limit for form, _, file in _FORMS if form.fullmatch(path))


def signatures_of(path: str, sha256: Digest, keys: Iterable[str]) -> tuple[str, ...]:
    """The names under which signatures of a file may lie beside it (formats 2.1, 2.2)."""
    if kind_at(path) in {SignedKind.EDITION, SignedKind.ROOT}:
        return tuple(paths.lasting_signature(path, key) for key in sorted(keys))
    return (paths.passing_signature(path, sha256),)


def claimed(
    path: str, body: bytes, beside: Mapping[str, bytes], keys: Mapping[str, Key]
) -> Claim | None:
    """The claim that `body` makes with what lies `beside` it; None where no key of ours signed."""
    kind = kind_at(path)
    made = {}
    for name, text in sorted(beside.items()):
        signature = _signature(name, text, body, keys)
        if signature:
            made[signature.fingerprint] = signature
    if kind is None or not made:
        return None
    sealed = Sealed(body=body, sha256=digest(body), signatures=tuple(made.values()))
    return Claim(kind=kind, path=path, version=_version(kind, body), sealed=sealed)


def is_stolen(claim: Claim, *, known: bool, ours: Digest | None, begin: int) -> bool:
    """Whether a claim is none of ours.

    `known` says that we made these bytes, `ours` is what else we made under its number, and
    `begin` the first number from which on we remember all: an older one may be ours.
    """
    if known:
        return False
    return claim.version is None or ours is not None or claim.version >= begin


def _signature(name: str, text: bytes, body: bytes, keys: Mapping[str, Key]) -> Signature | None:
    """The signature in our spelling, where a key of ours made it over `body`."""
    try:
        spelled = gate.normalise(armor.text(text, name), name)
        parsed = gate.parse(spelled, name)
        if parsed.fingerprint not in keys:
            return None
        gate.check(parsed, body, keys[parsed.fingerprint], name)
    except FormatError:
        return None
    return Signature(fingerprint=parsed.fingerprint, armor=spelled)


def _version(kind: SignedKind, body: bytes) -> int | None:
    """The number that a file gives itself; a thief may sign what is no file of ours at all."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    name = "edition" if kind is SignedKind.EDITION else "version"
    version = told.get(name) if isinstance(told, dict) else None
    return version if type(version) is int and 0 < version <= MOST_NUMBER else None
