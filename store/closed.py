"""Closed bytes: AES-256-GCM under the newsroom's own key, which is never on the disk with them."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tamizdat.closing import MARK, Closing
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
        self._naming = hmac.digest(key, b"names of what is closed", "sha256")

    def close(self, body: bytes, about: str) -> bytes:
        """What may lie on a disk; never the same twice."""
        nonce = os.urandom(NONCE)
        return MARK + nonce + self._cipher.encrypt(nonce, body, about.encode())

    def sign(self, sha256: Digest) -> bytes:
        """32 bytes by which this key knows what has that digest, and nobody else does."""
        return hmac.digest(self._naming, sha256.encode(), "sha256")

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


def key_of(passphrase: str, salt: bytes) -> bytes:
    """The key that a passphrase stands for in one newsroom."""
    return hashlib.scrypt(
        passphrase.encode(), salt=b"closed\0" + salt, n=COST, r=8, p=1, maxmem=2**27, dklen=32
    )


_: type[Closing] = Closed
