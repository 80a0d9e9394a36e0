"""Probing: a real S3 server, a folder, and mirrors that lie, each tried out for what it honours."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from mirror.fast import FastBackend
from mirror.folder import FolderBackend
from mirror.memory import Memory
from mirror.probe import Mark, Probe, probe
from mirror.readers import FolderReader, HttpReader, Stranger
from mirror.s3 import S3Backend
from tamizdat.errors import BackendError
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState
from tests.contract.s3_server import Server, running

Library = type[S3Backend] | type[FastBackend]
S3: dict[str, Library] = {"boto3": S3Backend, "by hand": FastBackend}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture(params=list(S3))
def library(request: pytest.FixtureRequest) -> Library:
    return S3[str(request.param)]


def known(base: str | None = None, folder: str | None = None) -> Mirror:
    return Mirror(
        id=MirrorId("one"),
        backend="folder" if folder else "s3",
        base=base,
        folder=folder,
        state=MirrorState.SPARE,
        exposure=Exposure.PUBLIC,
        group="open",
    )


def marks(found: Probe) -> dict[str, Mark]:
    return {finding.name: finding.mark for finding in found.findings}


async def tried(
    stack: AsyncExitStack,
    library: Library,
    server: Server,
    *,
    public: bool = True,
    versions: bool = False,
    allow: bool = False,
) -> Probe:
    """Probe a fresh bucket, and see that nothing of the probe stays in it."""
    bucket = server.bucket(public=public)
    if versions:
        client = server.client()
        stack.callback(client.close)
        client.put_bucket_versioning(
            Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"}
        )
    backend = library(bucket)
    stack.push_async_callback(backend.close)
    base = server.base(bucket)
    reader = HttpReader(base, await stack.enter_async_context(Stranger()))

    found = await probe(known(base), backend, reader, allow_versioning=allow)

    assert list(await backend.paths()) == []
    return found


async def test_a_good_bucket_is_usable(
    stack: AsyncExitStack, library: Library, server: Server
) -> None:
    found = await tried(stack, library, server)

    assert found.usable
    assert marks(found) == {
        "anonymous reading": Mark.OK,
        "whole bytes": Mark.OK,
        "replacing": Mark.OK,
        "content type": Mark.OK,
        "cache rules": Mark.OK,
        "forced download": Mark.OK,
        "parts": Mark.OK,
        "versioning": Mark.OK,
        "object lock": Mark.OK,
        "conditional puts": Mark.OK,
        "checksums": Mark.WARN,  # this server takes any Content-MD5
        "deleting": Mark.OK,
        "encryption": Mark.WARN,  # loopback without TLS
        "own origin": Mark.WARN,  # the bucket is a folder of its host
    }


async def test_a_private_bucket_is_bad(
    stack: AsyncExitStack, library: Library, server: Server
) -> None:
    found = await tried(stack, library, server, public=False)

    assert not found.usable
    assert marks(found)["anonymous reading"] is Mark.BAD


@pytest.mark.parametrize(("allow", "mark"), [(False, Mark.BAD), (True, Mark.WARN)])
async def test_a_bucket_that_keeps_versions_is_bad_unless_allowed(
    stack: AsyncExitStack, library: Library, server: Server, *, allow: bool, mark: Mark
) -> None:
    found = await tried(stack, library, server, versions=True, allow=allow)

    assert marks(found)["versioning"] is mark  # they keep withdrawn articles


async def test_a_folder_is_probed_for_what_makes_sense(
    stack: AsyncExitStack, tmp_path: Path
) -> None:
    folder = FolderBackend(tmp_path / "site")
    stack.push_async_callback(folder.close)

    found = await probe(
        known(folder=str(tmp_path / "site")), folder, FolderReader(tmp_path / "site")
    )

    assert set(marks(found)) == {"anonymous reading", "whole bytes", "replacing", "deleting"}
    assert found.usable
    assert list(await folder.paths()) == []


class Cutting(Memory):
    """Acknowledges and keeps half."""

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        await super().put(path, body[: len(body) // 2], media_type)


class Stale(Memory):
    """Serves for ever what it had first, also after a deletion."""

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        await super().put(path, self.files.get(path, body), media_type)

    async def delete(self, path: str) -> None:
        """Not done."""


class Closed(Memory):
    """Takes nothing."""

    async def put(self, path: str, body: bytes, media_type: str) -> None:  # noqa: ARG002
        raise BackendError(f"{path}: access denied", retry=False)


LIARS = [
    # mirror   what is found bad
    (Cutting,  {"whole bytes", "replacing"}),
    (Stale,    {"replacing", "deleting"}),
    (Closed,   {"access"}),
]  # fmt: skip


@pytest.mark.parametrize(("liar", "bad"), LIARS)
async def test_a_lying_mirror_is_found_out(liar: type[Memory], bad: set[str]) -> None:
    memory = liar()

    found = await probe(known(folder="somewhere"), memory, memory)

    assert not found.usable
    assert {name for name, mark in marks(found).items() if mark is Mark.BAD} == bad
