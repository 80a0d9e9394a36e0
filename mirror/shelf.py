"""A shelf: bytes of an edition, read and hashed once for all mirrors that they go to."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock

from tamizdat import paths
from tamizdat.digest import Digest
from tamizdat.errors import TamizdatError
from tamizdat.ports import Blobs
from tamizdat.wire import Shard

LIMIT = 64 * 1024 * 1024
"""Bytes that a shelf keeps; the least recently used go first."""

_STRIPES = 64


class Shelf:
    """The newest used blobs, in memory. Any thread and any number of pushes may use one shelf."""

    def __init__(self, blobs: Blobs, limit: int = LIMIT) -> None:
        self._blobs = blobs
        self._limit = limit
        self._kept: OrderedDict[Digest, bytes] = OrderedDict()
        self._size = 0
        self._lock = Lock()
        self._reading = tuple(Lock() for _ in range(_STRIPES))

    async def read(self, sha256: Digest, following: Sequence[Digest] = ()) -> bytes:
        """The bytes; the blobs are asked off the event loop. Raises BlobMissingError.

        `following` will be wanted next: where a thread is asked at all, it fetches them as well.
        """
        found = self._find(sha256)
        if found is None:
            found = await asyncio.to_thread(self._read_ahead, sha256, following)
        return found

    def has(self, sha256: Digest) -> bool:
        """Whether it is in memory now."""
        return sha256 in self._kept

    def read_now(self, sha256: Digest) -> bytes:
        """The same, for a thread that may block."""
        with self._reading[int(sha256[:8], 16) % _STRIPES]:  # one reads, the others wait for it
            body = self._find(sha256)
            if body is None:
                body = self._blobs.read(sha256)
                self._keep(sha256, body)
        return body

    def shard(self, sha256: Digest) -> Shard:
        """A shard, for a thread that may block."""
        return Shard.parse(self.read_now(sha256), paths.shard(sha256))

    def _read_ahead(self, sha256: Digest, following: Sequence[Digest]) -> bytes:
        body = self.read_now(sha256)
        with suppress(TamizdatError):  # told to whoever asks for that one
            for one in following:
                self.read_now(one)
        return body

    def _find(self, sha256: Digest) -> bytes | None:
        with self._lock:
            body = self._kept.get(sha256)
            if body is not None:
                self._kept.move_to_end(sha256)
            return body

    def _keep(self, sha256: Digest, body: bytes) -> None:
        with self._lock:
            if len(body) > self._limit or sha256 in self._kept:
                return
            self._kept[sha256] = body
            self._size += len(body)
            while self._size > self._limit:
                _, dropped = self._kept.popitem(last=False)
                self._size -= len(dropped)
