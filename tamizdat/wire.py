"""The signed files: what each says (formats 2 and 3), parsed once into frozen values."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self, TypeVar

from tamizdat import canonical
from tamizdat.digest import Digest
from tamizdat.errors import FormatError
from tamizdat.record import MisfitError, Record, counting, fits, within

SPEC = "1.0"

Sha256 = Annotated[Digest, fits(r"[0-9a-f]{64}")]
Fingerprint = Annotated[str, fits(r"[0-9A-F]{40}")]
Channel = Annotated[str, fits(r"[0-9a-f]{32}")]
Count = Annotated[int, within(0)]
Number = Annotated[int, within(1)]
Second = Annotated[int, within(0, 2**32 - 1)]
"""Seconds since 1970 in four octets, as OpenPGP holds them."""
RoleName = Literal["root", "release", "timestamp", "mirrors", "denial"]
BundleKind = Literal["zip", "html", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized(Record):
    """Exact bytes: their digest and their number."""

    sha256: Sha256
    len: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFile(Record):
    """What every signed file says first."""

    limit: ClassVar[int]
    clause: ClassVar[str]

    type: str
    spec: str
    channel: Channel
    issued: datetime

    @classmethod
    def parse(cls, body: bytes, where: str) -> Self:
        """The file in `body`; FormatError where it breaks a clause."""
        if len(body) > cls.limit:
            raise FormatError(cls.clause, where, f"is over {cls.limit} bytes")
        return load(cls, canonical.decode(body, where), where, cls.clause)

    def encode(self) -> bytes:
        """The canonical bytes, as they are signed."""
        return canonical.encode(self.plain())


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(Record):
    """An Ed25519 key in OpenPGP v4 clothes: `raw` is base64 of 32 bytes, `created` is seconds."""

    alg: Literal["ed25519"]
    created: Second
    raw: Annotated[str, fits(r"[A-Za-z0-9+/]{43}=")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Record):
    """Who may sign a kind of file, and how many of them it takes."""

    keys: tuple[Fingerprint, ...]
    threshold: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Root(SignedFile):
    """`root/<n>.json`: the keys, and what each may do."""

    limit: ClassVar[int] = 64 * 1024
    clause: ClassVar[str] = "3.2"

    type: Literal["root"] = "root"
    version: Number
    expires: datetime
    keys: dict[Fingerprint, Key]
    roles: dict[RoleName, Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointedWithdrawals(Sized):
    """Which list of withdrawals the pointer's author had."""

    version: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer(SignedFile):
    """`latest.json`: which edition is the newest. Short-lived."""

    limit: ClassVar[int] = 4 * 1024
    clause: ClassVar[str] = "3.3"

    type: Literal["pointer"] = "pointer"
    version: Number
    root_version: Number
    edition: Number
    manifest: Sized
    withdrawn: PointedWithdrawals
    fresh_until: datetime
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous(Record):
    """The edition before, by the digest of its manifest: the hash chain."""

    edition: Number
    sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardRef(Sized):
    """A shard of the manifest: `key` tells which part of the paper it lists."""

    key: Annotated[str, fits(r"[A-Za-z0-9/.-]{1,60}")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleRef(Sized):
    """An edition in one file; `edition` is the edition that it holds."""

    kind: BundleKind
    language: str
    edition: Number
    unpacked: Count
    files: Count

    @property
    def extension(self) -> str:
        """How its name ends."""
        return "zip" if self.kind == "zip" else "html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(SignedFile):
    """`e/<n>/manifest.json`: all of an edition, by its shards."""

    limit: ClassVar[int] = 64 * 1024
    clause: ClassVar[str] = "3.4"

    type: Literal["manifest"] = "manifest"
    edition: Number
    root_version: Number
    expires: datetime
    oldest: Number
    removal: bool
    prev: Previous | None
    shards: tuple[ShardRef, ...]
    bundles: tuple[BundleRef, ...]
    build: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard(Record):
    """`s/<sha256>.json`: paths with length and digest, sorted by path."""

    limit: ClassVar[int] = 4 * 1024 * 1024

    type: Literal["shard"] = "shard"
    spec: str = SPEC
    key: str
    files: tuple[tuple[str, Count, Sha256], ...]

    @classmethod
    def parse(cls, body: bytes, where: str) -> Self:
        """The shard in `body`; FormatError where it breaks a clause."""
        if len(body) > cls.limit:
            raise FormatError("3.6", where, f"is over {cls.limit} bytes")
        shard = load(cls, canonical.decode(body, where), where, "3.6")
        names = [path for path, _, _ in shard.files]
        if names != sorted(set(names)):
            raise FormatError("3.6", where, "is not sorted, or names a path twice")
        return shard

    def encode(self) -> bytes:
        """The canonical bytes, as they are hashed."""
        return canonical.encode(self.plain())


@dataclass(frozen=True, slots=True, kw_only=True)
class Here(SignedFile):
    """`here.json`: what is local to one mirror."""

    limit: ClassVar[int] = 4 * 1024
    clause: ClassVar[str] = "3.10"

    type: Literal["here"] = "here"
    version: Number
    root_version: Number
    edition: Number
    base: str | None
    ways: Annotated[tuple[Sized, ...], counting(1, 2)]
    hints: Annotated[tuple[str, ...], counting(0, 2)]
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints(SignedFile):
    """`hints/<shard>.json`: for each leaf of a shard, the mirror of its group, sealed for it."""

    limit: ClassVar[int] = 32 * 1024
    clause: ClassVar[str] = "10.1"

    type: Literal["hints"] = "hints"
    version: Number
    root_version: Number
    shard: Annotated[str, fits(r"[0-9a-f]{8}")]
    salt: Annotated[str, fits(r"[0-9a-f]{32}")]
    slots: Annotated[str, fits(r"[A-Za-z0-9+/]{24064}")]
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Record):
    """An article that was withdrawn, and when."""

    id: Annotated[str, fits(r"[a-z2-7]{13}")]
    on: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(SignedFile):
    """`withdrawn.json`: only ever grows."""

    limit: ClassVar[int] = 1024 * 1024
    clause: ClassVar[str] = "3.11"

    type: Literal["withdrawn"] = "withdrawn"
    version: Number
    root_version: Number
    articles: tuple[Withdrawal, ...]
    keys: tuple[Fingerprint, ...]
    last: dict[Fingerprint, Previous | None] = field(default_factory=dict)
    """By distrusted key, the last edition that we made with it; None where there is none."""

    def encode(self) -> bytes:
        """The canonical bytes; `last` stands there only where it says something."""
        told = self.plain()
        if not self.last:
            del told["last"]
        return canonical.encode(told)

    def distrusted(self, issued: datetime, manifest: Digest | None = None) -> frozenset[str]:
        """Keys whose signatures count for no file of that date (formats 5.6).

        A date is what a thief writes: where the list names the last edition of a key, all else by
        that key counts for nothing. `manifest` is the digest of a manifest.
        """
        named = {key: one.sha256 if one else None for key, one in self.last.items()}
        gone = {key for key, last in named.items() if manifest is None or last != manifest}
        late = set(self.keys).difference(named) if issued > self.issued else set()
        return frozenset(gone.intersection(self.keys) | late)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip(SignedFile):
    """What proves a file that is passed by hand: it travels in the file's trailer (formats 7)."""

    limit: ClassVar[int] = 4 * 1024
    clause: ClassVar[str] = "7.2"

    type: Literal["bundle"] = "bundle"
    root_version: Number
    edition: Number
    expires: datetime
    kind: BundleKind
    language: str
    body: Sized


_Model = TypeVar("_Model", bound=Record)


def load(model: type[_Model], value: dict[str, canonical.Json], where: str, clause: str) -> _Model:
    """`value` as a `model`; FormatError names the first field that is wrong."""
    spec = value.get("spec", SPEC)
    if not isinstance(spec, str) or spec.partition(".")[0] != SPEC.partition(".")[0]:
        raise FormatError("1.7", where, f"is of format {str(spec)[:10]!a}, we read {SPEC}")
    try:
        return model.read(value)
    except MisfitError as error:
        raise FormatError(clause, where, str(error)) from None
