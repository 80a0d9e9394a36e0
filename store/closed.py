"""Closed bytes: AES-256-GCM under the newsroom's own key, which is never on the disk with them."""

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.blobs import FolderBlobs
from tamizdat.closing import DRAFT, MARK, Closing
from tamizdat.digest import Digest
from tamizdat.errors import SourceError

NONCE = 12
"""Random bytes before each body: safe for four billion bodies under one key."""

COST = 2**16
"""Of scrypt: 64 MiB and a fifth of a second for each guess at the passphrase."""


class Closed:
    """Closes and opens under a key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, body: bytes, about: str) -> bytes:
        """What may lie on a disk; never the same twice."""
        nonce = os.urandom(NONCE)
        return MARK + nonce + self._cipher.encrypt(nonce, body, about.encode())

    def open(self, body: bytes, about: str) -> bytes:
        """What was closed; what never was comes back as it is. SourceError under another key."""
        if not body.startswith(MARK):
            return body
        nonce, sealed = body[len(MARK) :][:NONCE], body[len(MARK) + NONCE :]
        try:
            return self._cipher.decrypt(nonce, sealed, about.encode())
        except (InvalidTag, ValueError):
            raise SourceError(
                f"this {about} is damaged, or closed under another passphrase (desk.sealed)"
            ) from None


class ClosedBlobs(FolderBlobs):
    """Files by hash, of which drafts lie closed: `read` opens them, and gives others as they are.

    A closed file bears the hash of its closed bytes, so its name tells nothing of what it says.
    """

    def __init__(self, folder: Path, closing: Closing, *, durable: bool = True) -> None:
        super().__init__(folder, durable=durable)
        self._closing = closing

    def read(self, sha256: Digest) -> bytes:
        """The bytes, opened; SourceError where the key for them is not here."""
        return self._closing.open(super().read(sha256), DRAFT)

    def lies_open(self, sha256: Digest) -> bool:
        """Whether whoever takes the disk can read it; not where it is missing."""
        try:
            with self._path(sha256).open("rb") as file:
                return file.read(len(MARK)) != MARK
        except OSError:
            return False


def key_of(passphrase: str, salt: bytes) -> bytes:
    """The key that a passphrase stands for in one newsroom."""
    return hashlib.scrypt(
        passphrase.encode(), salt=b"closed\0" + salt, n=COST, r=8, p=1, maxmem=2**27, dklen=32
    )


_: type[Closing] = Closed
