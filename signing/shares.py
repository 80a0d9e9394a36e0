"""Shares: a passphrase as pages of words, of which some few together give it again.

A share is, in octets: how many are needed and its number (half an octet each), the length of what
was split, two that all shares of one splitting have in common, its point (filled up to an even
number of octets), and the first four of the SHA-256 of all that. What is split is the passphrase
and the first four octets of its SHA-256, so that a wrong set of shares is noticed.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from signing import shamir, words
from tamizdat.errors import SigningError

LONGEST = 200
"""A passphrase that is split is not longer, in octets."""

_HEAD, _CHECK = 4, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One of the shares, `needed` of which give the passphrase; `mark` is that of its set."""

    needed: int
    number: int
    mark: bytes
    point: bytes

    @property
    def words(self) -> str:
        """The share in words, for paper."""
        head = bytes([self.needed << 4 | self.number, len(self.point)]) + self.mark
        body = head + self.point + b"\0" * (len(self.point) % 2)
        return words.written(body + _check(body))


def split(
    passphrase: str, needed: int, count: int, random: Callable[[int], bytes] = secrets.token_bytes
) -> Sequence[Share]:
    """`count` shares, of which `needed` are enough; SigningError where that cannot be."""
    secret = passphrase.encode()
    if not 0 < len(secret) <= LONGEST:
        raise SigningError(f"a passphrase of up to {LONGEST} octets can be split")
    points = shamir.split(secret + _check(secret), needed, count, random)
    mark = random(2)
    return [Share(needed=needed, number=x, mark=mark, point=y) for x, y in points.items()]


def share(text: str) -> Share:
    """The share that these words are; SigningError where one of them is wrong."""
    body = words.octets(text)
    if body is None:
        raise SigningError("a word of the share is none of ours: five letters each, as printed")
    head, check = body[:-_CHECK], body[-_CHECK:]
    if len(body) < _HEAD + _CHECK or _check(head) != check:
        raise SigningError("the share is not complete, or a word of it is another one")
    length = head[1]
    if len(head) != _HEAD + length + length % 2:
        raise SigningError("the share is not complete")
    return Share(
        needed=head[0] >> 4,
        number=head[0] & 15,
        mark=head[2:_HEAD],
        point=head[_HEAD : _HEAD + length],
    )


def joined(shares: Sequence[Share]) -> str:
    """The passphrase; SigningError where the shares are too few, or not of one set."""
    first = shares[0]
    if any((one.mark, one.needed) != (first.mark, first.needed) for one in shares):
        raise SigningError("these shares are not of one set")
    points = {one.number: one.point for one in shares}
    if len(points) < first.needed:
        raise SigningError(f"{first.needed} different shares are needed, these are {len(points)}")
    whole = shamir.join(points)
    secret, check = whole[:-_CHECK], whole[-_CHECK:]
    if _check(secret) != check:
        raise SigningError("these shares give nothing: one of them is of another set")
    return secret.decode()


def _check(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()[:_CHECK]
