"""Pens: Ed25519 keys that write OpenPGP by hand, a second opinion on what gpg writes."""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signing import armor, gate
from tamizdat.edition import Signature
from tamizdat.wire import Key


class Pen:
    """One Ed25519 key in OpenPGP clothes."""

    def __init__(self, seed: str, created: int = 1_700_000_000) -> None:
        self.private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())
        raw = self.private.public_key().public_bytes_raw()
        self.key = Key(alg="ed25519", created=created, raw=base64.b64encode(raw).decode())
        self.fingerprint = gate.key_fingerprint(self.key)

    def packet(self, body: bytes, created: int, head: bytes = bytes([4, 0, 22, 10])) -> bytes:
        """A signature packet over `body`; `head` lets a test lie about version and algorithms."""
        issuer = b"\x16\x21\x04" + bytes.fromhex(self.fingerprint)
        area = issuer + b"\x05\x02" + created.to_bytes(4, "big")
        return self.packet_with(body, area, head)

    def packet_with(self, body: bytes, area: bytes, head: bytes = bytes([4, 0, 22, 10])) -> bytes:
        """A signature packet with this hashed area."""
        own = head + len(area).to_bytes(2, "big") + area
        hashed = hashlib.sha512(body + own + b"\x04\xff" + len(own).to_bytes(4, "big")).digest()
        made = self.private.sign(hashed)
        unhashed = b"\x09\x10" + bytes.fromhex(self.fingerprint)[-8:]
        content = own + len(unhashed).to_bytes(2, "big") + unhashed + hashed[:2]
        content += number(made[:32]) + number(made[32:])
        return bytes([0x88, len(content)]) + content

    def sign(self, body: bytes, created: int = 1_763_600_000) -> Signature:
        """A signature in the one spelling."""
        text = armor.encode(self.packet(body, created))
        return Signature(fingerprint=self.fingerprint, armor=text)


def number(octets: bytes) -> bytes:
    """RFC 4880 3.2, written apart from the code under test."""
    value = int.from_bytes(octets, "big")
    bits = value.bit_length()
    return bits.to_bytes(2, "big") + value.to_bytes((bits + 7) // 8, "big")


class PenSigner:
    """Signs with pens; time moves one second with each call."""

    def __init__(self, *pens: Pen) -> None:
        self.pens = pens
        self.at = 1_763_600_000

    async def sign(self, body: bytes) -> tuple[Signature, ...]:
        self.at += 1
        return tuple(pen.sign(body, self.at) for pen in self.pens)
