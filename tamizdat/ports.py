"""The seams: small Protocols between the rooms. Each has one contract suite in tests/contract."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from tamizdat.article import SafeHtml
from tamizdat.digest import Digest
from tamizdat.edition import Signature
from tamizdat.letter import FeedPage, Handed, Letter, SealedSlip
from tamizdat.measurement import Aim, Content, Measurement, Vantage


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


@runtime_checkable
class Many(Protocol):
    """Blobs that can keep many files for one wait."""

    def write_all(self, bodies: Sequence[bytes]) -> Sequence[Digest]:
        """Keep `bodies`, all of which survive a crash once this has returned."""
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


class Fetch(Protocol):
    """Takes one file from the mirror that is being measured."""

    async def __call__(self, path: str, limit: int) -> bytes | None:
        """The bytes at `path`, None where the mirror answers otherwise than with a file.

        Raises BackendError where it does not answer; the probe has noted why.
        """
        ...


class ContentCheck(Protocol):
    """Tells whether what lies on a mirror is ours."""

    async def check(self, fetch: Fetch) -> Content:
        """Fetch what proves it, and a random page; says what was found. Raises BackendError."""
        ...


class Probe(Protocol):
    """Looks at a mirror as a reader would, and notes each step."""

    async def measure(self, target: Aim, vantage: Vantage) -> Measurement:
        """What `vantage` sees of `target`. A failure is data; ExposureError where it may not."""
        ...


class Cleaner(Protocol):
    """Makes foreign HTML safe."""

    def __call__(self, html: str) -> SafeHtml:
        """`html` with nothing left that runs, loads or hides. Never raises."""
        ...


class Gateway(Protocol):
    """One email-to-feed gateway: letters go in, a feed comes out. Neither method raises."""

    async def send(self, letters: Sequence[Letter]) -> Sequence[Handed]:
        """Hand letters over, in this order; one answer for each."""
        ...

    async def read(self) -> FeedPage | None:
        """The whole feed as it stands, at the cost of one request; None where it cannot be had."""
        ...


class SlipGate(Protocol):
    """Decides whether a slip of letters is signed as our roots demand."""

    def admit(self, slip: SealedSlip) -> None:
        """Nothing where it is; FormatError where it is not."""
        ...
