"""The shelf that mirrors share, and the fan-out that bounds their waits."""

import asyncio

import pytest

from mirror.fanout import WIDTH, each, patient
from mirror.shelf import Shelf
from tamizdat.errors import BackendError, BlobMissingError
from tests.unit.mirror.paper import Blobs


async def test_many_readers_at_once_read_a_blob_once() -> None:
    blobs = Blobs()
    sha256, shelf = blobs.write(b"x" * 1000), Shelf(blobs)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(shelf.read(sha256)) for _ in range(50)]

    assert {task.result() for task in tasks} == {b"x" * 1000}
    assert blobs.reads == [sha256]


async def test_the_least_recently_used_goes_first() -> None:
    blobs = Blobs()
    one, two, three = (blobs.write(letter * 40) for letter in (b"a", b"b", b"c"))
    shelf = Shelf(blobs, limit=100)

    for sha256 in (one, two, one, three, one, two):
        await shelf.read(sha256)

    assert blobs.reads == [one, two, three, two]


async def test_what_is_over_the_limit_is_read_each_time() -> None:
    blobs = Blobs()
    sha256, shelf = blobs.write(b"x" * 101), Shelf(blobs, limit=100)

    await shelf.read(sha256)
    await shelf.read(sha256)

    assert blobs.reads == [sha256] * 2


async def test_a_missing_blob_is_an_error() -> None:
    blobs = Blobs()
    sha256 = blobs.write(b"x")
    blobs.keep_only([])

    with pytest.raises(BlobMissingError):
        await Shelf(blobs).read(sha256)


async def test_at_most_so_many_run_at_once() -> None:
    running, most = 0, 0

    async def work(_job: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    await each(range(100), work)

    assert most == WIDTH


async def test_after_a_refusal_no_further_job_begins() -> None:
    begun: list[int] = []

    async def work(job: int) -> None:
        begun.append(job)
        raise BackendError(f"job {job}", retry=True)

    with pytest.raises(BackendError, match="job 0"):
        await each(range(100), work)

    assert len(begun) <= WIDTH


async def test_patience_ends() -> None:
    with pytest.raises(BackendError, match=r"^index.html: no answer in 0.01 s$") as caught:
        await patient("index.html", 0.01, asyncio.Event().wait())

    assert caught.value.retry
