"""The curve of Ed25519 in plain numbers: to make keys and signatures that no honest tool makes."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from signing import armor, gate
from tamizdat.wire import Key
from tests.unit.signing.pens import number

P = 2**255 - 19
ORDER = gate.GROUP_ORDER
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)

Point = tuple[int, int]
Make = Callable[[bytes, bytes], tuple[bytes, bytes]]


def add(one: Point, other: Point) -> Point:
    (x, y), (u, v) = one, other
    product = D * x * y * u * v
    left = (x * v + y * u) * pow(1 + product, P - 2, P)
    right = (y * v + x * u) * pow(1 - product, P - 2, P)
    return left % P, right % P


def times(count: int, point: Point) -> Point:
    found: Point = (0, 1)
    while count:
        if count & 1:
            found = add(found, point)
        point, count = add(point, point), count >> 1
    return found


def point_at(y: int, odd: int) -> Point:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    assert x * x % P == square
    return (x if x % 2 == odd else P - x), y


def packed(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


BASE = point_at(4 * pow(5, P - 2, P) % P, 0)
SECRET = int.from_bytes(hashlib.sha256(b"vectors/curve").digest(), "little") % ORDER
OWN = times(SECRET, BASE)
NONE: Point = (0, 1)
TWO: Point = (0, P - 1)
EIGHT = point_at(
    int.from_bytes(
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"
    ),
    0,
)
"""A point of order 8 (found in many lists of small points, and checked below)."""

assert times(8, EIGHT) == NONE
assert times(4, EIGHT) == TWO


def challenge(r: bytes, raw: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + raw + message).digest(), "little") % ORDER


def honest(nonce: Point, count: int) -> Make:
    """R is `count` times the base and `nonce`; S fits the secret, whatever the key's point is."""

    def make(raw: bytes, message: bytes) -> tuple[bytes, bytes]:
        r = packed(add(times(count, BASE), nonce))
        s = (count + challenge(r, raw, message) * SECRET) % ORDER
        return r, s.to_bytes(32, "little")

    return make


def fixed(r: bytes, s: int = 0) -> Make:
    return lambda _raw, _message: (r, s.to_bytes(32, "little"))


def small(raw: bytes, message: bytes) -> tuple[bytes, bytes]:
    """A signature that fits under a key of order 8: R has the small part that the hash asks for."""
    for s in range(100):
        for part in range(8):
            r = packed(add(times(s, BASE), times(part, EIGHT)))
            if (part + challenge(r, raw, message)) % 8 == 0:
                return r, s.to_bytes(32, "little")
    raise AssertionError("one in eight fits")


def key_of(raw: bytes) -> tuple[dict[str, Any], str]:
    """The key as root names it, and its fingerprint."""
    key = Key(alg="ed25519", created=1_700_000_000, raw=base64.b64encode(raw).decode())
    return key.plain(), gate.key_fingerprint(key)


def armored(body: bytes, raw: bytes, mark: str, make: Make, created: int) -> str:
    area = b"\x16\x21\x04" + bytes.fromhex(mark) + b"\x05\x02" + created.to_bytes(4, "big")
    own = bytes([4, 0, 22, 10]) + len(area).to_bytes(2, "big") + area
    hashed = hashlib.sha512(body + own + b"\x04\xff" + len(own).to_bytes(4, "big")).digest()
    r, s = make(raw, hashed)
    unhashed = b"\x09\x10" + bytes.fromhex(mark)[-8:]
    content = own + len(unhashed).to_bytes(2, "big") + unhashed + hashed[:2] + number(r) + number(s)
    return armor.encode(bytes([0x88, len(content)]) + content)


def high(y: int, odd: int = 0) -> bytes:
    """A coordinate that is not reduced: y and the field's size."""
    return (y + P | odd << 255).to_bytes(32, "little")


MIXED = packed(add(OWN, EIGHT))
ODD: list[tuple[str, bytes, Make, str]] = [
    ("an ordinary key", packed(OWN), honest(NONE, 5), ""),
    ("R is the neutral point", packed(OWN), honest(NONE, 0), ""),
    ("R is the neutral point, not reduced", packed(OWN), fixed(high(1)), "2.8"),
    ("R with a part of order 8", packed(OWN), honest(EIGHT, 5), "2.8"),
    ("a key with a part of order 8", MIXED, honest(NONE, 5), "2.8"),
    ("a key that is the neutral point", packed(NONE), fixed(packed(NONE)), ""),
    ("a key of order 2", packed(TWO), fixed(packed(TWO)), ""),
    ("a key of order 8", packed(EIGHT), small, ""),
    ("the neutral point, not reduced", high(1), fixed(packed(NONE)), ""),
    ("the neutral point, with a sign", high(1, 1), fixed(packed(NONE)), ""),
    ("minus nought", (1 | 1 << 255).to_bytes(32, "little"), fixed(packed(NONE)), ""),
    ("a key that is no point", (2).to_bytes(32, "little"), fixed(packed(NONE)), "2.8"),
    ("nought", bytes(32), fixed(packed(NONE)), "2.8"),
    ("all ones", b"\xff" * 32, fixed(packed(NONE)), "2.8"),
]
