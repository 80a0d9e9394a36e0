"""A tally: what a publish reads and writes, counted at the ports and at the database's driver."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from mirror.readers import Expecting
from tamizdat.digest import Digest, digest
from tamizdat.ports import Backend, Blobs, Reader

INSTRUCTIONS = 100
"""SQLite tells each time its machine carried out so many instructions of one statement."""


@dataclass(kw_only=True)
class Traffic:
    """What went to and from one mirror."""

    put: dict[str, int] = field(default_factory=dict)
    read: int = 0
    deleted: int = 0

    @property
    def requests(self) -> int:
        """Everything that was asked of it."""
        return len(self.put) + self.read + self.deleted

    @property
    def bytes_put(self) -> int:
        """Bytes of everything that was put."""
        return sum(self.put.values())

    @property
    def shard_bytes_put(self) -> int:
        """Of these, bytes of shards: they list all articles of a month, or of a year gone by."""
        return sum(length for path, length in self.put.items() if path.startswith("s/"))


@dataclass(kw_only=True)
class Tally:
    """Numbers of one deed. `work` is SQLite's, so that a scan shows even where it finds nothing."""

    blobs_written: int = 0
    bytes_written: int = 0
    blobs_read: int = 0
    bytes_read: int = 0
    rows: int = 0
    work: int = 0
    shards_read: int = 0
    shard_bytes_read: int = 0
    mirrors: dict[str, Traffic] = field(default_factory=dict)

    @property
    def most(self) -> Traffic:
        """The mirror that was asked most."""
        return max(self.mirrors.values(), key=lambda one: one.requests)


class Counter:
    """Where the counting doors write; `take` gives the tally of what happened since the last."""

    def __init__(self) -> None:
        self.tally = Tally()

    def take(self) -> Tally:
        """The numbers so far; counting begins at nothing again."""
        taken, self.tally = self.tally, Tally()
        return taken

    def traffic(self, mirror: str) -> Traffic:
        """The numbers of one mirror."""
        return self.tally.mirrors.setdefault(mirror, Traffic())

    def listen(self, engine: AsyncEngine) -> None:
        """Count rows as the driver hands them over, and instructions as SQLite carries them out.

        The driver of aiosqlite fetches a whole answer when a statement was executed, so what lies
        in its cursor then is every row that left the database.
        """
        event.listen(engine.sync_engine, "after_cursor_execute", self._count_rows)
        event.listen(engine.sync_engine, "checkout", self._watch)

    def _count_rows(self, _connection: object, cursor: Any, *_told: object) -> None:
        if cursor.description is not None:
            self.tally.rows += len(cursor._rows)

    def _watch(self, connection: Any, *_told: object) -> None:
        connection.run_async(lambda driver: driver.set_progress_handler(self._tick, INSTRUCTIONS))

    def _tick(self) -> int:
        self.tally.work += 1
        return 0


class CountedBlobs:
    """Blobs behind a counting door. Rewriting what is there costs nothing and is not counted."""

    def __init__(self, blobs: Blobs, counter: Counter) -> None:
        self._blobs = blobs
        self._counter = counter

    def write(self, body: bytes) -> Digest:
        if not self._blobs.has(digest(body)):
            self._counter.tally.blobs_written += 1
            self._counter.tally.bytes_written += len(body)
        return self._blobs.write(body)

    def read(self, sha256: Digest) -> bytes:
        body = self._blobs.read(sha256)
        tally = self._counter.tally
        tally.blobs_read += 1
        tally.bytes_read += len(body)
        if body.startswith(b'{"files":[['):
            tally.shards_read += 1
            tally.shard_bytes_read += len(body)
        return body

    def has(self, sha256: Digest) -> bool:
        return self._blobs.has(sha256)

    def keep_only(self, wanted: Iterable[Digest]) -> int:
        return self._blobs.keep_only(wanted)


class CountedBackend:
    """A mirror's owner behind a counting door."""

    def __init__(self, backend: Backend, mirror: str, counter: Counter) -> None:
        self._backend = backend
        self._mirror = mirror
        self._counter = counter

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        put = self._counter.traffic(self._mirror).put
        assert path not in put, f"{path} is put twice in one pass"
        put[path] = len(body)
        await self._backend.put(path, body, media_type)

    async def delete(self, path: str) -> None:
        self._counter.traffic(self._mirror).deleted += 1
        await self._backend.delete(path)

    async def paths(self) -> Sequence[str]:
        there = await self._backend.paths()
        assert not there, "a healthy mirror is listed only before its first push"
        return there

    async def close(self) -> None:
        await self._backend.close()


class CountedReader:
    """A stranger behind a counting door."""

    def __init__(self, reader: Reader, mirror: str, counter: Counter) -> None:
        self._reader = reader
        self._mirror = mirror
        self._counter = counter

    async def fetch(self, path: str, limit: int) -> bytes | None:
        self._counter.traffic(self._mirror).read += 1
        return await self._reader.fetch(path, limit)

    async def expect(self, path: str, limit: int) -> bytes:
        body = await self.fetch(path, limit)
        assert body is not None, f"{path} is not there"
        return body


_blobs: type[Blobs] = CountedBlobs
_backend: type[Backend] = CountedBackend
_reader: type[Reader] = CountedReader
_expecting: type[Expecting] = CountedReader
