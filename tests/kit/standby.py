"""A newsroom with three mirrors and two spares on loopback, published once; looks come by hand."""

import shutil
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from feeds.sources import folder as markdown
from reach.watch import Watch
from service.newsroom import Newsroom
from service.pipeline import follow, publish
from service.running.reacting import Reaction, react
from service.stories.importing import bring_in
from service.wiring import opened
from tamizdat.incident import Incident
from tamizdat.placement import MirrorId, MirrorState
from tamizdat.sighting import Round
from tamizdat.verdict import Finding
from tamizdat.wire import Here, Pointer
from tests.kit.printshop import PrintShop, set_up, texts
from tests.kit.showing import HOST, shown
from tests.kit.tally import CountedBackend, Counter
from tests.unit.mirror.trouble import EVERY, look

ACTIVE, SPARES = ("amber", "birch", "cedar"), ("dune", "fern")
NAMES = (*ACTIVE, *SPARES)
AMBER, DUNE, FERN = MirrorId("amber"), MirrorId("dune"), MirrorId("fern")


async def published(folder: Path) -> PrintShop:
    """The newsroom in `folder`, with its first edition on all mirrors."""
    shop = await furnished(folder)
    async with on_the_web(shop), opened(folder) as room:
        await bring_in(room, markdown.read(texts(folder / "texts", ("en",))), release=True)
        done = await publish(room)
    assert not done.refusals
    return shop


async def furnished(folder: Path) -> PrintShop:
    """The newsroom before its first edition, on a port that was free a moment ago."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        port = found.getsockname()[1]
    shop = await set_up(folder)
    for name in NAMES:
        shop.mirror(name).mkdir(parents=True)
        shop.add(
            name,
            backend="folder",
            folder=f"mirrors/{name}",
            url=f"http://{HOST}:{port}/{name}/",
            state="spare" if name in SPARES else "active",
        )
    return shop


def twin(shop: PrintShop, folder: Path) -> PrintShop:
    """A copy of it."""
    shutil.copytree(shop.folder, folder)
    return replace(shop, folder=folder)


@asynccontextmanager
async def on_the_web(shop: PrintShop) -> AsyncIterator[None]:
    """Serve all its mirrors at the addresses of its config."""
    config = (shop.folder / "tamizdat.toml").read_text()
    port = int(config.split(f"http://{HOST}:")[1].split("/")[0])
    async with shown({name: shop.mirror(name) for name in NAMES}, port):
        yield


@dataclass
class Clock:
    """A clock that is put forward by hand."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class Standby:
    """The open newsroom, what is put on its mirrors, and looks at them."""

    shop: PrintShop
    room: Newsroom
    clock: Clock
    counter: Counter
    watch: Watch = field(default_factory=lambda: Watch(controls=(), every=EVERY))
    number: int = 0

    async def see(self, **findings: Finding) -> Reaction:
        """Five minutes later, each of these mirrors is looked at from IR; react."""
        self.clock.at += timedelta(minutes=5)
        fresh = [self._look(name, finding) for name, finding in findings.items()]
        reaction = await react(self.room, self.watch, fresh, self.clock.at)
        self.room = reaction.room
        return reaction

    def _look(self, name: str, finding: Finding) -> Round:
        self.number += 1
        return replace(look(name, finding, at=self.clock.at), number=self.number)

    async def follow(self) -> Mapping[str, Sequence[str]]:
        """Let placements follow; what was put, by mirror."""
        self.counter.take()
        self.room = await self.room.as_it_stands()
        assert not (await follow(self.room)).refusals
        return {name: sorted(one.put) for name, one in self.counter.take().mirrors.items()}

    async def incident(self) -> Incident:
        """The newest incident."""
        return (await self.room.ledgers.incidents.newest(1))[0]

    def states(self) -> Mapping[MirrorId, MirrorState]:
        return {one.id: one.state for one in self.room.mirrors}

    def named(self) -> Mapping[str, Sequence[str]]:
        """The mirrors that each mirror names."""
        return {name: named(self.shop, name) for name in NAMES}

    def files(self) -> Mapping[str, bytes]:
        """Everything that lies on mirrors."""
        top = self.shop.folder / "mirrors"
        found = (path for path in top.rglob("*") if path.is_file())
        return {str(path.relative_to(top)): path.read_bytes() for path in found}


def named(shop: PrintShop, name: str) -> Sequence[str]:
    """The mirrors that one mirror names, by id."""
    here = Here.parse((shop.mirror(name) / "here.json").read_bytes(), "here.json")
    return [address.rstrip("/").rpartition("/")[2] for address in here.hints]


def edition(shop: PrintShop, name: str) -> int:
    """The edition that a mirror points at."""
    return Pointer.parse((shop.mirror(name) / "latest.json").read_bytes(), "latest.json").edition


@asynccontextmanager
async def standing_by(shop: PrintShop) -> AsyncIterator[Standby]:
    """The newsroom, open, behind counting doors."""
    counter = Counter()
    async with opened(shop.folder) as room:
        outlets = {
            name: replace(one, backend=CountedBackend(one.backend, name, counter))
            for name, one in room.outlets.items()
        }
        clock = Clock(room.clock.now())
        yield Standby(shop, replace(room, outlets=outlets, clock=clock), clock, counter)
