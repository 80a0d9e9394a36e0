"""An S3 bucket as a mirror, by boto3, whose only home this is."""

import asyncio
import base64
import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from mirror.credentials import Credentials
from tamizdat import paths
from tamizdat.errors import BackendError
from tamizdat.ports import Backend

# botocore logs every request: the key's name, its signature, what is put.
logging.getLogger("botocore").setLevel(logging.ERROR)

THREADS = 16
"""Requests that one bucket gets at once; threads are its own, so that it can starve no other."""

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5, 15, 2
MAX_PATHS = 1_000_000
"""Keys that are listed; a bucket with more is no mirror of ours."""

LASTING = "public, max-age=31536000, immutable"
CHANGING = "no-cache"

_Result = TypeVar("_Result")

SAYINGS = {
    "AccessDenied": ("access denied: let these keys put, delete and list", False),
    "403": ("access denied: let these keys put, delete and list", False),
    "AllAccessDisabled": ("the account is closed for all access", False),
    "InvalidAccessKeyId": ("the access key is unknown: look into the credentials file", False),
    "SignatureDoesNotMatch": ("the secret key is wrong: look into the credentials file", False),
    "RequestTimeTooSkewed": ("this machine's clock is wrong", False),
    "NoSuchBucket": ("there is no such bucket", False),
    "404": ("there is no such bucket", False),
    "BadDigest": ("the bytes were damaged on the way", True),
    "QuotaExceeded": ("the bucket is full", True),
    "EntityTooLarge": ("the provider takes no file of this size", False),
    "MissingContentLength": ("the provider takes no upload of this kind", False),
    "SlowDown": ("the provider asks for fewer requests", True),
    "ServiceUnavailable": ("the provider is unavailable", True),
    "InternalError": ("the provider has trouble of its own", True),
    "RequestTimeout": ("the provider gave up waiting", True),
}
"""What a provider's code means to a person, and whether later may help."""

