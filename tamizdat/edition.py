"""An edition: the numbered, complete set of files that readers get."""

from collections.abc import Mapping
from dataclasses import dataclass

from tamizdat.digest import Digest
from tamizdat.wire import Manifest, Pointer

MAX_FILE = 64 * 1024 * 1024
"""No file of an edition is larger, in bytes; readers stop there (formats 3.12)."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is known of a file's bytes."""

    sha256: Digest
    length: int


MAX_AHEAD = 64
"""How many editions after the pointer's a reader on the web looks for (formats 4.3)."""

Files = Mapping[str, Stamp]
"""Paths, each with its stamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A detached, armored OpenPGP signature and the fingerprint of the (sub)key that made it."""

    fingerprint: str
    armor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Exact bytes of a signed file, with the signatures over them."""

    body: bytes
    sha256: Digest
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEdition:
    """An edition whose manifest is signed. Its shards and files lie in the blobs."""

    manifest: Manifest
    sealed: Sealed

    @property
    def number(self) -> int:
        """The edition's number."""
        return self.manifest.edition

    @property
    def kept(self) -> "KeptEdition":
        """What is kept of it once it is an earlier one."""
        prev = self.manifest.prev
        follows = prev.edition if prev else 0
        return KeptEdition(number=self.number, follows=follows, sealed=self.sealed)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEdition:
    """An earlier edition of which a mirror keeps the signed manifest: its bytes, not what it says.

    `follows` is the number of the one before it, 0 where it names none. A running service holds
    hundreds of them.
    """

    number: int
    follows: int
    sealed: Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPointer:
    """A signed pointer."""

    pointer: Pointer
    sealed: Sealed
