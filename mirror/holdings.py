"""Holdings: all that lies on a mirror as its owner sees it, kept versions of files as well."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mirror import tree
from mirror.opening import to_bucket
from mirror.s3 import MAX_PATHS, S3Backend
from mirror.settings import MirrorSettings
from tamizdat.errors import BackendError

_WITHOUT_VERSIONS = ("NotImplemented", "MethodNotAllowed", "501", "405")
_DENIED = "access denied"
UNSEEN_VERSIONS = "its keys may not list kept versions (s3:ListBucketVersions)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A file that lies there. `version` is set where it is one that readers do not see any more."""

    path: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Every file and every kept version, by path; `doubt` says what could not be listed."""

    holdings: Sequence[Holding]
    doubt: str = ""


class Holdings(Protocol):
    """What its owner sees of a mirror. Nothing is changed there. Both raise BackendError."""

    async def listed(self) -> Listed:
        """All that lies there."""
        ...

    async def read(self, one: Holding, limit: int) -> bytes | None:
        """Its bytes; None where it went meanwhile."""
        ...

    async def close(self) -> None:
        """Let go of connections and threads."""
        ...


class FolderHoldings:
    """A folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="holdings")

    async def listed(self) -> Listed:
        """Every file."""
        paths = await asyncio.get_running_loop().run_in_executor(self._pool, self._list)
        return Listed(holdings=[Holding(path=path) for path in paths])

    async def read(self, one: Holding, limit: int) -> bytes | None:
        """Its bytes."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._read, one.path, limit)

    async def close(self) -> None:
        """Let go of threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _list(self) -> list[str]:
        with tree.translated("listing"):
            return tree.listing(self._folder, MAX_PATHS)

    def _read(self, path: str, limit: int) -> bytes | None:
        with tree.translated(path):
            return _within(path, tree.read(self._folder, path, limit + 1), limit)


class BucketHoldings(S3Backend):
    """A bucket, asked by its owner."""

    async def listed(self) -> Listed:
        """Every file, and every version where the bucket keeps them."""
        try:
            return Listed(holdings=await self._run("listing versions", self._versions))
        except BackendError as error:
            told = str(error)
            if _DENIED not in told and not any(code in told for code in _WITHOUT_VERSIONS):
                raise
            doubt = UNSEEN_VERSIONS if _DENIED in told else ""
        return Listed(holdings=[Holding(path=path) for path in await self.paths()], doubt=doubt)

    async def read(self, one: Holding, limit: int) -> bytes | None:
        """Its bytes."""
        return await self._run(one.path, lambda client: self._read(client, one, limit))

    def _versions(self, client: Any) -> list[Holding]:  # noqa: ANN401 - boto3 makes its classes at run time
        prefix = self._bucket.prefix
        found: list[Holding] = []
        pages = client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket.name, Prefix=prefix
        )
        for page in pages:
            found += [
                Holding(
                    path=one["Key"].removeprefix(prefix),
                    version="" if one.get("IsLatest", True) else one["VersionId"],
                )
                for one in page.get("Versions", ())
            ]
            if len(found) > MAX_PATHS:
                raise BackendError(f"over {MAX_PATHS} files lie there", retry=False)
        return sorted(found, key=lambda one: (one.path, one.version))

    def _read(self, client: Any, one: Holding, limit: int) -> bytes | None:  # noqa: ANN401 - as above
        which = {"VersionId": one.version} if one.version else {}
        try:
            answer = client.get_object(
                Bucket=self._bucket.name, Key=self._bucket.prefix + one.path, **which
            )
        except client.exceptions.NoSuchKey:
            return None
        return _within(one.path, answer["Body"].read(limit + 1), limit)


def open_holdings(settings: MirrorSettings, newsroom: Path) -> Holdings:
    """What lies on a mirror; ConfigError where its keys cannot be read."""
    if settings.folder is not None:
        return FolderHoldings((newsroom / settings.folder).absolute())
    return BucketHoldings(to_bucket(settings, newsroom))


def _within(path: str, body: bytes | None, limit: int) -> bytes | None:
    if body is not None and len(body) > limit:
        raise BackendError(f"{path}: is over {limit} bytes", retry=False)
    return body


_: type[Holdings] = FolderHoldings
_bucket: type[Holdings] = BucketHoldings
