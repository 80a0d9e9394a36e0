"""Values that the ledger's contract suites put into it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tamizdat.article import ArticleId, article_id
from tamizdat.digest import digest
from tamizdat.edition import Sealed, SealedEdition, SealedPointer, Signature, Stamp
from tamizdat.ledgers import Record, Rendered
from tamizdat.wire import Manifest, PointedWithdrawals, Pointer, Previous, Sized

START = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
CHANNEL = "0" * 32


def name(number: int) -> ArticleId:
    """The id of the article with this number."""
    return article_id(b"salt", "test", str(number))


def released(number: int, *, language: str = "ru", section: str | None = "news") -> Record:
    """An article's first revision: the higher the number, the later by an hour."""
    return Record(
        id=name(number),
        revision=1,
        language=language,
        section=section,
        published=START + timedelta(hours=number),
        text=digest(f"{number} 1".encode()),
        page=None,
        entry=None,
        withdrawn=None,
    )


def revised(record: Record, *, section: str | None = "news") -> Record:
    """Its next revision."""
    revision = record.revision + 1
    text = digest(f"{record.id} {revision}".encode())
    return replace(record, revision=revision, text=text, section=section)


def rendered(record: Record) -> Rendered:
    """What an edition might make of it."""
    page = f"page of {record.id} {record.revision}".encode()
    return Rendered(
        id=record.id,
        revision=record.revision,
        page=Stamp(digest(page), len(page)),
        entry=None if record.withdrawn else digest(b"entry" + page),
    )


def seal(body: bytes, signers: int = 2) -> Sealed:
    """`body` with signatures that are shaped like ours."""
    signatures = tuple(
        Signature(fingerprint=f"{n:040X}", armor=f"-----BEGIN PGP SIGNATURE-----\n{n}\n")
        for n in range(signers)
    )
    return Sealed(body=body, sha256=digest(body), signatures=signatures)


def edition(number: int) -> SealedEdition:
    """An edition with this number."""
    manifest = Manifest(
        spec="1.0",
        channel=CHANNEL,
        issued=START,
        edition=number,
        root_version=1,
        expires=START + timedelta(days=30),
        oldest=1,
        removal=False,
        prev=Previous(edition=number - 1, sha256=digest(b"")) if number > 1 else None,
        shards=(),
        bundles=(),
        build=digest(b"build"),
    )
    return SealedEdition(manifest=manifest, sealed=seal(manifest.encode()))


def pointer(version: int) -> SealedPointer:
    """A pointer of this version."""
    value = Pointer(
        spec="1.0",
        channel=CHANNEL,
        issued=START,
        version=version,
        root_version=1,
        edition=1,
        manifest=Sized(sha256=digest(b""), len=0),
        withdrawn=PointedWithdrawals(sha256=digest(b""), len=0, version=1),
        fresh_until=START + timedelta(days=1),
        expires=START + timedelta(days=2),
    )
    return SealedPointer(pointer=value, sealed=seal(value.encode(), signers=1))
