"""A leaf: where in its grove an asker is, always the same, and written down nowhere."""

import hmac
from dataclasses import dataclass

from tamizdat.grove import Grove

_WORDS = b"tamizdat leaf 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A place in a grove: one turn, `0` or `1`, for each step of its depth."""

    grove: Grove
    bits: str


def leaf_of(key: bytes, grove: Grove, asker: str) -> Leaf:
    """Where `asker` (in the one spelling of `asker.py`) is, under the channel's secret key.

    Without the key nobody can tell who is where, or choose an asker for a leaf.
    """
    said = b"\0".join((_WORDS, grove.name.encode(), asker.encode()))
    number = int.from_bytes(hmac.digest(key, said, "sha256")[:4], "big")
    return Leaf(grove=grove, bits=f"{number:032b}"[: grove.depth])
