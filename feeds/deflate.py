"""A deflated body: made once, remembered by digest, so that a bundle costs what changed in it.

By libdeflate, whose only home this is: it writes the same bytes on every processor, and comes with
a version that we pin, where zlib is the system's (ADR 0025).
"""

import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

from deflate import crc32, deflate_compress

from tamizdat.digest import Digest, digest

LEVEL = 7
"""Smaller than zlib at its best, in half its time; the next costs a fifth more for 0.06 %."""

LIMIT = 32 * 1024 * 1024
"""Bytes that are remembered; the least recently used go first."""

BATCH = 50
"""Bodies that one thread takes at once: the library lets the others work meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deflated:
    """A body as a ZIP holds it: raw deflate, with the length and check sum of the body itself."""

    packed: bytes
    length: int
    crc: int


class Press:
    """Deflates; any threads may use one press."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._kept: OrderedDict[Digest, Deflated] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def deflate(self, bodies: Sequence[bytes]) -> Sequence[Deflated]:
        """All `bodies`, in their order; those that are not remembered on all processors."""
        names = [digest(body) for body in bodies]
        known = self._find(names)
        lacking = {
            name: body for name, body in zip(names, bodies, strict=True) if name not in known
        }
        made = dict(zip(lacking, _all(list(lacking.values())), strict=True))
        self._keep(made)
        return [known.get(name) or made[name] for name in names]

    def _find(self, names: Sequence[Digest]) -> Mapping[Digest, Deflated]:
        with self._lock:
            known = {name: self._kept[name] for name in names if name in self._kept}
            for name in known:
                self._kept.move_to_end(name)
            return known

    def _keep(self, made: Mapping[Digest, Deflated]) -> None:
        with self._lock:
            for name, one in made.items():
                if name not in self._kept:
                    self._kept[name] = one
                    self._size += len(one.packed)
            while self._size > self._limit:
                _, dropped = self._kept.popitem(last=False)
                self._size -= len(dropped.packed)


def _all(bodies: Sequence[bytes]) -> Sequence[Deflated]:
    batches = [bodies[start : start + BATCH] for start in range(0, len(bodies), BATCH)]
    if len(batches) < 2:  # noqa: PLR2004 - nothing to share
        return _some(bodies)
    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="deflate") as pool:
        return [one for batch in pool.map(_some, batches) for one in batch]


def _some(bodies: Sequence[bytes]) -> Sequence[Deflated]:
    return [_one(body) for body in bodies]


def _one(body: bytes) -> Deflated:
    packed = bytes(deflate_compress(body, LEVEL))
    return Deflated(packed=packed, length=len(body), crc=crc32(body))
