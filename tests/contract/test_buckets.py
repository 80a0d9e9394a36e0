"""Whole editions on real providers, and what these do that no manual of S3 promises."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from random import Random

import pytest

from mirror.credentials import Credentials
from mirror.fanout import each
from mirror.fast import FastBackend
from mirror.probe import Mark, probe
from mirror.push import push, settle
from mirror.readers import HttpReader, Stranger
from mirror.s3 import Bucket, S3Backend
from mirror.shelf import Shelf
from tamizdat.errors import BackendError
from tamizdat.placement import Lying, Phase, Placement, Refusal
from tests.contract.ceph import Ceph
from tests.contract.s3_server import Server
from tests.unit.mirror.paper import Clock, Paper, Piece, mirror
from tests.unit.mirror.tree import faults

Library = Callable[[Bucket], S3Backend | FastBackend]
S3: dict[str, Library] = {"boto3": S3Backend, "by hand": FastBackend}
SERVERS = [
    "moto",
    pytest.param("Ceph", marks=pytest.mark.needs_ceph),
    pytest.param("Ceph over TLS", marks=pytest.mark.needs_ceph),
    pytest.param("rclone", marks=pytest.mark.needs_rclone),
]
HTML = "text/html; charset=utf-8"
IDS = [f"{letter * 12}2" for letter in "abcdefghijklmnopqrst"]


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Server:
    if request.param.startswith("Ceph"):
        cluster: Ceph = request.getfixturevalue("ceph_cluster")
        return cluster.secure if request.param.endswith("TLS") else cluster.plain
    started: Server = request.getfixturevalue(f"{request.param}_server")
    return started


@pytest.fixture(params=list(S3))
def library(request: pytest.FixtureRequest) -> Library:
    return S3[str(request.param)]


@pytest.fixture
def ceph(ceph_cluster: Ceph) -> Ceph:
    return ceph_cluster


async def opened(
    stack: AsyncExitStack, server: Server, library: Library, bucket: Bucket
) -> tuple[S3Backend | FastBackend, HttpReader]:
    backend = library(bucket)
    stack.push_async_callback(backend.close)
    stranger = await stack.enter_async_context(Stranger())
    return backend, HttpReader(server.base(bucket), stranger)


async def test_an_edition_is_laid_corrected_and_cleared(
    server: Server, library: Library, stack: AsyncExitStack
) -> None:
    bucket = server.bucket(prefix="paper/")
    backend, reader = await opened(stack, server, library, bucket)
    base, paper = server.base(bucket), Paper(kept=1)
    shelf, place = Shelf(paper.blobs), mirror("one", server.base(bucket))
    pieces = {one: Piece("2025-01", f"{one} {'words ' * 200}", (one,)) for one in IDS}

    laid: list[Placement | Refusal] = []
    for text in ("as it was", "corrected"):
        before = [Lying(edition=one, phase=Phase.CURRENT) for one in range(1, len(laid) + 1)]
        paper.publish({**pieces, IDS[0]: Piece("2025-01", text, ())})
        target = paper.target(base=base)
        laid.append(
            await push(
                place, backend, reader, target,
                lying=paper.lying(before), placed=(), shelf=shelf, clock=Clock(),
                random=Random(1),  # noqa: S311
            )
        )  # fmt: skip
    left = paper.lying([Lying(edition=1, phase=Phase.LEAVING)])
    cleared = await settle(
        place, backend, reader, target, lying=left, placed=(), shelf=shelf, clock=Clock()
    )
    there = {path: await reader.expect(path, 1 << 20) for path in await backend.paths()}

    assert all(isinstance(one, Placement) for one in laid)
    assert isinstance(cleared, Placement)
    assert cleared.writes > 0
    assert faults(there, base) == []
    assert b"corrected" in there[f"en/2025/{IDS[0]}.html"]


async def test_a_listing_goes_on_where_its_page_ends(
    server: Server, library: Library, stack: AsyncExitStack
) -> None:
    backend, _ = await opened(stack, server, library, server.bucket(prefix="paper/"))
    names = [f"o/{number % 7:02}/{number:04}.png" for number in range(1005)]
    await each(names, lambda name: backend.put(name, b"x", "image/png"))

    found = await backend.paths()

    assert found == sorted(names)


async def test_a_long_file_goes_at_one_stroke(
    server: Server, library: Library, stack: AsyncExitStack
) -> None:
    bucket = server.bucket()
    backend, reader = await opened(stack, server, library, bucket)
    body = Random(1).randbytes(9 * 1024 * 1024 + 1)  # noqa: S311

    await backend.put("o/aa/film.zip", body, "application/zip")

    assert await reader.expect("o/aa/film.zip", len(body)) == body


async def test_what_others_put_in_parts_is_replaced_and_deleted(
    server: Server, library: Library, stack: AsyncExitStack
) -> None:
    bucket, client = server.bucket(), server.client()
    stack.callback(client.close)
    backend, reader = await opened(stack, server, library, bucket)
    begun = client.create_multipart_upload(Bucket=bucket.name, Key="o/aa/b.zip")
    part = client.upload_part(
        Bucket=bucket.name, Key="o/aa/b.zip", UploadId=begun["UploadId"], PartNumber=1, Body=b"old"
    )
    client.complete_multipart_upload(
        Bucket=bucket.name,
        Key="o/aa/b.zip",
        UploadId=begun["UploadId"],
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    old = await reader.expect("o/aa/b.zip", 10)

    await backend.put("o/aa/b.zip", b"new", "application/zip")
    new = await reader.expect("o/aa/b.zip", 10)
    await backend.delete("o/aa/b.zip")

    assert (old, new) == (b"old", b"new")
    assert await reader.fetch("o/aa/b.zip", 10) is None


WRONG = [
    (Credentials(access_key="an-access-key", secret_key="another-secret"), "the secret key is"),
    (Credentials(access_key="nobodys-key-here", secret_key="a-secret"), "the access key is"),
]


@pytest.mark.parametrize("server", SERVERS[1:], indirect=True)
@pytest.mark.parametrize(("keys", "said"), WRONG)
async def test_wrong_keys_are_told_apart(
    server: Server, library: Library, stack: AsyncExitStack, keys: Credentials, said: str
) -> None:
    backend, _ = await opened(stack, server, library, replace(server.bucket(), credentials=keys))

    with pytest.raises(BackendError, match=said) as caught:
        await backend.put("index.html", b"x", HTML)

    assert not caught.value.retry


@pytest.mark.needs_ceph
async def test_a_bucket_at_its_quota_says_that_it_is_full(
    ceph: Ceph, library: Library, stack: AsyncExitStack
) -> None:
    bucket = ceph.plain.bucket()
    ceph.admin("quota", "set", "--quota-scope=bucket", f"--bucket={bucket.name}", "--max-objects=1")
    ceph.admin("quota", "enable", "--quota-scope=bucket", f"--bucket={bucket.name}")
    backend, _ = await opened(stack, ceph.plain, library, bucket)
    await backend.put("index.html", b"x", HTML)

    with pytest.raises(BackendError, match="the bucket is full") as caught:
        await backend.put("en/index.html", b"x", HTML)

    assert caught.value.retry


@pytest.mark.needs_ceph
async def test_an_authority_that_nobody_named_is_refused(
    ceph: Ceph, library: Library, stack: AsyncExitStack
) -> None:
    bucket = replace(ceph.secure.bucket(), authority=None)
    backend, _ = await opened(stack, ceph.secure, library, bucket)

    with pytest.raises(BackendError, match="certificate is not valid") as caught:
        await backend.put("index.html", b"x", HTML)

    assert not caught.value.retry


@pytest.mark.parametrize("server", SERVERS[:3], indirect=True)
async def test_a_bucket_that_keeps_versions_hides_what_is_deleted_and_is_refused(
    server: Server, library: Library, stack: AsyncExitStack
) -> None:
    bucket, client = server.bucket(), server.client()
    stack.callback(client.close)
    client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    backend, reader = await opened(stack, server, library, bucket)
    await backend.put("index.html", b"x", HTML)
    await backend.delete("index.html")
    gone = await reader.fetch("index.html", 10)

    found = await probe(mirror("one", server.base(bucket)), backend, reader)

    bad = [one.name for one in found.findings if one.mark is Mark.BAD]
    assert gone is None
    assert list(await backend.paths()) == []
    assert bad == ["versioning"]


@pytest.mark.parametrize("server", SERVERS[:3], indirect=True)
async def test_a_plain_bucket_is_found_usable(
    server: Server, library: Library, stack: AsyncExitStack
) -> None:
    bucket = server.bucket()
    backend, reader = await opened(stack, server, library, bucket)

    found = await probe(mirror("one", server.base(bucket)), backend, reader)

    assert [one.name for one in found.findings if one.mark is Mark.BAD] == []
