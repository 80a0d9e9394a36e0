"""Memory: what a program that runs for months gives back to the machine. A no-op beside glibc."""

import ctypes

_ARENA_MAX = -8
"""`M_ARENA_MAX` of mallopt(3)."""

ARENAS = 2
"""Heaps among which threads are spread: each keeps what it once needed, and a house has many."""


def spare() -> None:
    """Keep to few heaps from now on. Call it before threads are started."""
    mallopt = getattr(_C, "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Give memory that nothing uses back to the machine. Takes milliseconds."""
    trim = getattr(_C, "malloc_trim", None)
    if trim is not None:
        trim(0)


_C = ctypes.CDLL(None)
