"""A paper: our newsroom with the texts of a corpus, laid as it was before each round."""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from feeds.sharding import files_of
from service.founding import found
from service.newsroom import Newsroom
from service.wiring import opened
from tamizdat.edition import SealedEdition, Stamp
from tests.kit.bench.content import lay_ours
from tests.kit.bench.corpus import LANGUAGES, texts
from tests.kit.bench.cost import Cost, spent
from tests.kit.bench.sites import NAME

PROGRAM = str(Path(sys.executable).with_name("tamizdat"))
FRONT = "front"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A newsroom in `folder` with `count` articles released, and its root id."""

    folder: Path
    root: str
    count: int

    def command(self, *words: str) -> list[str]:
        """The command line of a verb."""
        return [PROGRAM, "-C", str(self.folder), *words]

    def run(self, *words: str) -> Cost:
        """Run a verb of the real program."""
        return spent(self.command(*words))

    def fresh(self, folder: Path) -> "Paper":
        """The same newsroom in another folder; what never changes is shared, not copied."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder, copy_function=_copied, ignore=_sockets)
        return Paper(folder=folder, root=self.root, count=self.count)


def founded(folder: Path, count: int, *, mirrors: tuple[str, ...] = ()) -> tuple[Paper, Cost]:
    """A newsroom whose texts came in by `tamizdat import folder`, and what that took."""
    made = asyncio.run(found(folder, NAME, LANGUAGES, mirrors=mirrors))
    source = folder.with_name(f"{folder.name}-texts")
    lay_ours(texts(count), source)
    paper = Paper(folder=folder, root=made.root, count=count)
    cost = paper.run("import", "folder", str(source), "--release", "--json")
    shutil.rmtree(source)
    return paper, cost


def edition(paper: Paper) -> Mapping[str, bytes]:
    """Every file that the newest edition lists in its shards, by path."""
    return asyncio.run(_bodies(paper.folder))


def shards(paper: Paper) -> Mapping[str, str]:
    """Digests of the shards that must not differ from run to run: all but the front's."""
    return asyncio.run(_shards(paper.folder))


async def newest(room: Newsroom) -> SealedEdition:
    """The newest edition, which is there."""
    made = await room.ledgers.editions.newest()
    assert made is not None, "no edition was made"
    return made


async def _bodies(folder: Path) -> Mapping[str, bytes]:
    async with opened(folder) as room:
        files: Mapping[str, Stamp] = files_of((await newest(room)).manifest.shards, room.blobs)
        return {path: room.blobs.read(stamp.sha256) for path, stamp in files.items()}


async def _shards(folder: Path) -> Mapping[str, str]:
    async with opened(folder) as room:
        made = await newest(room)
        return {one.key: one.sha256 for one in made.manifest.shards if one.key != FRONT}


def _copied(source: str, target: str) -> str:
    """A second name where the file is never written again, else a copy."""
    if "/state/blobs/" in source or "/mirrors/" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)
    return target


def _sockets(_folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name.startswith("S.")}
