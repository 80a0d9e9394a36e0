"""The signed files: what each says (formats 2 and 3), parsed once into frozen values."""

from typing import Annotated, ClassVar, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from tamizdat import canonical
from tamizdat.digest import Digest
from tamizdat.errors import FormatError
from tamizdat.moment import Moment

SPEC = "1.0"

Sha256 = Annotated[Digest, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9A-F]{40}$")]
Channel = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Count = Annotated[int, Field(ge=0)]
Number = Annotated[int, Field(ge=1)]
Second = Annotated[int, Field(ge=0, lt=2**32)]
"""Seconds since 1970 in four octets, as OpenPGP holds them."""
RoleName = Literal["root", "release", "timestamp", "mirrors", "denial"]


class Record(BaseModel):
    """A part of a signed file: frozen and strict; fields we do not know are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Sized(Record):
    """Exact bytes: their digest and their number."""

    sha256: Sha256
    len: Count


class SignedFile(Record):
    """What every signed file says first."""

    limit: ClassVar[int]
    clause: ClassVar[str]

    type: str
    spec: str
    channel: Channel
    issued: Moment

    @classmethod
    def parse(cls, body: bytes, where: str) -> Self:
        """The file in `body`; FormatError where it breaks a clause."""
        if len(body) > cls.limit:
            raise FormatError(cls.clause, where, f"is over {cls.limit} bytes")
        return load(cls, canonical.decode(body, where), where, cls.clause)

    def encode(self) -> bytes:
        """The canonical bytes, as they are signed."""
        return canonical.encode(self.model_dump(mode="json"))


class Key(Record):
    """An Ed25519 key in OpenPGP v4 clothes: `raw` is base64 of 32 bytes, `created` is seconds."""

    alg: Literal["ed25519"]
    created: Second
    raw: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]


class Role(Record):
    """Who may sign a kind of file, and how many of them it takes."""

    keys: tuple[Fingerprint, ...] = Field(strict=False)
    threshold: Number


class Root(SignedFile):
    """`root/<n>.json`: the keys, and what each may do."""

    limit: ClassVar[int] = 64 * 1024
    clause: ClassVar[str] = "3.2"

    type: Literal["root"] = "root"
    version: Number
    expires: Moment
    keys: dict[Fingerprint, Key]
    roles: dict[RoleName, Role]


class PointedWithdrawals(Sized):
    """Which list of withdrawals the pointer's author had."""

    version: Number


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
    fresh_until: Moment
    expires: Moment


class Previous(Record):
    """The edition before, by the digest of its manifest: the hash chain."""

    edition: Number
    sha256: Sha256


class ShardRef(Sized):
    """A shard of the manifest: `key` tells which part of the paper it lists."""

    key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9/.-]{1,60}$")]


class BundleRef(Sized):
    """An edition in one file; `edition` is the edition that it holds."""

    kind: Literal["zip", "html", "text"]
    language: str
    edition: Number
    unpacked: Count
    files: Count

    @property
    def extension(self) -> str:
        """How its name ends."""
        return "zip" if self.kind == "zip" else "html"


class Manifest(SignedFile):
    """`e/<n>/manifest.json`: all of an edition, by its shards."""

    limit: ClassVar[int] = 64 * 1024
    clause: ClassVar[str] = "3.4"

    type: Literal["manifest"] = "manifest"
    edition: Number
    root_version: Number
    expires: Moment
    oldest: Number
    removal: bool
    prev: Previous | None
    shards: tuple[ShardRef, ...] = Field(strict=False)
    bundles: tuple[BundleRef, ...] = Field(strict=False)
    build: Sha256


class Shard(Record):
    """`s/<sha256>.json`: paths with length and digest, sorted by path."""

    limit: ClassVar[int] = 4 * 1024 * 1024

    type: Literal["shard"] = "shard"
    spec: str = SPEC
    key: str
    files: tuple[Annotated[tuple[str, Count, Sha256], Field(strict=False)], ...] = Field(
        strict=False
    )

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
        return canonical.encode(self.model_dump(mode="json"))


class Here(SignedFile):
    """`here.json`: what is local to one mirror."""

    limit: ClassVar[int] = 4 * 1024
    clause: ClassVar[str] = "3.10"

    type: Literal["here"] = "here"
    version: Number
    root_version: Number
    edition: Number
    base: str | None
    ways: Annotated[tuple[Sized, ...], Field(strict=False, min_length=1, max_length=2)]
    hints: Annotated[tuple[str, ...], Field(strict=False, max_length=2)]
    expires: Moment


class Withdrawal(Record):
    """An article that was withdrawn, and when."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{13}$")]
    on: Moment


class Withdrawn(SignedFile):
    """`withdrawn.json`: only ever grows."""

    limit: ClassVar[int] = 1024 * 1024
    clause: ClassVar[str] = "3.11"

    type: Literal["withdrawn"] = "withdrawn"
    version: Number
    root_version: Number
    articles: tuple[Withdrawal, ...] = Field(strict=False)
    keys: tuple[Fingerprint, ...] = Field(strict=False)


class Slip(SignedFile):
    """What proves a file that is passed by hand: it travels in the file's trailer (formats 7)."""

    limit: ClassVar[int] = 4 * 1024
    clause: ClassVar[str] = "7.2"

    type: Literal["bundle"] = "bundle"
    root_version: Number
    edition: Number
    expires: Moment
    kind: Literal["zip", "html", "text"]
    language: str
    body: Sized


_Model = TypeVar("_Model", bound=Record)


def load(model: type[_Model], value: dict[str, canonical.Json], where: str, clause: str) -> _Model:
    """`value` as a `model`; FormatError names the first field that is wrong."""
    spec = value.get("spec", SPEC)
    if not isinstance(spec, str) or spec.partition(".")[0] != SPEC.partition(".")[0]:
        raise FormatError("1.7", where, f"is of format {str(spec)[:10]!a}, we read {SPEC}")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "it"
        raise FormatError(clause, where, f"{field}: {first['msg']}") from None
