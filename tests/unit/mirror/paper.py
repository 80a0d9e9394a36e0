"""A small newspaper for tests: editions, targets, and a check that a tree of files is whole."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mirror.target import LyingEdition, Target
from tamizdat import paths
from tamizdat.digest import Digest, digest
from tamizdat.edition import Sealed, SealedEdition, SealedPointer, Signature
from tamizdat.errors import BlobMissingError
from tamizdat.ledgers import Overlay
from tamizdat.placement import Exposure, Lying, Mirror, MirrorId, MirrorState
from tamizdat.wire import (
    BundleRef,
    Here,
    Key,
    Manifest,
    PointedWithdrawals,
    Pointer,
    Previous,
    Role,
    Root,
    Shard,
    ShardRef,
    Sized,
    Withdrawn,
)

CHANNEL = "c" * 32
SIGNER = "A" * 40
START = datetime(2026, 11, 23, 18, tzinfo=UTC)
BASE = "https://one.example/paper/"
PER_LIST = 3
LINK = re.compile(r"^href (\S+)$", re.MULTILINE)


class Clock:
    """Always the same moment."""

    def now(self) -> datetime:
        return START


class Blobs:
    """Blobs in a dict, which count how often they are read."""

    def __init__(self) -> None:
        self.kept: dict[Digest, bytes] = {}
        self.reads: list[Digest] = []

    def write(self, body: bytes) -> Digest:
        self.kept[digest(body)] = body
        return digest(body)

    def read(self, sha256: Digest) -> bytes:
        self.reads.append(sha256)
        if sha256 not in self.kept:
            raise BlobMissingError(f"blob {sha256[:12]} is not here")
        return self.kept[sha256]

    def has(self, sha256: Digest) -> bool:
        return sha256 in self.kept

    def keep_only(self, wanted: Iterable[Digest]) -> int:
        kept = {one: self.kept[one] for one in wanted if one in self.kept}
        gone, self.kept = len(self.kept) - len(kept), kept
        return gone


@dataclass(frozen=True)
class Piece:
    """An article: `month` of first publication, a text, and pictures told by a word each."""

    month: str
    text: str
    pictures: tuple[str, ...] = ()


@dataclass
class Paper:
    """Composes editions of `pieces` (by article id) and keeps their bytes."""

    blobs: Blobs = field(default_factory=Blobs)
    editions: list[SealedEdition] = field(default_factory=list)
    withdrawn_version: int = 1
    pointer_version: int = 0
    kept: int = 2

    def publish(self, pieces: Mapping[str, Piece], *, removal: bool = False) -> SealedEdition:
        number = len(self.editions) + 1
        before = self.editions[-1] if self.editions else None
        bundle = self._bundle(pieces, number)
        pages = self._shards(pieces, bundle)
        manifest = Manifest(
            spec="1.0",
            channel=CHANNEL,
            issued=START + timedelta(minutes=number),
            edition=number,
            root_version=1,
            expires=START + timedelta(days=30),
            oldest=max(1, number - self.kept),
            removal=removal,
            prev=Previous(edition=before.number, sha256=before.sealed.sha256) if before else None,
            shards=tuple(sorted(pages, key=lambda one: one.key)),
            bundles=(bundle,),
            build=digest(b"build"),
        )
        edition = SealedEdition(manifest=manifest, sealed=sealed(manifest.encode()))
        self.editions.append(edition)
        return edition

    def target(self, *, base: str | None = BASE, ways: str = "ways", before: str = "") -> Target:
        edition = self.editions[-1]
        withdrawals = sealed(self._withdrawn())
        self.pointer_version += 1
        pointer = self._pointer(edition, withdrawals)
        body = ways.encode()
        here = Here(
            spec="1.0",
            channel=CHANNEL,
            issued=START,
            version=self.pointer_version,
            root_version=1,
            edition=edition.number,
            base=base,
            ways=tuple(sized(one.encode()) for one in (ways, before) if one),
            hints=(),
            expires=START + timedelta(days=3),
        )
        return Target(
            edition=edition,
            roots=(sealed(root()),),
            kept=tuple(one.kept for one in self.editions[edition.manifest.oldest - 1 : -1]),
            pointer=SealedPointer(pointer=pointer, sealed=sealed(pointer.encode())),
            withdrawn=withdrawals,
            overlay=Overlay(here=sealed(here.encode()), ways=body),
            base=base,
        )

    def lying(self, facts: Sequence[Lying]) -> tuple[LyingEdition, ...]:
        return tuple(
            LyingEdition(edition=self.editions[fact.edition - 1], phase=fact.phase)
            for fact in facts
        )

    def load(self, sha256: Digest) -> Shard:
        return Shard.parse(self.blobs.read(sha256), "shard")

    def _pointer(self, edition: SealedEdition, withdrawals: Sealed) -> Pointer:
        return Pointer(
            spec="1.0",
            channel=CHANNEL,
            issued=START,
            version=self.pointer_version,
            root_version=1,
            edition=edition.number,
            manifest=sized(edition.sealed.body),
            withdrawn=PointedWithdrawals(
                version=self.withdrawn_version,
                sha256=withdrawals.sha256,
                len=len(withdrawals.body),
            ),
            fresh_until=START + timedelta(hours=36),
            expires=START + timedelta(days=7),
        )

    def _withdrawn(self) -> bytes:
        return Withdrawn(
            spec="1.0",
            channel=CHANNEL,
            issued=START,
            version=self.withdrawn_version,
            root_version=1,
            articles=(),
            keys=(),
        ).encode()

    def _bundle(self, pieces: Mapping[str, Piece], number: int) -> BundleRef:
        body = "".join(f"{one}: {piece.text}\n" for one, piece in sorted(pieces.items())).encode()
        self.blobs.write(body)
        return BundleRef(
            kind="html",
            language="en",
            edition=number,
            sha256=digest(body),
            len=len(body),
            unpacked=len(body),
            files=1,
        )

    def _shards(self, pieces: Mapping[str, Piece], bundle: BundleRef) -> Iterable[ShardRef]:
        for month in sorted({piece.month for piece in pieces.values()}):
            chosen = {one: piece for one, piece in pieces.items() if piece.month == month}
            yield self._shard(f"en/{month}", articles(chosen))
        lists = listed(pieces)
        yield self._shard("en/lists/0", lists)
        yield self._shard("front", front(pieces, lists, paths.bundle(bundle.sha256, "html")))

    def _shard(self, key: str, files: Mapping[str, bytes]) -> ShardRef:
        for body in files.values():
            self.blobs.write(body)
        shard = Shard(
            key=key,
            files=tuple((path, len(files[path]), digest(files[path])) for path in sorted(files)),
        )
        body = shard.encode()
        return ShardRef(key=key, sha256=self.blobs.write(body), len=len(body))


def sealed(body: bytes) -> Sealed:
    signature = Signature(fingerprint=SIGNER, armor=f"signed {digest(body)}\n")
    return Sealed(body=body, sha256=digest(body), signatures=(signature,))


def sized(body: bytes) -> Sized:
    return Sized(sha256=digest(body), len=len(body))


def root(version: int = 1) -> bytes:
    return Root(
        spec="1.0",
        channel=CHANNEL,
        issued=START,
        version=version,
        expires=START + timedelta(days=365),
        keys={SIGNER: Key(alg="ed25519", created=1, raw="A" * 43 + "=")},
        roles={"release": Role(keys=(SIGNER,), threshold=1)},
    ).encode()


def page(text: str, links: Iterable[str] = ()) -> bytes:
    return "\n".join([text, *(f"href {link}" for link in links), ""]).encode()


def address(article: str, piece: Piece) -> str:
    return f"en/{piece.month[:4]}/{article}.html"


def picture(word: str) -> tuple[str, bytes]:
    body = f"picture {word}".encode()
    return f"o/{digest(body)[:2]}/{digest(body)}.png", body


def articles(pieces: Mapping[str, Piece]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for article, piece in pieces.items():
        pictures = dict(picture(word) for word in piece.pictures)
        files |= pictures
        files[address(article, piece)] = page(piece.text, [*pictures, "en/check.html"])
    return files


def listed(pieces: Mapping[str, Piece]) -> dict[str, bytes]:
    ordered = sorted(pieces, key=lambda one: (pieces[one].month, one))
    files: dict[str, bytes] = {}
    for index in range(0, len(ordered), PER_LIST):
        links = [address(one, pieces[one]) for one in ordered[index : index + PER_LIST]]
        files[f"en/lists/{index // PER_LIST + 1}.html"] = page("list", links)
    return files


def front(pieces: Mapping[str, Piece], lists: Mapping[str, bytes], bundle: str) -> dict[str, bytes]:
    pages = [address(one, piece) for one, piece in pieces.items()]
    feed = "".join(f"<id>{paths.PLACEHOLDER}{one}</id>\n" for one in sorted(pages))
    return {
        "index.html": page("all", ["en/index.html"]),
        "bundles.html": page("bundles", [bundle]),
        "en/index.html": page(
            "front", [*sorted(lists), *sorted(pages)[-1:], "en/s-war/index.html"]
        ),
        "en/s-war/index.html": page("section", [*sorted(lists), "en/check.html"]),
        "en/atom.xml": feed.encode(),
        "en/check.html": page("how to check"),
        "en/withdrawn.html": page("withdrawn"),
    }


def mirror(name: str = "one", base: str | None = BASE) -> Mirror:
    return Mirror(
        id=MirrorId(name),
        backend="memory",
        base=base,
        folder=None,
        state=MirrorState.ACTIVE,
        exposure=Exposure.PUBLIC,
        group="open",
    )
