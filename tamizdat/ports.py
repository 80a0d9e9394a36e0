"""The seams: small Protocols between the rooms. Each has one contract suite in tests/contract."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from tamizdat.digest import Digest
from tamizdat.edition import Signature


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The moment, in UTC, whole seconds."""
        ...


class Blobs(Protocol):
    """Files by hash. Blocking: call it off the event loop."""

    def write(self, body: bytes) -> Digest:
        """Keep `body`; writing the same bytes twice is free. Survives a crash once returned."""
        ...

    def read(self, sha256: Digest) -> bytes:
        """The bytes; BlobMissingError where they are not here or no longer match their name."""
        ...

    def has(self, sha256: Digest) -> bool:
        """Whether the bytes are here."""
        ...

    def keep_only(self, wanted: Iterable[Digest]) -> int:
        """Delete everything else; returns how many files went."""
        ...


class Signer(Protocol):
    """Signs in one role."""

    async def sign(self, body: bytes) -> tuple[Signature, ...]:
        """A detached signature over `body` by each key of the role that is at hand.

        Each was verified before it is returned. Raises SigningError.
        """
        ...


class Backend(Protocol):
    """One mirror, as its owner reaches it. Every method raises BackendError."""

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        """Lay `body` at `path`, replacing what is there at one stroke."""
        ...

    async def delete(self, path: str) -> None:
        """Remove `path`; nothing happens where it is not there."""
        ...

    async def paths(self) -> Sequence[str]:
        """Every path that lies there, sorted."""
        ...

    async def close(self) -> None:
        """Let go of connections and threads."""
        ...


class Reader(Protocol):
    """One mirror, as a stranger reads it: no credentials, no cache."""

    async def fetch(self, path: str, limit: int) -> bytes | None:
        """The bytes at `path`, None where nothing is there.

        Raises BackendError where the mirror does not answer, or answers over `limit` bytes.
        """
        ...
