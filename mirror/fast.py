"""An S3 bucket as a mirror, its files put by hand: a tenth of boto3's processor time."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import urlsplit

from mirror import listing
from mirror.answer import Answer
from mirror.line import Fault, Line, LineError, Origin, Patience
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
from mirror.signature import Signing, query
from tamizdat import paths
from tamizdat.errors import BackendError
from tamizdat.ports import Backend

PAUSE = 0.2
"""Seconds before what failed for a passing reason is tried again."""

_NOTHING: Mapping[str, str] = MappingProxyType({})
_CODE = re.compile(rb"<Code>(\w{1,60})</Code>")
_FAULTS = {
    Fault.NAME: ("the endpoint's name is not found", True),
    Fault.NOBODY: ("nobody answers at the endpoint", True),
    Fault.CERTIFICATE: ("the provider's certificate is not valid", False),
    Fault.TIME: ("the provider does not answer", True),
    Fault.LOST: ("the connection failed", True),
    Fault.SHORT: ("the provider's answer broke off", True),
    Fault.BROKEN: ("the provider does not speak HTTP/1.1", False),
}
_PASSING = frozenset({Fault.TIME, Fault.LOST, Fault.SHORT})
_GOOD = range(200, 300)
_NOT_FOUND, _FIRST_SERVER_STATUS = 404, 500


class FastBackend:
    """One bucket. Puts and deletes go by hand; all that is rare goes by boto3."""

    def __init__(self, bucket: Bucket, *, read_seconds: float = READ_SECONDS) -> None:
        origin = Origin.of(bucket.endpoint)
        self._slots = asyncio.Semaphore(THREADS)
        self._control = S3Backend(bucket, read_seconds=read_seconds)
        patience = Patience(connect=CONNECT_SECONDS, silence=read_seconds)
        self._line = Line(origin, patience, bucket.authority)
        self._signing = Signing(bucket.credentials, bucket.region)
        self._host = origin.named
        self._prefix = bucket.prefix
        self._root = f"{urlsplit(bucket.endpoint).path}/{bucket.name}"
        self._folder = f"{self._root}/{bucket.prefix}"

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        """Lay `body` at `path`: one request, type and cache rule set, its digest signed."""
        target = self._folder + paths.check(path)
        headers = {"cache-control": cache_control(path), "content-type": media_type}
        _good(path, await self._request(path, "PUT", target, headers, body))

    async def delete(self, path: str) -> None:
        """Remove `path`."""
        target = self._folder + paths.check(path)
        answer = await self._request(path, "DELETE", target)
        if answer.status != _NOT_FOUND or _code(answer) == "NoSuchBucket":
            _good(path, answer)

    async def paths(self) -> Sequence[str]:
        """Every path that lies there."""
        found: list[str] = []
        after, more = "", True
        while more:
            target = f"{self._root}?{query(listing.asked(self._prefix, after))}"
            answer = _good("listing", await self._request("listing", "GET", target))
            names, after = listing.told(answer.body)
            found += [name.removeprefix(self._prefix) for name in names]
            if len(found) > MAX_PATHS:
                raise BackendError(f"over {MAX_PATHS} files lie there", retry=False)
            more = bool(after)
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
        self._line.close()
        await self._control.close()

    async def _request(
        self,
        what: str,
        method: str,
        target: str,
        headers: Mapping[str, str] = _NOTHING,
        body: bytes = b"",
    ) -> Answer:
        """The provider's answer; asked once more where that failed for a passing reason."""
        async with self._slots:
            for left in reversed(range(ATTEMPTS)):
                try:
                    answer = await self._once(method, target, headers, body)
                except LineError as error:
                    if not left or error.fault not in _PASSING:
                        saying, retry = _FAULTS[error.fault]
                        raise BackendError(f"{what}: {saying}", retry=retry) from error
                else:
                    if not left or answer.status < _FIRST_SERVER_STATUS:
                        return answer
                await asyncio.sleep(PAUSE)
        raise AssertionError("the last attempt returns or raises")

    async def _once(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        asked = {**headers, "host": self._host}
        signed = self._signing.headers(method, target, asked, body, datetime.now(UTC))
        lines = "".join([f"{name}: {value}\r\n" for name, value in signed.items()])
        head = f"{method} {target} HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n"
        return await self._line.ask(head.encode("ascii"), body, listing.LIMIT)


def _good(what: str, answer: Answer) -> Answer:
    """The answer, or what it refuses."""
    if answer.status in _GOOD and not answer.overlong:
        return answer
    code, status = _code(answer), str(answer.status)
    busy = answer.status >= _FIRST_SERVER_STATUS
    other = f"the provider refuses ({status} {code})", False
    saying, retry = SAYINGS.get(code) or SAYINGS.get(status) or other
    raise BackendError(f"{what}: {saying}", retry=retry or busy)


def _code(answer: Answer) -> str:
    found = _CODE.search(answer.body)
    return found[1].decode("ascii") if found else ""


_: type[Backend] = FastBackend
