"""Closing: bytes that only lie closed on a disk, under a key that the service is given at start."""

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from tamizdat.digest import Digest
from tamizdat.errors import SourceError

MARK = b"\x00closed\x01"
"""Begins what is closed. No text, record or picture of ours begins so."""

DRAFT = "draft"
"""What the text of a story is closed as, before it is released."""


class Closing(Protocol):
    """Closes bytes and opens them.

    `about` is bound to them: what is closed as one thing opens as no other.
    """

    def close(self, body: bytes, about: str) -> bytes:
        """What may lie on a disk."""
        ...

    def open(self, body: bytes, about: str) -> bytes:
        """What was closed; what never was comes back as it is. SourceError under another key."""
        ...


@runtime_checkable
class Drawer(Protocol):
    """Blobs of which some lie closed for as long as only drafts show them. Blocking."""

    def write_closed(self, body: bytes) -> Digest:
        """Keep `body`, closed where there is a key and it lies nowhere open. Survives a crash."""
        ...

    def lay_open(self, names: Iterable[Digest]) -> None:
        """What lies closed is released: it lies beside the others from now on."""
        ...

    def keep_closed(self, wanted: Iterable[Digest]) -> frozenset[Digest]:
        """Close what of `wanted` lies open, delete what else lies closed; gives what lies closed.

        Whoever calls it deletes the open ones.
        """
        ...


class Open:
    """Closes nothing: for a newsroom that was given no key."""

    def close(self, body: bytes, about: str) -> bytes:
        """The same bytes."""
        del about
        return body

    def open(self, body: bytes, about: str) -> bytes:
        """The same bytes, where they lie open."""
        if body.startswith(MARK):
            raise SourceError(f"this {about} is closed: start with its passphrase (desk.sealed)")
        return body


OPEN: Closing = Open()
