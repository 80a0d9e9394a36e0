"""A pen: writes blobs a batch at a time, because most of a write is waiting for the disk."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from tamizdat.digest import Digest, digest
from tamizdat.ports import Blobs, Many

BATCH = 256
"""Blobs that wait for the disk together, where the store can do that."""

WEIGHT = 8 * 1024 * 1024
"""Bytes of a batch, and as many may be on their way, so that a slow disk fills no memory."""


class Pen:
    """Gives digests at once; only after `settle` are all of them kept and readable."""

    def __init__(self, blobs: Blobs, pool: ThreadPoolExecutor) -> None:
        self._blobs = blobs
        self._pool = pool
        self._held: list[bytes] = []
        self._weight = 0
        self._writing: Future[None] | None = None

    def write(self, body: bytes) -> Digest:
        """The digest under which `body` will be kept; raises what an earlier write raised."""
        self._held.append(body)
        self._weight += len(body)
        if len(self._held) >= BATCH or self._weight >= WEIGHT:
            self._send()
        return digest(body)

    def settle(self) -> None:
        """Wait until everything is kept."""
        self._send()
        self._wait()

    def _send(self) -> None:
        self._wait()
        batch, self._held, self._weight = self._held, [], 0
        if batch:
            self._writing = self._pool.submit(self._write, batch)

    def _wait(self) -> None:
        writing, self._writing = self._writing, None
        if writing:
            writing.result()

    def _write(self, batch: list[bytes]) -> None:
        if isinstance(self._blobs, Many):
            self._blobs.write_all(batch)
            return
        for body in batch:
            self._blobs.write(body)


@contextmanager
def pen(blobs: Blobs) -> Iterator[Pen]:
    """A pen over `blobs`; when the block ends well, everything is kept."""
    with ThreadPoolExecutor(1, thread_name_prefix="pen") as pool:
        held = Pen(blobs, pool)
        yield held
        held.settle()
