"""What every backend and reader keeps: memory, folder, and real S3 servers by two libraries."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mirror.fast import FastBackend
from mirror.folder import FolderBackend
from mirror.memory import Memory
from mirror.readers import Expecting, FolderReader, HttpReader, Stranger
from mirror.s3 import LASTING, Bucket, S3Backend
from tamizdat.errors import BackendError, FormatError
from tamizdat.ports import Backend, Reader
from tests.contract.ceph import Ceph
from tests.contract.s3_server import Server

Library = Callable[[Bucket], S3Backend | FastBackend]

PAGE = "en/2026/abcdefghijkl2.html"
HTML = "text/html; charset=utf-8"
S3: dict[str, Library] = {"boto3": S3Backend, "by hand": FastBackend}
CEPH = [pytest.param(name, marks=pytest.mark.needs_ceph) for name in ("Ceph", "Ceph over TLS")]
SERVERS = ["moto", *CEPH, pytest.param("rclone", marks=pytest.mark.needs_rclone)]


@dataclass
class Place:
    """A mirror with both of its sides."""

    backend: Backend
    reader: Reader


def found(request: pytest.FixtureRequest, name: str) -> Server:
    """The server of that name, started where it was not yet."""
    if name.startswith("Ceph"):
        cluster: Ceph = request.getfixturevalue("ceph_cluster")
        return cluster.secure if name.endswith("TLS") else cluster.plain
    started: Server = request.getfixturevalue(f"{name}_server")
    return started


@pytest.fixture(params=["moto", *CEPH])
def server(request: pytest.FixtureRequest) -> Server:
    """One that keeps what strangers are told, and has policies."""
    return found(request, request.param)


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture(params=["memory", "folder", *SERVERS])
async def place(
    request: pytest.FixtureRequest, library: Library, tmp_path: Path, stack: AsyncExitStack
) -> Place:
    if request.param == "memory":
        memory = Memory()
        return Place(memory, memory)
    if request.param == "folder":
        folder = FolderBackend(tmp_path / "site")
        stack.push_async_callback(folder.close)
        return Place(folder, FolderReader(tmp_path / "site"))
    server = found(request, request.param)
    bucket = server.bucket(prefix="paper/")
    backend = library(bucket)
    stack.push_async_callback(backend.close)
    session = await stack.enter_async_context(Stranger())
    return Place(backend, HttpReader(server.base(bucket), session))


@pytest.fixture(params=list(S3))
def library(request: pytest.FixtureRequest) -> Library:
    return S3[str(request.param)]


async def test_what_is_put_is_what_a_stranger_reads(place: Place) -> None:
    await place.backend.put(PAGE, b"hello", HTML)

    assert await place.reader.fetch(PAGE, 5) == b"hello"


async def test_an_empty_file_lies_there(place: Place) -> None:
    await place.backend.put(PAGE, b"", HTML)

    assert await place.reader.fetch(PAGE, 0) == b""


async def test_a_second_put_replaces_the_first(place: Place) -> None:
    await place.backend.put(PAGE, b"one, and longer", HTML)

    await place.backend.put(PAGE, b"two", HTML)

    assert await place.reader.fetch(PAGE, 100) == b"two"


async def test_what_is_not_there_is_none(place: Place) -> None:
    await place.backend.put("index.html", b"x", HTML)

    assert await place.reader.fetch(PAGE, 100) is None
    assert await place.reader.fetch("index.html/inner.html", 100) is None


async def test_what_should_be_there_and_is_not_is_told(place: Place) -> None:
    await place.backend.put("index.html", b"x", HTML)

    assert isinstance(place.reader, Expecting)
    with pytest.raises(BackendError, match=PAGE):
        await place.reader.expect(PAGE, 100)


async def test_a_reader_stops_at_its_limit(place: Place) -> None:
    await place.backend.put(PAGE, b"x" * 1000, HTML)

    with pytest.raises(BackendError, match="over 999 bytes"):  # formats 3.12
        await place.reader.fetch(PAGE, 999)


async def test_every_path_is_listed_sorted(place: Place) -> None:
    for path in ("o/aa/b.png", "index.html", PAGE):
        await place.backend.put(path, b"x", "text/plain")

    assert list(await place.backend.paths()) == [PAGE, "index.html", "o/aa/b.png"]


async def test_nothing_lies_on_a_fresh_mirror(place: Place) -> None:
    assert list(await place.backend.paths()) == []


async def test_many_paths_are_listed(place: Place) -> None:
    names = [f"o/aa/{number}.png" for number in range(30)]
    for name in names:
        await place.backend.put(name, b"x", "image/png")

    assert list(await place.backend.paths()) == sorted(names)


async def test_a_deleted_path_is_gone_and_may_be_deleted_again(place: Place) -> None:
    await place.backend.put(PAGE, b"hello", HTML)
    await place.backend.put("index.html", b"hello", HTML)

    await place.backend.delete(PAGE)
    await place.backend.delete(PAGE)

    assert await place.reader.fetch(PAGE, 100) is None
    assert list(await place.backend.paths()) == ["index.html"]


@pytest.mark.parametrize("path", ["../out.html", "/etc/passwd", "a//b.html", ".hidden", "nul.html"])
async def test_an_unsafe_path_is_refused(place: Place, path: str) -> None:
    with pytest.raises(FormatError):  # formats 3.1
        await place.backend.put(path, b"x", HTML)


async def test_types_and_cache_rules_reach_the_reader(
    server: Server,
    stack: AsyncExitStack,
    library: Library,
) -> None:
    bucket = server.bucket()
    backend = library(bucket)
    stack.push_async_callback(backend.close)
    await backend.put(PAGE, b"x", HTML)
    await backend.put("o/aa/b.png", b"x", "image/png")
    reader = HttpReader(server.base(bucket), await stack.enter_async_context(Stranger()))

    page, picture = await reader.look(PAGE, 10), await reader.look("o/aa/b.png", 10)

    assert (page.headers["content-type"], page.headers["cache-control"]) == (HTML, "no-cache")
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["cache-control"] == LASTING


async def test_a_bucket_that_strangers_cannot_read_says_so(
    server: Server,
    stack: AsyncExitStack,
    library: Library,
) -> None:
    bucket = server.bucket(public=False)
    backend = library(bucket)
    stack.push_async_callback(backend.close)
    await backend.put(PAGE, b"x", HTML)
    reader = HttpReader(server.base(bucket), await stack.enter_async_context(Stranger()))

    with pytest.raises(BackendError, match="forbidden to strangers") as caught:
        await reader.expect(PAGE, 10)

    assert not caught.value.retry


async def test_a_bucket_that_is_not_there_is_one_line(
    server: Server,
    stack: AsyncExitStack,
    library: Library,
) -> None:
    backend = library(replace(server.bucket(), name="no-such-bucket"))
    stack.push_async_callback(backend.close)

    for refused in (backend.put(PAGE, b"x", HTML), backend.delete(PAGE), backend.paths()):
        with pytest.raises(BackendError) as caught:
            await refused

        assert str(caught.value).endswith(": there is no such bucket")
        assert not caught.value.retry


async def test_an_endpoint_where_nobody_answers_is_one_line(
    server: Server,
    stack: AsyncExitStack,
    library: Library,
) -> None:
    backend = library(replace(server.bucket(), endpoint="http://127.0.0.1:9"))
    stack.push_async_callback(backend.close)

    with pytest.raises(BackendError) as caught:
        await backend.put(PAGE, b"x", HTML)

    assert str(caught.value) == f"{PAGE}: nobody answers at the endpoint"
    assert caught.value.retry


async def test_a_bucket_tells_whether_it_keeps_versions(
    server: Server,
    stack: AsyncExitStack,
    library: Library,
) -> None:
    plain, keeping = server.bucket(), server.bucket()
    client = server.client()
    stack.callback(client.close)
    client.put_bucket_versioning(Bucket=keeping.name, VersioningConfiguration={"Status": "Enabled"})

    told = []
    for bucket in (plain, keeping):
        backend = library(bucket)
        stack.push_async_callback(backend.close)
        told.append(await backend.versioning())

    assert told == [False, True]
