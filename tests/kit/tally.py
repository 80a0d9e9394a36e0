"""A tally: what a publish read and wrote, counted at the ports and at the database's driver."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

from tamizdat.digest import Digest
from tamizdat.ports import Blobs

STEPS = 100
"""SQLite tells after so many steps of its machine that it still works."""


@dataclass(kw_only=True)
class Tally:
    """Numbers since the last `clear`. `rows` left the database, `steps` it took for them.

    A step is one hundred instructions of SQLite's machine: a scan shows here, whatever it finds.
    """

    blobs_new: int = 0
    bytes_new: int = 0
    blobs_read: int = 0
    bytes_read: int = 0
    rows: int = 0
    statements: int = 0
    steps: int = 0
    puts: int = 0
    bytes_put: int = 0
    shard_bytes_put: int = 0
    reads: int = 0
    deletes: int = 0

    def clear(self) -> None:
        """Begin at nothing again."""
        for one in fields(self):
            setattr(self, one.name, 0)


class CountedBlobs:
    """Blobs that tell a tally what is read, and what is written that was not there."""

    def __init__(self, blobs: Blobs, tally: Tally) -> None:
        self._blobs = blobs
        self._tally = tally

    def write(self, body: bytes) -> Digest:
        before = self._tally.blobs_new
        sha256 = Digest(__import__("hashlib").sha256(body).hexdigest())
        if not self._blobs.has(sha256):
            self._tally.blobs_new = before + 1
            self._tally.bytes_new += len(body)
        return self._blobs.write(body)

    def read(self, sha256: Digest) -> bytes:
        body = self._blobs.read(sha256)
        self._tally.blobs_read += 1
        self._tally.bytes_read += len(body)
        return body

    def has(self, sha256: Digest) -> bool:
        return self._blobs.has(sha256)

    def keep_only(self, wanted: Iterable[Digest]) -> int:
        return self._blobs.keep_only(wanted)
