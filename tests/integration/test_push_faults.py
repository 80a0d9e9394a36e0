"""Pushes to mirrors that refuse, hang, lie or run full: each fails alone and says why."""

import asyncio
import resource
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from random import Random

import pytest

from mirror.fast import FastBackend
from mirror.folder import FolderBackend
from mirror.push import push
from mirror.readers import FolderReader, HttpReader, Stranger
from mirror.s3 import S3Backend
from mirror.shelf import Shelf
from mirror.target import Target
from tamizdat.placement import Placement, Refusal
from tamizdat.ports import Backend, Reader
from tests.integration.lying_s3 import LyingServer, lying_server
from tests.unit.mirror.paper import BASE, Clock, Paper, Piece, mirror
from tests.unit.mirror.tree import expected

Library = type[S3Backend] | type[FastBackend]
S3: dict[str, Library] = {"boto3": S3Backend, "by hand": FastBackend}
PATIENCE = 2.0
PAGES = ("index.html", "en/index.html", "en/atom.xml", "en/2025/aaaaaaaaaaaa2.html")
WORDS = "words " * 200


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture(params=list(S3))
def library(request: pytest.FixtureRequest) -> Library:
    return S3[str(request.param)]


@pytest.fixture
def paper() -> Paper:
    paper = Paper()
    ids = [f"{letter * 12}2" for letter in "abcdefghijklmnopqrst"]
    paper.publish({one: Piece("2025-01", f"{one} {WORDS}", (one,)) for one in ids})
    return paper


async def attempt(
    paper: Paper,
    name: str,
    backend: Backend,
    reader: Reader,
    base: str | None,
    patience: float = PATIENCE,
) -> Placement | Refusal:
    target = paper.target(base=base)
    return await laid(target, paper, name, backend, reader, base, patience)


async def laid(
    target: Target,
    paper: Paper,
    name: str,
    backend: Backend,
    reader: Reader,
    base: str | None,
    patience: float = PATIENCE,
) -> Placement | Refusal:
    return await push(
        mirror(name, base),
        backend,
        reader,
        target,
        lying=(),
        placed=(),
        shelf=Shelf(paper.blobs),
        clock=Clock(),
        random=Random(1),  # noqa: S311
        patience=patience,
    )


async def opened(
    stack: AsyncExitStack, habit: str, library: Library, seconds: float = PATIENCE
) -> tuple[LyingServer, Backend, Reader]:
    server = await stack.enter_async_context(lying_server(habit))
    backend = library(server.bucket, read_seconds=seconds)
    stack.push_async_callback(backend.close)
    session = await stack.enter_async_context(Stranger())
    return server, backend, HttpReader(server.base, session)


FAULTS = [
    # habit     what the refusal says
    ("refuses", "access denied"),
    ("full", "the bucket is full"),
    ("hangs", "answer"),
    ("cuts", "comes back cut to "),
    ("breaks", "the answer broke off"),
    ("downloads", "readers get a download"),
]


@pytest.mark.parametrize(("habit", "said"), FAULTS)
async def test_a_faulty_mirror_is_refused_with_what_was_found(
    stack: AsyncExitStack,
    library: Library,
    paper: Paper,
    habit: str,
    said: str,
) -> None:
    server, backend, reader = await opened(stack, habit, library)

    outcome = await attempt(paper, "bad", backend, reader, server.base)

    assert isinstance(outcome, Refusal)
    assert said in outcome.detail
    assert "\n" not in outcome.detail
    assert "latest.json" not in server.files


async def test_a_mirror_that_serves_old_bytes_is_refused(
    stack: AsyncExitStack, library: Library, paper: Paper
) -> None:
    server, backend, reader = await opened(stack, "honest", library)
    assert isinstance(await attempt(paper, "old", backend, reader, server.base), Placement)
    paper.publish({"a" * 12 + "2": Piece("2025-01", "corrected", ("a" * 12 + "2",))})
    before = server.files["latest.json"]
    server.habit = "stale"

    outcome = await attempt(paper, "old", backend, reader, server.base)

    assert isinstance(outcome, Refusal)
    assert "not the " in outcome.detail
    assert server.files["latest.json"] == before


