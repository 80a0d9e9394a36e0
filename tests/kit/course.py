"""A course: the same deeds in an archive of any size, each published once and counted."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from statistics import median

from feeds.sharding import files_of
from mirror.memory import Memory
from mirror.target import bundle_path
from service.composing import compose
from service.founding import found
from service.newsroom import Newsroom, Outlet
from service.pipeline import Published, publish
from service.stories.importing import to_record
from service.stories.withdrawing import withdraw
from service.sweeping import SWEPT, owe_sweep
from service.wiring import opened
from store.blobs import FolderBlobs
from tamizdat.article import SafeHtml, decode
from tamizdat.edition import SealedEdition
from tamizdat.moment import spelled
from tamizdat.placement import Exposure, Mirror, MirrorId, MirrorState
from tests.kit.archive import LANGUAGES, NOW, SALT, archive, invented, photograph
from tests.kit.tally import CountedBackend, CountedBlobs, CountedReader, Counter, Tally

BATCH = 500
TIMES = 3
OLD, GONE, PICTURED = 240, 241, 242
"""Numbers of articles on the second list page of their language, of the year before."""


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
    """Every deed in one newsroom; `build` seconds and `memory` MB (of the process) of edition 1."""

    build: float
    memory: float
    deeds: Mapping[str, Deed]


@dataclass(frozen=True)
class Still:
    """A clock that stands."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


@asynccontextmanager
async def counted(folder: Path, counter: Counter) -> AsyncIterator[Newsroom]:
    """The newsroom in `folder` behind counting doors, with a folder mirror and one in memory."""
    async with opened(folder) as room:
        counter.listen(room.ledgers.articles._ledger.engine)  # type: ignore[attr-defined]
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
        outlets = (*room.outlets.values(), Outlet(mirror=web, backend=memory, reader=memory))
        yield replace(
            room,
            clock=Still(NOW),
            salt=SALT,
            blobs=CountedBlobs(room.blobs, counter),
            outlets={one.mirror.id: _door(one, counter) for one in outlets},
        )


async def course(folder: Path, count: int, deeds: Mapping[str, "Doing"]) -> Course:
    """Found a newsroom in `folder` with `count` articles, publish it, and do all `deeds`."""
    await found(folder, "The Lantern", LANGUAGES, mirrors=("amber",))
    counter = Counter()
    async with counted(folder, counter) as room:
        await fill(room, count)
        start = time.perf_counter()
        await compose(room)
        build = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        await publish(room)
        done = {name: await deed(room, counter) for name, deed in deeds.items()}
    return Course(build=build, memory=memory, deeds=done)


async def fill(room: Newsroom, count: int) -> None:
    """Release the archive, its texts not waiting for the disk; one article has a picture."""
    quick = replace(room, blobs=FolderBlobs(room.folder / room.config.store.blobs, durable=False))
    picture, body = photograph()
    quick.blobs.write(body)
    records = []
    for number, article in enumerate(archive(count)):
        html = SafeHtml(f'{article.html}<img src="picture:0">')
        pictured = replace(article, html=html, pictures=(picture,))
        records.append(await to_record(quick, pictured if number == PICTURED else article))
    for first in range(0, count, BATCH):
        await room.ledgers.articles.release(records[first : first + BATCH])


async def newest(room: Newsroom) -> SealedEdition:
    """The newest edition, which is there."""
    edition = await room.ledgers.editions.newest()
    assert edition is not None
    return edition


async def measured(room: Newsroom, counter: Counter) -> Deed:
    """Publish once, and count."""
    before = await newest(room)
    counter.take()
    start = time.perf_counter()
    placed = await publish(room)
    seconds = time.perf_counter() - start
    tally = counter.take()
    after = await newest(room)
    old, new = _files(room, before), _files(room, after)
    return Deed(
        seconds=seconds,
        tally=tally,
        changed_files=len(new.items() - old.items()),
        touched_shards=len({*after.manifest.shards} - {*before.manifest.shards}),
        placed=placed,
    )


async def release_one(room: Newsroom, counter: Counter) -> Deed:
    """Three releases, one after the other: the last one's numbers, the median of the seconds."""
    made = []
    for number in range(TIMES):
        article = invented(1_000_000 + number, NOW, LANGUAGES[0])
        await room.ledgers.articles.release([await to_record(room, article)])
        made.append(await measured(room, counter))
    return replace(made[-1], seconds=median(one.seconds for one in made))


async def rebuild(room: Newsroom, counter: Counter) -> Deed:
    """Render every article again, into the same bytes."""
    await room.ledgers.articles.mark_all_changed()
    return await measured(room, counter)


async def correct(room: Newsroom, counter: Counter) -> Deed:
    """Correct an article of the year before."""
    article = invented(OLD, NOW).id
    record = (await room.ledgers.articles.find([article]))[article]
    assert record.text is not None
    corrected = replace(
        decode(room.blobs.read(record.text)),
        revision=2,
        title="The ferry runs again",
        correction="It did not sink.",
    )
    await room.ledgers.articles.release([await to_record(room, corrected)])
    return await measured(room, counter)


async def take_down(room: Newsroom, counter: Counter, number: int = GONE) -> Deed:
    """Withdraw; the sweep that is owed is held back, to be counted alone."""
    decision = await withdraw(room, invented(number, NOW).id, "editor")
    assert decision.allowed
    await room.ledgers.facts.set(SWEPT, spelled(NOW))
    return await measured(room, counter)


async def take_down_picture(room: Newsroom, counter: Counter) -> Deed:
    """Withdraw an article whose picture is nowhere else."""
    return await take_down(room, counter, PICTURED)


async def sweep(room: Newsroom, counter: Counter) -> Deed:
    """Only the sweep that withdrawals owe."""
    await owe_sweep(room)
    return await measured(room, counter)


Doing = Callable[[Newsroom, Counter], Awaitable[Deed]]

DEEDS: Mapping[str, Doing] = {
    "release": release_one,
    "nothing": measured,
    "correction": correct,
    "withdrawal": take_down,
    "of a picture": take_down_picture,
    "sweep": sweep,
}


def run(folder: Path, count: int, deeds: Mapping[str, Doing]) -> Course:
    """The course from beginning to end, in a loop of its own."""
    return asyncio.run(course(folder, count, deeds))


def _door(outlet: Outlet, counter: Counter) -> Outlet:
    name = outlet.mirror.id
    return replace(
        outlet,
        backend=CountedBackend(outlet.backend, name, counter),
        reader=CountedReader(outlet.reader, name, counter),
    )


def _files(room: Newsroom, edition: SealedEdition) -> dict[str, str]:
    pages = files_of(edition.manifest.shards, room.blobs)
    bundles = {bundle_path(one): one.sha256 for one in edition.manifest.bundles}
    return {**{path: stamp.sha256 for path, stamp in pages.items()}, **bundles}
