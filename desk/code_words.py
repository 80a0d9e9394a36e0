"""A code word: what colleagues read where somebody was forced to sign in. It says nothing else."""

import hashlib
import hmac

_FIRST = (
    "amber", "birch", "brass", "chalk", "clay", "copper", "cotton", "ember", "fern", "flint",
    "frost", "glass", "granite", "hazel", "heather", "indigo", "ivory", "juniper", "linen",
    "maple", "marble", "moss", "oak", "ochre", "olive", "pearl", "pine", "quartz", "reed",
    "rust", "slate", "willow",
)  # fmt: skip
_SECOND = (
    "anchor", "basket", "bell", "bridge", "candle", "cellar", "clock", "compass", "drum",
    "ferry", "fiddle", "garden", "harbour", "kettle", "ladder", "lantern", "lock", "meadow",
    "mill", "needle", "orchard", "paddle", "plough", "quay", "ribbon", "saddle", "shutter",
    "sledge", "thimble", "tower", "window", "yard",
)  # fmt: skip


def code_word(salt: bytes, person: int) -> str:
    """The two words that stand for a person in this newsroom, always the same ones."""
    mark = hmac.new(salt, b"code word\0%d" % person, hashlib.sha256).digest()
    return f"{_FIRST[mark[0] % len(_FIRST)]} {_SECOND[mark[1] % len(_SECOND)]}"
