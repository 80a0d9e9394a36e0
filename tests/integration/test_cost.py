"""Cost follows the change: the same deeds in an archive of 1,040 articles and in one of 10,040.

Both spread over the same languages, sections and months, and their lists are equally long modulo
the length of a page, so whatever differs grows with the archive. `make bench` prints the figures.
"""

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from statistics import median

import pytest
from rich.console import Console
from rich.table import Table

from feeds.sharding import files_of
from mirror.memory import Memory
from mirror.target import bundle_path
from service.composing import compose
from service.founding import found
from service.importing import to_record
from service.newsroom import Newsroom, Outlet
from service.pipeline import Published, publish
from service.sweeping import SWEPT, owe_sweep
from service.wiring import opened
from service.withdrawing import withdraw
from tamizdat import paths
from tamizdat.article import SafeHtml, decode
from tamizdat.edition import SealedEdition
from tamizdat.moment import spelled
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState
from tests.kit.archive import LANGUAGES, NOW, SALT, archive, invented, photograph
from tests.kit.tally import CountedBackend, CountedBlobs, CountedReader, Counter, Tally

SMALL, LARGE = 1_040, 10_040
BATCH = 500
TIMES = 3
OLD, GONE = 240, 241
"""Numbers of articles on the second list page of their language, of the year before."""

MOVED_FILES, SIGNED_FILES, LOOKS = 2, 6, 9
PER_MIRROR = 25
"""Writes of a release: page, two list pages, front, section front, feeds, shards, what is signed."""

PAGE_LIKE = 0.10
SHARD_LINE = 140
"""Bytes at most of one file in a shard."""


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What one publish cost, and how the edition changed: told by comparing whole editions."""

    seconds: float
    tally: Tally
    changed_files: int
    touched_shards: int
    placed: Published


@dataclass(frozen=True, kw_only=True)
class Course:
    """Every deed in one newsroom; `build` and `memory` (MB, of the process) of the first edition."""

    build: float
    memory: float
    deeds: Mapping[str, Deed]


@dataclass
class Still:
    """A clock that stands."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


@asynccontextmanager
async def counted(folder: Path, counter: Counter) -> AsyncIterator[Newsroom]:
    """The newsroom in `folder` with counting doors, a memory mirror and one folder mirror."""
    async with AsyncExitStack() as stack:
        room = await stack.enter_async_context(opened(folder))
        counter.listen(room.ledgers.articles._ledger.engine)  # type: ignore[attr-defined]
        amber = next(iter(room.outlets.values()))
        memory = Memory()
        web = Mirror(
            id=MirrorId("memory"),
            backend="memory",
            base="https://memory.example/",
            folder=None,
            state=MirrorState.ACTIVE,
            exposure=Exposure.PUBLIC,
            group="open",
        )
        outlets = (amber, Outlet(mirror=web, backend=memory, reader=memory))
        yield replace(
            room,
            clock=Still(NOW),
            salt=SALT,
            blobs=CountedBlobs(room.blobs, counter),
            outlets={one.mirror.id: door(one, counter) for one in outlets},
        )


def door(outlet: Outlet, counter: Counter) -> Outlet:
    name = outlet.mirror.id
    return replace(
        outlet,
        backend=CountedBackend(outlet.backend, name, counter),
        reader=CountedReader(outlet.reader, name, counter),
    )


async def course(folder: Path, count: int) -> Course:
    await found(folder, "The Lantern", LANGUAGES, mirrors=("amber",))
    counter = Counter()
    async with counted(folder, counter) as room:
        await fill(room, count)
        start = time.perf_counter()
        await compose(room)
        build = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        await publish(room)
        await publish(room)
        deeds = {name: await deed(room, counter) for name, deed in DEEDS.items()}
    return Course(build=build, memory=memory, deeds=deeds)


async def fill(room: Newsroom, count: int) -> None:
    """Release the archive; one picture lies in the article that will be withdrawn."""
    picture, body = photograph()
    await asyncio.to_thread(room.blobs.write, body)
    records = []
    for number, article in enumerate(archive(count)):
        pictured = replace(
            article, html=SafeHtml(f'{article.html}<img src="picture:0">'), pictures=(picture,)
        )
        records.append(await to_record(room, pictured if number == GONE else article))
    for first in range(0, count, BATCH):
        await room.ledgers.articles.release(records[first : first + BATCH])


