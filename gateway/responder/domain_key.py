"""A domain key: the public half by which a domain signs mail, as DNS tells it. Pure.

RFC 6376 3.6.1; Ed25519 is RFC 8463, sizes RFC 8301.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

MAX_RECORD = 4_000
"""Bytes of a record."""

LEAST_BITS, MOST_BITS = 1024, 4096
"""Shorter RSA keys prove nothing; longer ones cost us more than anybody gains."""

_SPACE = re.compile(rb"[ \t\r\n]++")


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainKey:
    """A key. `strict` is set where it vouches for its own domain only, not for those below."""

    public: RSAPublicKey | Ed25519PublicKey
    strict: bool = False

    @property
    def algorithm(self) -> str:
        """How a signature by it names its kind."""
        return "rsa-sha256" if isinstance(self.public, RSAPublicKey) else "ed25519-sha256"

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Whether `signature` is one over `text` by this key."""
        try:
            if isinstance(self.public, RSAPublicKey):
                self.public.verify(signature, text, PKCS1v15(), SHA256())
            else:
                self.public.verify(signature, hashlib.sha256(text).digest())
        except InvalidSignature:
            return False
        return True


def tags(text: bytes) -> Mapping[bytes, bytes] | None:
    """A list of `name=value;`; None where it is none, or names one twice."""
    found: dict[bytes, bytes] = {}
    pieces = text.split(b";")
    if not pieces[-1].strip():
        pieces.pop()
    for piece in pieces:
        name, sign, value = (part.strip() for part in piece.partition(b"="))
        if not sign or not name or name in found:
            return None
        found[name] = value
    return found


def unpacked(text: bytes) -> bytes | None:
    """What is written in base64, with white space anywhere; None where it is none."""
    try:
        return base64.b64decode(_SPACE.sub(b"", text), validate=True)
    except binascii.Error:
        return None


def read(record: bytes) -> DomainKey | None:
    """The key that a record tells; None where it tells none that vouches for mail."""
    found = tags(record) if len(record) <= MAX_RECORD else None
    if found is None or found.get(b"v", b"DKIM1") != b"DKIM1":
        return None
    flags = _listed(found.get(b"t", b""))
    hashes, services = _listed(found.get(b"h", b"sha256")), _listed(found.get(b"s", b"*"))
    # with `y` the domain tries it out: such a signature counts as none
    if b"y" in flags or b"sha256" not in hashes or not services & {b"*", b"email"}:
        return None
    public = _public(found.get(b"k", b"rsa"), unpacked(found.get(b"p", b"")))
    return None if public is None else DomainKey(public=public, strict=b"s" in flags)


def _listed(text: bytes) -> set[bytes]:
    return {one.strip() for one in text.split(b":")}


def _public(kind: bytes, body: bytes | None) -> RSAPublicKey | Ed25519PublicKey | None:
    """The key in `body`; an empty one was taken back."""
    try:
        if kind == b"ed25519":
            return Ed25519PublicKey.from_public_bytes(body or b"")
        found = load_der_public_key(body or b"") if kind == b"rsa" else None
    except (ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(found, RSAPublicKey) or not LEAST_BITS <= found.key_size <= MOST_BITS:
        return None
    return found
