"""A street: small mirrors of one newsroom, made file by file, so that a case can bend any."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from signing import hints as slips
from signing.token import leaves
from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import Sealed
from tamizdat.wire import (
    SPEC,
    Here,
    Hints,
    Manifest,
    PointedWithdrawals,
    Pointer,
    Previous,
    Role,
    RoleName,
    Root,
    Shard,
    ShardRef,
    Sized,
    Withdrawn,
)
from tests.unit.signing.paper import Files, lasting, passing
from tests.vectors.press import CHANNEL, SIGNED_AT, pen

START = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
WAYS = b"<!doctype html><title>Ways</title>\n"
NOTICE = b"<!doctype html><title>Withdrawn</title>\n"
Keys = Mapping[RoleName, tuple[Sequence[str], int]]
"""The names of a role's keys, and how many must sign."""

KEYS: Keys = {
    "root": (("root-a", "root-b", "root-c"), 2),
    "release": (("release",), 1),
    "timestamp": (("timestamp",), 1),
    "mirrors": (("mirrors",), 1),
    "denial": (("denial",), 1),
}


def day(number: float) -> datetime:
    """So many days after the first edition."""
    return START + timedelta(days=number)


def signed(body: bytes, *names: str) -> Sealed:
    """`body` with a signature by each of these keys."""
    made = tuple(pen(name).sign(body, SIGNED_AT) for name in names)
    return Sealed(body=body, sha256=digest(body), signatures=made)


def root(version: int, keys: Keys, signers: Sequence[str], **changes: Any) -> Sealed:
    """A root with these keys in its roles; `changes` are other fields."""
    names = {name for role, _ in keys.values() for name in role}
    made = Root(
        spec=SPEC,
        channel=CHANNEL,
        issued=day(-1),
        version=version,
        expires=day(364),
        keys={pen(name).fingerprint: pen(name).key for name in names},
        roles={
            role: Role(keys=tuple(pen(name).fingerprint for name in held), threshold=needed)
            for role, (held, needed) in keys.items()
        },
    )
    return signed(replace(made, **changes).encode(), *signers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An edition: its manifest, and the files and shards that lie with it."""

    number: int
    sealed: Sealed
    files: Files


def edition(
    number: int,
    before: Edition | None = None,
    *,
    signers: Sequence[str] = ("release",),
    page: str = "",
    **changes: Any,
) -> Edition:
    """The edition with this number, made on that day; it holds one page and the notice."""
    index = f"<!doctype html><title>{number}{page}</title>\n".encode()
    files = {"en/withdrawn.html": NOTICE, "index.html": index}
    listed = tuple((path, len(body), digest(body)) for path, body in sorted(files.items()))
    shard = Shard(key="front", files=listed).encode()
    made = Manifest(
        spec=SPEC,
        channel=CHANNEL,
        issued=day(number),
        edition=number,
        root_version=1,
        expires=day(number + 30),
        oldest=number,
        removal=False,
        prev=Previous(edition=before.number, sha256=before.sealed.sha256) if before else None,
        shards=(ShardRef(key="front", sha256=digest(shard), len=len(shard)),),
        bundles=(),
        build=digest(b"build"),
    )
    body = replace(made, **changes).encode()
    return Edition(
        number=number,
        sealed=signed(body, *signers),
        files=files | {paths.shard(digest(shard)): shard},
    )


def denials(version: int = 1, signer: str = "denial", **changes: Any) -> Sealed:
    """A list of withdrawals that names nothing, or what `changes` say."""
    made = Withdrawn(
        spec=SPEC,
        channel=CHANNEL,
        issued=day(0),
        version=version,
        root_version=1,
        articles=(),
        keys=(),
    )
    return signed(replace(made, **changes).encode(), signer)


def pointer(
    named: Edition, version: int, listed: Sealed, signer: str = "timestamp", **changes: Any
) -> Sealed:
    """The pointer to an edition; its list of withdrawals is `listed`."""
    number = Withdrawn.parse(listed.body, "withdrawn.json").version
    made = Pointer(
        spec=SPEC,
        channel=CHANNEL,
        issued=day(named.number),
        version=version,
        root_version=1,
        edition=named.number,
        manifest=Sized(sha256=named.sealed.sha256, len=len(named.sealed.body)),
        withdrawn=PointedWithdrawals(version=number, sha256=listed.sha256, len=len(listed.body)),
        fresh_until=day(named.number + 1.5),
        expires=day(named.number + 7),
    )
    return signed(replace(made, **changes).encode(), *([signer] if signer else []))


def here(named: Edition, signer: str = "mirrors", **changes: Any) -> Sealed:
    """What is local to the mirror."""
    made = Here(
        spec=SPEC,
        channel=CHANNEL,
        issued=day(named.number),
        version=named.number,
        root_version=1,
        edition=named.number,
        base=None,
        ways=(Sized(sha256=digest(WAYS), len=len(WAYS)),),
        hints=(),
        expires=day(named.number + 3),
    )
    return signed(replace(made, **changes).encode(), signer)


def hints(signer: str = "mirrors", **changes: Any) -> Sealed:
    """The hint file of a shard, whose leaves are all given one mirror."""
    tokens = [token for _, token in leaves(bytes(range(32)), "mail\0001", "")]
    salt = bytes(range(16))
    made = Hints(
        spec=SPEC,
        channel=CHANNEL,
        issued=day(0),
        version=1,
        root_version=1,
        shard=tokens[0].shard,
        salt=salt.hex(),
        slots=slips.slots({one.key: "https://leaf.example/" for one in tokens}, salt),
        expires=day(7),
    )
    return signed(replace(made, **changes).encode(), signer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a mirror shows at one time."""

    roots: Sequence[Sealed]
    edition: Edition
    pointer: Sealed
    listed: Sealed
    here: Sealed

    def files(self) -> Files:
        """All that lies there."""
        found = {"ways.html": WAYS} | self.edition.files
        for version, one in enumerate(self.roots, 1):
            found |= dict(lasting(paths.root(version), one))
        found |= dict(lasting(paths.manifest(self.edition.number), self.edition.sealed))
        found |= dict(passing("latest.json", self.pointer))
        found |= dict(passing("withdrawn.json", self.listed))
        return found | dict(passing("here.json", self.here))


ROOT = root(1, KEYS, ("root-a", "root-b"))


def shown(
    number: int = 3,
    version: int | None = None,
    *,
    roots: Sequence[Sealed] = (ROOT,),
    made: Edition | None = None,
    listed: Sealed | None = None,
    **changes: Any,
) -> Shown:
    """A sound mirror with edition `number` under a pointer of `version`; `changes` bend that."""
    one, gone = made or edition(number), listed or denials()
    told = pointer(one, version or number, gone, **changes)
    return Shown(roots=roots, edition=one, pointer=told, listed=gone, here=here(one))