async def measured(room: Newsroom, counter: Counter) -> Deed:
    """Publish once, and count."""
    before = await newest(room)
    counter.take()
    start = time.perf_counter()
    placed = await publish(room)
    seconds = time.perf_counter() - start
    tally = counter.take()
    after = await newest(room)
    old, new = files(room, before), files(room, after)
    return Deed(
        seconds=seconds,
        tally=tally,
        changed_files=len(new.items() - old.items()),
        touched_shards=len({*after.manifest.shards} - {*before.manifest.shards}),
        placed=placed,
    )


async def newest(room: Newsroom) -> SealedEdition:
    edition = await room.ledgers.editions.newest()
    assert edition is not None
    return edition


def files(room: Newsroom, edition: SealedEdition) -> dict[str, str]:
    pages = files_of(edition.manifest.shards, room.blobs)
    bundles = {bundle_path(one): one.sha256 for one in edition.manifest.bundles}
    return {**{path: stamp.sha256 for path, stamp in pages.items()}, **bundles}


async def release_one(room: Newsroom, counter: Counter) -> Deed:
    """Three releases, one after the other: the last one's numbers, the median of the seconds."""
    made = []
    for number in range(TIMES):
        article = invented(1_000_000 + number, NOW, LANGUAGES[0])
        await room.ledgers.articles.release([await to_record(room, article)])
        made.append(await measured(room, counter))
    return replace(made[-1], seconds=median(one.seconds for one in made))


async def rebuild(room: Newsroom, counter: Counter) -> Deed:
    await room.ledgers.articles.mark_all_changed()
    return await measured(room, counter)


async def correct(room: Newsroom, counter: Counter) -> Deed:
    article = invented(OLD, NOW)
    record = (await room.ledgers.articles.find([article.id]))[article.id]
    assert record.text is not None
    released = decode(room.blobs.read(record.text))
    corrected = replace(
        released, revision=2, title="The ferry runs again", correction="It did not sink."
    )
    await room.ledgers.articles.release([await to_record(room, corrected)])
    return await measured(room, counter)


async def take_down(room: Newsroom, counter: Counter) -> Deed:
    """Withdraw; the sweep that is owed is held back, to be counted alone."""
    decision = await withdraw(room, invented(GONE, NOW).id, "editor")
    assert decision.allowed
    await room.ledgers.facts.set(SWEPT, spelled(NOW))
    return await measured(room, counter)


async def swept(room: Newsroom, counter: Counter) -> Deed:
    await owe_sweep(room)
    return await measured(room, counter)


DEEDS: Mapping[str, Callable[[Newsroom, Counter], Awaitable[Deed]]] = {
    "release": release_one,
    "nothing": measured,
    "rebuild": rebuild,
    "correction": correct,
    "withdrawal": take_down,
    "sweep": swept,
}


@pytest.fixture(scope="module")
def courses(tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, Course]:
    """Both archives, small one first."""
    place = tmp_path_factory.mktemp("cost")
    made = {count: asyncio.run(course(place / str(count), count)) for count in (SMALL, LARGE)}
    Console(width=140).print(table(made))
    return made


def table(made: Mapping[int, Course]) -> Table:
    """The figures, one deed a row."""
    heads = "deed|articles|seconds|blobs new|blobs read|KB read|rows|work|puts|KB put|looks|gone"
    shown = Table(*heads.split("|"), title="what one publish costs (requests: at the worse mirror)")
    for count, one in made.items():
        shown.add_row("first", str(count), f"{one.build:.2f}", f"{one.memory:.0f} MB of memory")
    for name in DEEDS:
        for count, one in made.items():
            shown.add_row(name, str(count), *row(one.deeds[name]))
    return shown


def row(deed: Deed) -> list[str]:
    tally, most = deed.tally, deed.tally.most
    numbers = (
        tally.blobs_written,
        tally.blobs_read,
        tally.bytes_read // 1000,
        tally.rows,
        tally.work,
        len(most.put),
        most.bytes_put // 1000,
        most.read,
        most.deleted,
    )
    return [f"{deed.seconds:.3f}", *map(str, numbers)]
