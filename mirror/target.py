"""A target: everything that shall lie on one mirror, and what may lie there already."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tamizdat import paths
from tamizdat.digest import digest
from tamizdat.edition import KeptEdition, Sealed, SealedEdition, SealedPointer, Stamp
from tamizdat.ledgers import Overlay
from tamizdat.placement import Phase
from tamizdat.wire import BundleRef

HERE, WITHDRAWN, POINTER, WAYS = "here.json", "withdrawn.json", "latest.json", "ways.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class LyingEdition:
    """An edition that may lie on a mirror, and how far (the pool knows the number and phase)."""

    edition: SealedEdition
    phase: Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An edition with all that must lie beside it.

    `roots` are versions 1 to the newest; `kept` are the editions from the manifest's `oldest` to
    the one before (formats 4.5); `base` is the mirror's address, None where it has none; `hints`
    are the hint files, by their path.
    """

    edition: SealedEdition
    roots: tuple[Sealed, ...]
    kept: tuple[KeptEdition, ...]
    pointer: SealedPointer
    withdrawn: Sealed
    overlay: Overlay
    base: str | None
    hints: Mapping[str, Sealed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        manifest = self.edition.manifest
        numbers = [manifest.oldest, *(kept.number for kept in self.kept), manifest.edition]
        chain = [one.follows for one in self.manifests[1:]]
        if numbers[0] != numbers[1] or chain != numbers[1:-1]:
            raise ValueError("kept are the editions from oldest to the one before (formats 4.5)")
        if self.pointer.pointer.edition != manifest.edition:
            raise ValueError("the pointer points at another edition")
        if not self.roots:
            raise ValueError("a mirror needs every root (formats 3.2)")
        passing = (self.pointer.sealed, self.withdrawn, self.overlay.here, *self.hints.values())
        for changing in passing:
            if len(changing.signatures) != 1:
                raise ValueError("a file that changes has one signature (formats 2.2)")

    @property
    def manifests(self) -> tuple[KeptEdition, ...]:
        """The editions whose manifests must lie there, oldest first."""
        return (*self.kept, self.edition.kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """One file to put. `body` is None where the bytes lie in the blobs under the stamp."""

    path: str
    stamp: Stamp
    body: bytes | None = None
    address: bool = True
    """False: a feed that keeps the placeholder for now (formats 3.9)."""


def literal(path: str, body: bytes) -> Put:
    """A file whose bytes are at hand."""
    return Put(path=path, stamp=Stamp(digest(body), len(body)), body=body)


def lasting(path: str, sealed: Sealed) -> tuple[tuple[Put, ...], Put]:
    """The signatures of a file that never changes, and the file (formats 2.1)."""
    signatures = tuple(
        literal(paths.lasting_signature(path, one.fingerprint), one.armor.encode("ascii"))
        for one in sealed.signatures
    )
    return signatures, literal(path, sealed.body)


def passing(path: str, sealed: Sealed) -> tuple[Put, Put]:
    """The signature of a file that changes, and the file (formats 2.2)."""
    signature = sealed.signatures[0].armor.encode("ascii")
    return (
        literal(paths.passing_signature(path, sealed.sha256), signature),
        literal(path, sealed.body),
    )


def bundle_path(bundle: BundleRef) -> str:
    """Where a bundle of a manifest lies."""
    return paths.bundle(bundle.sha256, bundle.extension)
