"""The gate: the one kind of OpenPGP signature that we let in, to the last bit (formats 2.4 to 2.9).

Everything that does not decide is fixed, so that a signature has one spelling: it is parsed, built
again from what was understood, and compared.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from signing import armor
from tamizdat.errors import FormatError
from tamizdat.wire import Key

ED25519_OID = bytes.fromhex("2b06010401da470f01")
"""1.3.6.1.4.1.11591.15.1, the curve of algorithm 22 (RFC 9580 9.2)."""

GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
"""The order of the group of Ed25519: S lies below it (RFC 8032 5.1.7)."""

EDDSA = 22
_SIGNATURE = bytes([4, 0x00, EDDSA, 10])
_OLD_HEADER = 0x88
_CREATED, _ISSUER, _ISSUER_FINGERPRINT = 2, 16, 33
_CRITICAL = 0x80
_NUMBER = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A well-formed signature.

    `hashed` is what is hashed after the body: the signature's own part and the trailer. `created`
    is in seconds since 1970; `r` and `s` are 32 octets each, as Ed25519 writes them.
    """

    fingerprint: str
    created: int
    hashed: bytes
    left16: bytes
    r: bytes
    s: bytes


def parse(text: str, where: str) -> Parsed:
    """The signature in the armor `text`; FormatError names `where` and the clause."""
    packet = armor.decode(text, where)
    announced = 2 + int.from_bytes(packet[1:2], "big")
    if packet[:1] != bytes([_OLD_HEADER]) or len(packet) != announced:
        raise FormatError("2.4", where, "is not one signature packet of the old header form")
    parsed = _signature(packet[2:], where)
    if _packet(parsed) != packet:
        raise FormatError("2.7", where, "is not spelled in the one way we allow")
    return parsed


def check(parsed: Parsed, body: bytes, key: Key, where: str) -> None:
    """Nothing where `key` made the signature over `body`; else FormatError (formats 2.8)."""
    hashed = hashlib.sha512(body + parsed.hashed).digest()
    if hashed[:2] != parsed.left16:
        raise FormatError("2.8", where, "is a signature over other bytes")
    try:
        raw = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.raw))
        raw.verify(parsed.r + parsed.s, hashed)
    except InvalidSignature as error:
        raise FormatError("2.8", where, "is a signature that does not verify") from error


def normalise(text: str, where: str) -> str:
    """A signature that any tool made, in our spelling; FormatError where it cannot be ours.

    Only what the signature does not cover is rewritten: armor, packet header, unhashed area.
    """
    packet = armor.decode_loosely(text, where)
    parsed = _signature(_content(packet, where), where)
    return armor.encode(_packet(parsed))


def key_fingerprint(key: Key) -> str:
    """The v4 fingerprint of `key`, 40 upper-case digits (formats 2.9, RFC 4880 12.2)."""
    return fingerprint_of(public_body(key))


def public_body(key: Key) -> bytes:
    """The body of the public-key packet of `key`."""
    point = b"\x40" + base64.b64decode(key.raw)
    curve = bytes([EDDSA, len(ED25519_OID)]) + ED25519_OID
    return b"\x04" + key.created.to_bytes(4, "big") + curve + _number(point)


def fingerprint_of(body: bytes) -> str:
    """The v4 fingerprint of a public-key packet with this body."""
    framed = b"\x99" + len(body).to_bytes(2, "big") + body
    return hashlib.sha1(framed, usedforsecurity=False).hexdigest().upper()


def _signature(body: bytes, where: str) -> Parsed:
    if body[:4] != _SIGNATURE:
        raise FormatError("2.5", where, "is not version 4, binary, Ed25519 and SHA-512")
    hashed_end = 6 + int.from_bytes(body[4:6], "big")
    unhashed_end = hashed_end + 2 + int.from_bytes(body[hashed_end : hashed_end + 2], "big")
    if len(body) < unhashed_end + 2:
        raise FormatError("2.4", where, "ends too early")
    own = body[:hashed_end]
    created, fingerprint = _hashed_area(own[6:], where)
    numbers = body[unhashed_end + 2 :]
    r, rest = _read_number(numbers, where)
    s, rest = _read_number(rest, where)
    if rest or int.from_bytes(s, "little") >= GROUP_ORDER:
        raise FormatError("2.7", where, "holds a number that is no part of a signature")
    trailer = b"\x04\xff" + len(own).to_bytes(4, "big")
    return Parsed(
        fingerprint=fingerprint,
        created=created,
        hashed=own + trailer,
        left16=body[unhashed_end : unhashed_end + 2],
        r=r,
        s=s,
    )


def _hashed_area(area: bytes, where: str) -> tuple[int, str]:
    """The time of creation and the issuer's fingerprint that `area` names."""
    created: list[bytes] = []
    issuers: list[bytes] = []
    for kind, content in _subpackets(area, where):
        if kind & ~_CRITICAL == _CREATED:
            created.append(content)
        elif kind & ~_CRITICAL == _ISSUER_FINGERPRINT:
            issuers.append(content)
        elif kind & _CRITICAL:
            raise FormatError("2.6", where, "holds a critical subpacket that we do not know")
    if [len(content) for content in created] != [4]:
        raise FormatError("2.6", where, "does not tell once when it was made")
    if [(len(content), content[:1]) for content in issuers] != [(21, b"\x04")]:
        raise FormatError("2.6", where, "does not tell once which key made it")
    return int.from_bytes(created[0], "big"), issuers[0][1:].hex().upper()


def _subpackets(area: bytes, where: str) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each subpacket; only the length form of one octet is let in."""
    while area:
        length = area[0]
        if not 1 <= length < 192 or len(area) <= length:  # noqa: PLR2004 - RFC 4880 5.2.3.1
            raise FormatError("2.6", where, "holds a subpacket of a wrong length")
        yield area[1], area[2 : 1 + length]
        area = area[1 + length :]


def _read_number(numbers: bytes, where: str) -> tuple[bytes, bytes]:
    """The first number as 32 octets, and what follows it."""
    octets = (int.from_bytes(numbers[:2], "big") + 7) // 8
    if len(numbers) < 2 + octets or octets > _NUMBER:
        raise FormatError("2.7", where, "holds a number of a wrong length")
    return numbers[2 : 2 + octets].rjust(_NUMBER, b"\0"), numbers[2 + octets :]


def _number(octets: bytes) -> bytes:
    """A number as RFC 4880 3.2 spells it: its length in bits, no leading zero octet."""
    bare = octets.lstrip(b"\0")
    return int.from_bytes(bare, "big").bit_length().to_bytes(2, "big") + bare


def _packet(parsed: Parsed) -> bytes:
    """The one packet that says what `parsed` says."""
    own = parsed.hashed[:-6]
    issuer = bytes([9, _ISSUER]) + bytes.fromhex(parsed.fingerprint)[-8:]
    unhashed = len(issuer).to_bytes(2, "big") + issuer
    body = own + unhashed + parsed.left16 + _number(parsed.r) + _number(parsed.s)
    return bytes([_OLD_HEADER, min(len(body), 255)]) + body


def _content(packet: bytes, where: str) -> bytes:
    """The body of the only packet, whichever header form it has."""
    forms = {0x88: 2, 0x89: 3, 0xC2: 2}
    start = forms.get(packet[0] if packet else 0)
    if start is None:
        raise FormatError("2.4", where, "is no signature packet")
    if len(packet) != start + int.from_bytes(packet[1:start], "big"):
        raise FormatError("2.4", where, "is not one signature packet and nothing else")
    return packet[start:]
