"""A waiting edition: composed and numbered, but not out, since signatures of others are missing.

Its bytes lie in a blob, which a fact names. Nothing of it is in the ledger's editions, on a mirror
or in a feed until it has all signatures.
"""

import asyncio
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from service.bundling import Unsigned
from tamizdat import canonical, paths
from tamizdat.article import ArticleId
from tamizdat.digest import Digest, digest
from tamizdat.edition import Stamp
from tamizdat.errors import LedgerError
from tamizdat.ledgers import Facts, Record, Rendered
from tamizdat.ports import Blobs
from tamizdat.record import Record as Part
from tamizdat.wire import BundleRef, Manifest, Number, Sha256, Slip

WAITING = "waiting edition"
TAKEN = "signatures of the waiting edition"
SHOWN = "highest edition shown to others"
FINISHED = "bundles that wait for an edition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The bytes that people sign, and what to record once they did.

    `whole`: everything was rendered anew.
    """

    body: bytes
    rendered: Sequence[Rendered]
    changed: Sequence[Record]
    bundles: Sequence[Unsigned]
    whole: bool

    @property
    def manifest(self) -> Manifest:
        """What the edition says."""
        return Manifest.parse(self.body, "manifest.json")

    @property
    def sha256(self) -> Digest:
        """The digest of the manifest."""
        return digest(self.body)

    @property
    def path(self) -> str:
        """Where the manifest will lie."""
        return paths.manifest(self.manifest.edition)

    @property
    def blobs(self) -> frozenset[Digest]:
        """The files by hash that only it needs; its shards name more."""
        return frozenset(Slip.parse(one.slip, "slip").body.sha256 for one in self.bundles)

    def encode(self) -> bytes:
        """As it lies in a blob."""
        filed = _File(
            manifest=self.body.decode(),
            rendered=tuple(_rendered(one) for one in self.rendered),
            changed=tuple(_changed(one) for one in self.changed),
            bundles=tuple(_unsigned(one) for one in self.bundles),
            whole=self.whole,
        )
        return canonical.encode(filed.plain())

    @classmethod
    def decode(cls, body: bytes) -> "Waiting":
        """The waiting edition in a blob of ours."""
        filed = _File.read(canonical.decode(body, WAITING))
        return cls(
            body=filed.manifest.encode(),
            rendered=[one.value for one in filed.rendered],
            changed=[one.value for one in filed.changed],
            bundles=[one.value for one in filed.bundles],
            whole=filed.whole,
        )

    @property
    def languages(self) -> frozenset[str]:
        """The languages of its bundles."""
        return frozenset(Slip.parse(one.slip, "slip").language for one in self.bundles)

    def is_of(self, changed: Sequence[Record]) -> bool:
        """Whether it was made of just these changes."""
        return _marks(self.changed) == _marks(changed)


async def waiting(facts: Facts, blobs: Blobs) -> Waiting | None:
    """The edition that waits, None where none does."""
    named = await facts.get(WAITING)
    if not named:
        return None
    return Waiting.decode(await asyncio.to_thread(blobs.read, Digest(named)))


async def wait(facts: Facts, blobs: Blobs, one: Waiting) -> None:
    """Let an edition wait, in the place of any other."""
    sha256 = await asyncio.to_thread(blobs.write, one.encode())
    await facts.set(TAKEN, "")
    await facts.set(WAITING, sha256)


async def wait_no_more(facts: Facts) -> None:
    """The edition that waited is out, or will never be. Costs one question where none does."""
    if not await facts.get(WAITING):
        return
    await facts.set(WAITING, "")
    await facts.set(TAKEN, "")


async def ready_bundles(facts: Facts) -> Sequence[BundleRef]:
    """Bundles that have all signatures, and wait for an edition that names them."""
    return [BundleRef.read(one) for one in json.loads(await facts.get(FINISHED) or "[]")]


async def drop_bundles(facts: Facts, languages: Collection[str]) -> None:
    """Forget bundles in these languages that wait: what they hold was taken back since."""
    ready = await ready_bundles(facts)
    kept = [one for one in ready if one.language not in languages]
    if len(kept) < len(ready):
        await facts.set(FINISHED, json.dumps([one.plain() for one in kept]))


async def shown(facts: Facts) -> int:
    """The highest number that was ever shown to others: it is not used for other bytes."""
    return int(await facts.get(SHOWN) or 0)


async def show(facts: Facts, one: Waiting) -> None:
    """Note that an edition is about to be shown to others; LedgerError where it changed."""
    named = await facts.get(WAITING)
    if named != digest(one.encode()):
        raise LedgerError("the edition that waits has changed meanwhile: try again")
    await facts.set(SHOWN, str(max(await shown(facts), one.manifest.edition)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rendered(Part):
    closed: ClassVar[bool] = True

    id: str
    revision: Number
    sha256: Sha256
    length: int
    entry: str

    @property
    def value(self) -> Rendered:
        page = Stamp(self.sha256, self.length)
        return Rendered(
            id=ArticleId(self.id),
            revision=self.revision,
            page=page,
            entry=Digest(self.entry) if self.entry else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changed(Part):
    closed: ClassVar[bool] = True

    id: str
    revision: Number
    language: str
    published: datetime
    withdrawn: datetime | None

    @property
    def value(self) -> Record:
        return Record(
            id=ArticleId(self.id),
            revision=self.revision,
            language=self.language,
            section=None,
            published=self.published,
            text=None,
            page=None,
            entry=None,
            withdrawn=self.withdrawn,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unsigned(Part):
    closed: ClassVar[bool] = True

    slip: str
    trailer: int
    files: int
    unpacked: int | None

    @property
    def value(self) -> Unsigned:
        return Unsigned(
            slip=self.slip.encode(),
            trailer=self.trailer,
            files=self.files,
            unpacked=self.unpacked,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _File(Part):
    closed: ClassVar[bool] = True

    manifest: str
    rendered: tuple[_Rendered, ...]
    changed: tuple[_Changed, ...]
    bundles: tuple[_Unsigned, ...]
    whole: bool


def _marks(records: Sequence[Record]) -> set[tuple[str, int, object]]:
    return {(one.id, one.revision, one.withdrawn) for one in records}


def _rendered(one: Rendered) -> _Rendered:
    return _Rendered(
        id=one.id,
        revision=one.revision,
        sha256=one.page.sha256,
        length=one.page.length,
        entry=one.entry or "",
    )


def _changed(one: Record) -> _Changed:
    return _Changed(
        id=one.id,
        revision=one.revision,
        language=one.language,
        published=one.published,
        withdrawn=one.withdrawn,
    )


def _unsigned(one: Unsigned) -> _Unsigned:
    return _Unsigned(
        slip=one.slip.decode(), trailer=one.trailer, files=one.files, unpacked=one.unpacked
    )
