"""Closed pictures: those of drafts, closed as drafts are, until what shows them is released."""

import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from store.blobs import FolderBlobs
from store.closed import Closed
from tamizdat.closing import Closing
from tamizdat.digest import Digest, digest
from tamizdat.errors import BlobMissingError, SourceError
from tamizdat.padding import padme

_SIGN = 32
"""Bytes before what is closed: a keyed digest of the picture's, by which it is found again."""

_LENGTH = 8
"""Bytes that tell how long a picture is; after it come zeros, up to a Padmé length."""


class ClosedPictures:
    """Files by the hash of their closed bytes, and found by that of the bytes within.

    Which picture a file holds stands before its closed bytes, under the key: whoever has the folder
    cannot tell it, nor whether a picture of theirs lies there: lengths are rounded up.
    """

    def __init__(self, folder: Path, closed: Closed, *, durable: bool = True) -> None:
        self._files = FolderBlobs(folder, durable=durable)
        self._folder = folder
        self._closed = closed
        self._known: dict[bytes, Digest] | None = None
        self._looking = threading.Lock()

    def write(self, body: bytes) -> Digest:
        """Keep `body`, closed; gives the digest of `body`. Survives a crash once returned."""
        sha256 = digest(body)
        sign = self._closed.sign(sha256)
        known = self._look() if self._known is None else self._known
        if sign not in known or not self._files.has(known[sign]):
            known[sign] = self._files.write(sign + self._closed.close(_wide(body), _about(sign)))
        return sha256

    def read(self, sha256: Digest) -> bytes:
        """The bytes, opened; BlobMissingError where they are not here or no longer match."""
        name = self._find(sha256)
        if name is None:
            raise BlobMissingError(f"blob {sha256} is not in {self._folder}")
        try:
            body = opened(self._files.read(name), self._closed)
        except SourceError:
            body = b""
        if digest(body) != sha256:
            raise BlobMissingError(f"blob {sha256} in {self._folder} is damaged: restore it")
        return body

    def has(self, sha256: Digest) -> bool:
        """Whether it lies here."""
        return self._find(sha256) is not None

    def lying(self, wanted: Iterable[Digest]) -> frozenset[Digest]:
        """Those of `wanted` that lie here."""
        known = self._look()
        return frozenset(one for one in wanted if known and self._closed.sign(one) in known)

    def keep_only(self, wanted: Iterable[Digest]) -> frozenset[Digest]:
        """Delete everything else; gives those of `wanted` that lie here."""
        kept = self.lying(wanted)
        known = self._known or {}
        self._files.keep_only(known[self._closed.sign(one)] for one in kept)
        self._look()
        return kept

    def _find(self, sha256: Digest) -> Digest | None:
        """The file that holds it. Another program may have laid it there since we looked."""
        sign = self._closed.sign(sha256)
        known = (self._known or {}).get(sign)
        return known if known and self._files.has(known) else self._look().get(sign)

    def _look(self) -> dict[bytes, Digest]:
        """All files there, by sign: their first bytes are read once."""
        with self._looking:
            lying = {Digest(path.name): path for path in self._folder.glob("*/[0-9a-f]*")}
            signs = {name: sign for sign, name in (self._known or {}).items() if name in lying}
            for name in lying.keys() - signs.keys():
                with suppress(FileNotFoundError), lying[name].open("rb") as file:
                    signs[name] = file.read(_SIGN)
            self._known = {sign: name for name, sign in signs.items()}
            return self._known


def opened(told: bytes, closing: Closing) -> bytes:
    """The picture in a file of such a folder; SourceError without the key, or where it is damaged.

    What is under another sign than its own opens as nothing.
    """
    sign = told[:_SIGN]
    wide = closing.open(told[_SIGN:], _about(sign))
    length = int.from_bytes(wide[:_LENGTH])
    return wide[_LENGTH : _LENGTH + length]


def _wide(body: bytes) -> bytes:
    told = len(body).to_bytes(_LENGTH) + body
    return told.ljust(padme(len(told)), b"\0")


def _about(sign: bytes) -> str:
    return f"picture {sign.hex()}"
