"""Shamir's sharing: a secret as points of polynomials over GF(256); k of n points give it again.

A. Shamir, "How to Share a Secret", CACM 22(11), 1979, octet by octet, in the field of AES
(FIPS 197, 4.2). Fewer than k points tell nothing. Nothing here notices a wrong point: whoever keeps
shares adds a checksum. The arithmetic takes a time that depends on its numbers: for a machine
on which nobody else runs.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import xor

from tamizdat.errors import SigningError

LEAST, MOST = 2, 15
"""How few points may be enough, and how many a secret may be split into."""

_POLYNOMIAL = 0x11B
_TOP = 0x100


def split(
    secret: bytes, needed: int, count: int, random: Callable[[int], bytes] = secrets.token_bytes
) -> Mapping[int, bytes]:
    """`count` points by number, from 1; any `needed` of them give `secret` again."""
    if not LEAST <= needed <= count <= MOST:
        raise SigningError(f"{needed} of {count}: at least {LEAST} are needed, of {MOST} at most")
    higher = [random(len(secret)) for _ in range(needed - 1)]
    rows = list(zip(secret, *higher, strict=True))
    return {x: bytes(_at(row, x) for row in rows) for x in range(1, count + 1)}


def join(points: Mapping[int, bytes]) -> bytes:
    """The secret that these points give, right where they are enough and of one splitting."""
    if len({len(body) for body in points.values()}) != 1 or 0 in points:
        raise SigningError("the shares are not of one secret")
    weights = [_weight(x, [other for other in points if other != x]) for x in points]
    columns = zip(*points.values(), strict=True)
    return bytes(
        reduce(xor, (times(weight, y) for weight, y in zip(weights, column, strict=True)))
        for column in columns
    )


def times(one: int, other: int) -> int:
    """The product in the field."""
    product = 0
    while other:
        product ^= one if other & 1 else 0
        one <<= 1
        one ^= _POLYNOMIAL if one & _TOP else 0
        other >>= 1
    return product


def inverse(one: int) -> int:
    """What gives 1 when multiplied with `one`: its power 254."""
    product = 1
    for _ in range(254):
        product = times(product, one)
    return product


def _at(coefficients: Sequence[int], x: int) -> int:
    """The polynomial at `x`, the constant first (Horner)."""
    value = 0
    for coefficient in reversed(coefficients):
        value = times(value, x) ^ coefficient
    return value


def _weight(x: int, others: Sequence[int]) -> int:
    """What the point at `x` counts for in the value at 0 (Lagrange)."""
    weight = 1
    for other in others:
        weight = times(weight, times(other, inverse(x ^ other)))
    return weight
