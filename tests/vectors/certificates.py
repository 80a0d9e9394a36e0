"""Certificates for the keys of the vectors, so that other tools take them: written by hand."""

from collections.abc import Iterator
from functools import cache

from signing import gate
from tests.unit.signing.pens import Pen
from tests.vectors.press import TRIO, pen

NAMES = (
    *TRIO,
    *("release", "release-2", "release-3", "timestamp", "mirrors", "denial"),
    *("new-a", "new-b", "stranger"),
)
_CERTIFIES_AND_SIGNS = b"\x02\x1b\x03"


@cache
def by_fingerprint() -> dict[str, bytes]:
    """The certificate of each key."""
    return {pen(name).fingerprint: certificate(pen(name), name) for name in NAMES}


def certificate(one: Pen, name: str) -> bytes:
    """Public key, name, and the key's own signature over both (RFC 4880 11.1)."""
    return b"".join(_packets(one, f"Vectors {name}".encode()))


def _packets(one: Pen, name: bytes) -> Iterator[bytes]:
    body = gate.public_body(one.key)
    yield bytes([0x98, len(body)]) + body
    yield bytes([0xB4, len(name)]) + name
    signed = b"\x99" + len(body).to_bytes(2, "big") + body
    signed += b"\xb4" + len(name).to_bytes(4, "big") + name
    issuer = b"\x16\x21\x04" + bytes.fromhex(one.fingerprint)
    area = issuer + b"\x05\x02" + one.key.created.to_bytes(4, "big") + _CERTIFIES_AND_SIGNS
    yield one.packet_with(signed, area, bytes([4, 0x13, 22, 10]))
