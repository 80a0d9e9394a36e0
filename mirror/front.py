"""A front: a bucket behind a name that its provider shares among many, as a mirror.

To block it means to block that name for everybody. What the provider's cache keeps is looked at
after each change, as a reader sees it, and emptied only where it is old: that is paid for.
"""

import asyncio
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from mirror.edge import Edge
from mirror.fast import FastBackend
from mirror.purse import Purse
from tamizdat import paths
from tamizdat.errors import BackendError
from tamizdat.ports import Backend, Reader

SLACK = 64 * 1024
ALL = "/*"
"""Counts as one path in the bill, whatever it empties."""

_ELSE = b"something else"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What stands between the bucket and its readers. `reader` reads through it."""

    edge: Edge
    distribution: str
    reader: Reader
    purse: Purse


class FrontBackend:
    """The bucket, and the cache before it."""

    def __init__(self, bucket: FastBackend, behind: Behind) -> None:
        self._bucket = bucket
        self._behind = behind
        self._emptying = asyncio.Lock()
        self._old: set[str] = set()

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        """Lay `body` at `path`, and see to it that readers get it."""
        await self._bucket.put(path, body, media_type)
        if not paths.is_immutable(path) and await self._seen(path, len(body) + SLACK) not in {
            None,
            body,
        }:
            await self._empty(path, pressing=False)

    async def delete(self, path: str) -> None:
        """Remove `path`, and see to it that readers do not get it any more.

        Where the edge does not answer, nobody knows that it is gone: it is emptied, too.
        """
        await self._bucket.delete(path)
        if await self._seen(path, 1, silent=_ELSE) is not None:
            await self._empty(path, pressing=True)

    async def paths(self) -> Sequence[str]:
        """Every path that lies in the bucket."""
        return await self._bucket.paths()

    async def versioning(self) -> bool:
        """Whether the bucket keeps what is deleted or replaced."""
        return await self._bucket.versioning()

    async def object_lock(self) -> bool:
        """Whether the bucket can forbid deleting."""
        return await self._bucket.object_lock()

    async def refuses_damage(self, path: str) -> bool:
        """Whether an upload is refused whose MD5 is another's."""
        return await self._bucket.refuses_damage(path)

    async def refuses_overwrite(self, path: str) -> bool:
        """Whether `If-None-Match: *` keeps what lies at `path`."""
        return await self._bucket.refuses_overwrite(path)

    async def close(self) -> None:
        """Let go of connections and threads."""
        await self._behind.edge.close()
        await self._bucket.close()

    async def _seen(self, path: str, limit: int, silent: bytes | None = None) -> bytes | None:
        """What a reader gets; an answer that is too long is something else, no answer `silent`."""
        try:
            return await self._behind.reader.fetch(path, limit)
        except BackendError as error:
            return silent if error.retry else _ELSE

    async def _empty(self, path: str, *, pressing: bool) -> None:
        """Empty the cache, once for all who wait for it now.

        Where the month's number is spent, it stays old until the cache forgets it by itself; the
        reading back refuses the mirror until then.
        """
        self._old.add(path)
        async with self._emptying:
            if path not in self._old:
                return
            old, self._old = self._old, set()
            behind = self._behind
            if not await behind.purse.take(pressing=pressing):
                log.warning("cache not emptied", extra={"why": "the month's number is spent"})
                return
            where = [f"/{one}" for one in old] if len(old) == 1 else [ALL]
            await behind.edge.empty(behind.distribution, where, secrets.token_hex(16))


_: type[Backend] = FrontBackend