async def test_a_mirror_that_serves_old_bytes_for_a_while_is_current_after_some_passes(
    stack: AsyncExitStack, library: Library, paper: Paper
) -> None:
    server, backend, reader = await opened(stack, "late", library)
    assert isinstance(await attempt(paper, "late", backend, reader, server.base), Placement)
    paper.publish({"a" * 12 + "2": Piece("2025-01", "corrected", ("a" * 12 + "2",))})
    target = paper.target(base=server.base)

    outcomes = []
    for _ in range(20):
        server.now += server.period
        outcomes.append(await laid(target, paper, "late", backend, reader, server.base))

    early = outcomes[0]
    assert isinstance(early, Refusal)
    assert early.retry
    assert "an old copy or a lie" in early.detail
    assert isinstance(outcomes[-1], Placement)


async def test_liars_hurt_no_other_mirror(
    stack: AsyncExitStack, library: Library, paper: Paper
) -> None:
    habits = ("refuses", "cuts", "breaks", "downloads", "honest")
    mirrors = {habit: await opened(stack, habit, library) for habit in habits}

    async with asyncio.TaskGroup() as group:
        tasks = {
            habit: group.create_task(attempt(paper, habit, backend, reader, server.base))
            for habit, (server, backend, reader) in mirrors.items()
        }

    outcomes = {habit: task.result() for habit, task in tasks.items()}
    assert [one for one in habits if isinstance(outcomes[one], Placement)] == ["honest"]


async def test_an_honest_bucket_holds_the_edition(
    stack: AsyncExitStack, library: Library, paper: Paper
) -> None:
    server, backend, reader = await opened(stack, "honest", library)

    outcome = await attempt(paper, "good", backend, reader, server.base)

    assert isinstance(outcome, Placement)
    assert outcome.writes == server.puts == len(server.files)
    assert {path: server.files[path] for path in PAGES} == {
        path: body
        for path, body in expected(paper.target(base=server.base), paper.blobs).items()
        if path in PAGES
    }


async def test_a_hanging_mirror_delays_no_other(
    stack: AsyncExitStack, library: Library, paper: Paper, tmp_path: Path
) -> None:
    hanging, hung, hung_reader = await opened(stack, "hangs", library, seconds=60)
    good, sound, sound_reader = await opened(stack, "honest", library)
    folder = FolderBackend(tmp_path / "site")
    stack.push_async_callback(folder.close)

    async def best() -> float:
        """Seconds that the two good mirrors take together, the best of five times."""
        taken = []
        for _ in range(5):
            start = time.monotonic()
            async with asyncio.TaskGroup() as group:
                bucket = group.create_task(attempt(paper, "bucket", sound, sound_reader, good.base))
                local = group.create_task(
                    attempt(paper, "folder", folder, FolderReader(tmp_path / "site"), BASE)
                )
            assert isinstance(bucket.result(), Placement)
            assert isinstance(local.result(), Placement)
            taken.append(time.monotonic() - start)
        return min(taken)

    alone = [await best()]
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(attempt(paper, "hangs", hung, hung_reader, hanging.base, 60))
        await asyncio.wait_for(hanging.reached.wait(), 30)
        beside = [await best() for _ in range(3)]  # others use this machine too
        still = not waiting.done()
        hanging.released.set()
    alone.append(await best())

    assert still
    assert min(beside) <= 1.1 * max(alone) + 0.05
    assert isinstance(waiting.result(), Placement)


@contextmanager
def small_files() -> Iterator[None]:
    """A disk that runs full: no file may grow beyond 1 KiB.

    For as short as can be: it holds for the whole process, the log of the tests too.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


async def test_a_folder_that_takes_no_more_is_refused_and_left_clean(
    stack: AsyncExitStack, paper: Paper, tmp_path: Path
) -> None:
    folder = FolderBackend(tmp_path / "site")
    stack.push_async_callback(folder.close)

    with small_files():
        outcome = await attempt(paper, "full", folder, FolderReader(tmp_path / "site"), BASE)

    assert isinstance(outcome, Refusal)
    assert "no file of this size" in outcome.detail
    assert "latest.json" not in await folder.paths()
    assert list((tmp_path / ".site.incoming").iterdir()) == []
