"""Garbage: how often Python looks for values that hold each other and that nobody holds."""

import gc
from functools import cache

NEW = 20_000
"""Values that are made between two looks at the newest. Python's own 700 is a look at every few
files that are put: a fifth of a push's processor time went there, and nothing was found.
"""

_SURVIVED = 10


@cache
def seldom() -> None:
    """Look less often, and never again at what a program made when it started. Done once."""
    gc.freeze()
    gc.set_threshold(NEW, _SURVIVED, _SURVIVED)