_FIRST_SERVER_STATUS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Where a bucket is, and the keys to it. `prefix` is empty or ends with `/`.

    `authority` is a file: who signed the endpoint's certificate, where this machine knows it not.
    """

    endpoint: str
    region: str
    name: str
    prefix: str
    credentials: Credentials
    authority: Path | None = None


def cache_control(path: str) -> str:
    """How long others may keep `path`: for ever where its name tells its bytes."""
    return LASTING if paths.is_immutable(path) else CHANGING


class S3Backend:
    """One bucket. The client is made at the first request, in a thread of this mirror's own."""

    def __init__(self, bucket: Bucket, *, read_seconds: float = READ_SECONDS) -> None:
        self._bucket = bucket
        self._read_seconds = read_seconds
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="s3")
        self._lock = Lock()
        self._made: Any = None

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        """Lay `body` at `path`: one request, type and cache rule set, MD5 against damage."""
        paths.check(path)
        await self._run(
            path,
            lambda client: client.put_object(
                Bucket=self._bucket.name,
                Key=self._bucket.prefix + path,
                Body=body,
                ContentType=media_type,
                CacheControl=cache_control(path),
                ContentMD5=_md5(body),
            ),
        )

    async def delete(self, path: str) -> None:
        """Remove `path`."""
        await self._run(
            path,
            lambda client: client.delete_object(
                Bucket=self._bucket.name, Key=self._bucket.prefix + path
            ),
        )

    async def paths(self) -> Sequence[str]:
        """Every path that lies there."""
        return await self._run("listing", self._paths)

    async def versioning(self) -> bool:
        """Whether the bucket keeps what is deleted or replaced."""
        answer = await self._run(
            "versioning", lambda client: client.get_bucket_versioning(Bucket=self._bucket.name)
        )
        return answer.get("Status") in {"Enabled", "Suspended"}

    async def object_lock(self) -> bool:
        """Whether the bucket can forbid deleting."""
        return await self._run("object lock", self._object_lock)

    async def refuses_damage(self, path: str) -> bool:
        """Whether an upload is refused whose MD5 is another's. Leaves `path` behind."""
        return not await self._run(
            path, lambda client: self._tried(client, path, ContentMD5=_md5(b"other bytes"))
        )

    async def refuses_overwrite(self, path: str) -> bool:
        """Whether `If-None-Match: *` keeps what lies at `path`."""
        return not await self._run(path, lambda client: self._tried(client, path, IfNoneMatch="*"))

    async def close(self) -> None:
        """Let go of connections and threads."""
        with self._lock:
            made, self._made = self._made, None
        if made is not None:
            made.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, what: str, work: Callable[[Any], _Result]) -> _Result:
        def guarded() -> _Result:
            with translated(what):
                return work(self._client())

        return await asyncio.get_running_loop().run_in_executor(self._pool, guarded)

    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its classes at run time
        with self._lock:
            if self._made is None:
                self._made = _client(self._bucket, self._read_seconds)
            return self._made

    def _paths(self, client: Any) -> list[str]:  # noqa: ANN401 - as above
        prefix = self._bucket.prefix
        found: list[str] = []
        pages = client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket.name, Prefix=prefix
        )
        for page in pages:
            found += [entry["Key"].removeprefix(prefix) for entry in page.get("Contents", ())]
            if len(found) > MAX_PATHS:
                raise BackendError(f"over {MAX_PATHS} files lie there", retry=False)
        return sorted(found)

    def _object_lock(self, client: Any) -> bool:  # noqa: ANN401 - as above
        try:
            answer = client.get_object_lock_configuration(Bucket=self._bucket.name)
        except client.exceptions.ClientError as error:
            if _code(error) in {
                "ObjectLockConfigurationNotFoundError",
                "NotImplemented",
                "MethodNotAllowed",
            }:
                return False
            raise
        found = answer.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled")
        return bool(found == "Enabled")

    def _tried(self, client: Any, path: str, **asked: str) -> bool:  # noqa: ANN401 - as above
        """Whether the server took an upload that it should have refused for what was `asked`."""
        key = self._bucket.prefix + path
        try:
            client.put_object(Bucket=self._bucket.name, Key=key, Body=b"second", **asked)
        except client.exceptions.ClientError as error:
            if _status(error) >= _FIRST_SERVER_STATUS:
                raise
            return False
        return True


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn what botocore raises into a BackendError of one line about `what`."""
    from botocore.exceptions import (  # noqa: PLC0415 - with boto3, see _session
        BotoCoreError,
        ClientError,
        ConnectTimeoutError,
        EndpointConnectionError,
        ReadTimeoutError,
        SSLError,
    )

    try:
        yield
    except ClientError as error:
        saying, retry = SAYINGS.get(_code(error), (_other(error), False))
        retry = retry or _status(error) >= _FIRST_SERVER_STATUS
        raise BackendError(f"{what}: {saying}", retry=retry) from error
    except (ConnectTimeoutError, ReadTimeoutError) as error:
        raise BackendError(f"{what}: the provider does not answer", retry=True) from error
    except SSLError as error:
        raise BackendError(
            f"{what}: the provider's certificate is not valid", retry=False
        ) from error
    except EndpointConnectionError as error:
        raise BackendError(f"{what}: nobody answers at the endpoint", retry=True) from error
    except BotoCoreError as error:
        name = type(error).__name__
        raise BackendError(f"{what}: the request failed ({name})", retry=True) from error


@cache
def _session() -> Any:  # noqa: ANN401 - as above
    """The one session of this process: each costs 13 MB.

    boto3 is imported here, in the mirror's thread: it takes 0.2 s, which no command that touches
    no bucket should wait for.
    """
    import boto3  # noqa: PLC0415

    return boto3.session.Session()


_making = Lock()


def control(service: str, keys: Credentials, endpoint: str | None) -> Any:  # noqa: ANN401 - as above
    """A client of another of Amazon's services, by the same one session; blocking, as all here.

    `endpoint` is its address where it is not Amazon's own.
    """
    from botocore.config import Config  # noqa: PLC0415 - with boto3, see _session

    with _making:
        return _session().client(
            service,
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=keys.access_key,
            aws_secret_access_key=keys.secret_key,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"max_attempts": ATTEMPTS, "mode": "standard"},
                ignore_configured_endpoint_urls=True,
            ),
        )


def _client(bucket: Bucket, read_seconds: float) -> Any:  # noqa: ANN401 - as above
    from botocore.config import Config  # noqa: PLC0415 - with boto3, see _session

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        retries={"max_attempts": ATTEMPTS, "mode": "standard"},
        # newer checksums break with several providers that are not Amazon (boto/boto3#4392)
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        max_pool_connections=THREADS,
        s3={"addressing_style": "path"},
        ignore_configured_endpoint_urls=True,
    )
    with _making:  # sessions are not safe for threads, clients are
        return _session().client(
            "s3",
            endpoint_url=bucket.endpoint,
            region_name=bucket.region,
            aws_access_key_id=bucket.credentials.access_key,
            aws_secret_access_key=bucket.credentials.secret_key,
            verify=str(bucket.authority) if bucket.authority else None,
            config=config,
        )


def _md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode("ascii")


def _code(error: Any) -> str:  # noqa: ANN401 - a ClientError
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(error: Any) -> int:  # noqa: ANN401 - a ClientError
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _other(error: Any) -> str:  # noqa: ANN401 - a ClientError
    code = "".join(letter for letter in _code(error)[:40] if letter.isalnum())
    return f"the provider refuses ({_status(error)} {code})"


_: type[Backend] = S3Backend
