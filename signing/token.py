"""A token: what a reader keeps to find their group's mirror, again and again. It names nobody.

Four octets tell the shard of the hint file, sixteen open one slot in it, and two check that nothing
was misread: eleven words, or 36 letters and digits for a link or a picture. All are derived from
the newsroom's master key, which stays on the machine that hands out.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from signing import words
from tamizdat.errors import FormatError

LEAVES = 128
"""Leaves, and slots, of a shard."""

_TURNS = 7
_SHARD, _KEY, _CHECK = 4, 16, 2
_WHOLE = _SHARD + _KEY + _CHECK
_LETTERS = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A shard by its name (8 hexadecimal digits), and the key of one of its leaves (16 octets)."""

    shard: str
    key: bytes

    @property
    def words(self) -> str:
        """The token in eleven words, to be said or written down."""
        return words.written(self._octets)

    @property
    def letters(self) -> str:
        """The token in 36 small letters and digits, for a link's fragment."""
        return base64.b32encode(self._octets).decode().rstrip("=").lower()

    @property
    def _octets(self) -> bytes:
        body = bytes.fromhex(self.shard) + self.key
        return body + _check(body)


def token(master: bytes, grove: str, bits: str) -> Token:
    """The token of a leaf: `bits` are its turns, at least seven, and `grove` names its grove."""
    return Token(shard=shard(master, grove, bits), key=_derived(master, "leaf", grove, bits)[:_KEY])


def shard(master: bytes, grove: str, bits: str) -> str:
    """The name of the shard that holds a leaf. It tells nothing of the grove."""
    return _derived(master, "shard", grove, bits[:-_TURNS])[:_SHARD].hex()


def leaves(master: bytes, grove: str, prefix: str) -> Sequence[tuple[str, Token]]:
    """All leaves of the shard whose leaves begin with `prefix`, with their tokens."""
    bits = (f"{prefix}{number:0{_TURNS}b}" for number in range(LEAVES))
    return [(one, token(master, grove, one)) for one in bits]


def read(text: str) -> Token:
    """The token in words, in letters, or in a link whose fragment it is; FormatError otherwise."""
    plain = text.strip().rpartition("#")[2]
    body = _from_letters(plain) or words.octets(plain)
    if body is None or len(body) != _WHOLE:
        raise FormatError("10.4", "the token", "is not 11 words, or 36 letters and digits")
    if not hmac.compare_digest(_check(body[:-_CHECK]), body[-_CHECK:]):
        raise FormatError("10.4", "the token", "was misread: a word or letter is another one")
    return Token(shard=body[:_SHARD].hex(), key=body[_SHARD:-_CHECK])


def _from_letters(text: str) -> bytes | None:
    letters = re.sub(r"[\s-]", "", text).upper()
    if len(letters) != _LETTERS:
        return None
    try:
        body = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except binascii.Error:
        return None
    return body if base64.b32encode(body).decode().rstrip("=") == letters else None


def _derived(master: bytes, use: str, grove: str, bits: str) -> bytes:
    said = f"tamizdat\0{use}\0{grove}\0{bits}".encode()
    return hmac.digest(master, said, "sha256")


def _check(body: bytes) -> bytes:
    return hashlib.sha256(b"tamizdat token" + body).digest()[:_CHECK]
