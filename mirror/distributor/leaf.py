"""A leaf: where in its grove an asker is, always the same, and written down nowhere."""

import hmac
from dataclasses import dataclass

SHARD_DEPTH = 7
"""Turns within a shard of the hint file: 128 leaves, each with a slot of its own."""

DEEPEST = 16
"""Turns of the largest grove."""

_WORDS = b"tamizdat leaf 1"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Grove:
    """Those who ask by one channel, and began in one cohort (a month, as a rule).

    `depth` is how many turns lead from its root to a leaf, and never changes: 7 is one shard of the
    hint file, each turn more doubles the shards. ValueError where it is none of 7 to 16.
    """

    channel: str
    cohort: str
    depth: int = 10

    def __post_init__(self) -> None:
        if not SHARD_DEPTH <= self.depth <= DEEPEST:
            raise ValueError(f"a grove's depth is {SHARD_DEPTH} to {DEEPEST}, not {self.depth}")

    @property
    def name(self) -> str:
        """The grove, in words for a key to be derived from."""
        return f"{self.channel}\0{self.cohort}"


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
