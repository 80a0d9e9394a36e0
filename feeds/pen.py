"""A pen: writes blobs a few at once, because most of a write is waiting for the disk."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from tamizdat.digest import Digest, digest
from tamizdat.ports import Blobs

HANDS = 4
"""Blobs that are written at once: more gave nothing on the disks we measured."""

AHEAD = 64
"""Blobs that may wait to be written, so that a slow disk does not fill the memory."""


class Pen:
    """Gives digests at once; only after `settle` are all of them kept and readable."""

    def __init__(self, blobs: Blobs, pool: ThreadPoolExecutor) -> None:
        self._blobs = blobs
        self._pool = pool
        self._waiting: deque[Future[Digest]] = deque()

    def write(self, body: bytes) -> Digest:
        """The digest under which `body` will be kept; raises what an earlier write raised."""
        self._waiting.append(self._pool.submit(self._blobs.write, body))
        if len(self._waiting) > AHEAD:
            self._waiting.popleft().result()
        return digest(body)

    def settle(self) -> None:
        """Wait until everything is kept."""
        while self._waiting:
            self._waiting.popleft().result()


@contextmanager
def pen(blobs: Blobs) -> Iterator[Pen]:
    """A pen over `blobs`; when the block ends well, everything is kept."""
    with ThreadPoolExecutor(HANDS, thread_name_prefix="pen") as pool:
        held = Pen(blobs, pool)
        yield held
        held.settle()
