"""An S3 bucket as a mirror, by obstore (its only home): a seventh of boto3's processor time."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from obstore import exceptions
from obstore.store import S3Store

from mirror.s3 import (
    ATTEMPTS,
    CONNECT_SECONDS,
    MAX_PATHS,
    READ_SECONDS,
    SAYINGS,
    THREADS,
    Bucket,
    S3Backend,
    cache_control,
)
from tamizdat import paths
from tamizdat.errors import BackendError
from tamizdat.ports import Backend

if TYPE_CHECKING:
    from obstore.store import S3Credential

_CHUNK = 1000

_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_STATUS = re.compile(r"\bstatus: ([0-9]{3})\b")
_KIND = re.compile(r"\bkind: (Timeout|Connect)\b")
_KINDS = {
    "Timeout": ("the provider does not answer", True),
    "Connect": ("nobody answers at the endpoint", True),
}
_FIRST_SERVER_STATUS = 500


class ObstoreBackend:
    """One bucket. Puts, deletes and lists go by obstore; what it cannot ask goes by boto3."""

    def __init__(self, bucket: Bucket, *, read_seconds: float = READ_SECONDS) -> None:
        self._bucket = bucket
        self._slots = asyncio.Semaphore(THREADS)
        self._control = S3Backend(bucket, read_seconds=read_seconds)
        self._store = S3Store(
            bucket.name,
            prefix=bucket.prefix or None,
            endpoint=bucket.endpoint,
            region=bucket.region,
            credential_provider=lambda: _keys(bucket),  # so that no AWS_* variable has a say
            virtual_hosted_style_request=False,
            disable_bulk_delete=True,  # not every provider has it, and it hides refusals
            client_options={
                "allow_http": bucket.endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
                "timeout": timedelta(seconds=read_seconds),
            },
            retry_config={
                "max_retries": ATTEMPTS - 1,
                "retry_timeout": timedelta(seconds=2 * read_seconds),
            },
        )

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        """Lay `body` at `path`: one request, type and cache rule set."""
        paths.check(path)
        attributes = {"Content-Type": media_type, "Cache-Control": cache_control(path)}
        async with self._slots:
            with _translated(path):
                await self._store.put_async(path, body, attributes=attributes, use_multipart=False)

    async def delete(self, path: str) -> None:
        """Remove `path`."""
        async with self._slots:
            with _translated(path):
                try:
                    await self._store.delete_async(path)
                except FileNotFoundError as error:
                    if "NoSuchBucket" in str(error):
                        raise

    async def paths(self) -> Sequence[str]:
        """Every path that lies there."""
        found: list[str] = []
        with _translated("listing"):
            async for chunk in self._store.list(chunk_size=_CHUNK):
                found += [entry["path"] for entry in chunk]
                if len(found) > MAX_PATHS:
                    raise BackendError(f"over {MAX_PATHS} files lie there", retry=False)
        return sorted(found)

    async def versioning(self) -> bool:
        """Whether the bucket keeps what is deleted or replaced."""
        return await self._control.versioning()

    async def object_lock(self) -> bool:
        """Whether the bucket can forbid deleting."""
        return await self._control.object_lock()

    async def refuses_damage(self, path: str) -> bool:
        """Whether an upload is refused whose MD5 is another's."""
        return await self._control.refuses_damage(path)

    async def refuses_overwrite(self, path: str) -> bool:
        """Whether `If-None-Match: *` keeps what lies at `path`."""
        return await self._control.refuses_overwrite(path)

    async def close(self) -> None:
        """Let go of connections and threads."""
        await self._control.close()


def _keys(bucket: Bucket) -> "S3Credential":
    return {
        "access_key_id": bucket.credentials.access_key,
        "secret_access_key": bucket.credentials.secret_key,
        "token": None,
        "expires_at": None,
    }


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except (exceptions.BaseError, OSError, ValueError) as error:
        saying, retry = _saying(str(error), type(error).__name__)
        raise BackendError(f"{what}: {saying}", retry=retry) from error


def _saying(text: str, name: str) -> tuple[str, bool]:
    """What a message of obstore means: it holds the server's answer, or the kind of failure."""
    status = _STATUS.search(text)
    busy = status is not None and int(status[1]) >= _FIRST_SERVER_STATUS
    code, kind = _CODE.search(text), _KIND.search(text)
    if code is not None and code[1] in SAYINGS:
        saying, retry = SAYINGS[code[1]]
        return saying, retry or busy
    if status is not None and status[1] in SAYINGS:
        return SAYINGS[status[1]]
    if status is not None:
        return f"the provider refuses ({status[1]} {code[1] if code else ''})", busy
    if kind is not None:
        return _KINDS[kind[1]]
    if "certificate" in text:
        return "the provider's certificate is not valid", False
    return f"the request failed ({name})", True


_: type[Backend] = ObstoreBackend
