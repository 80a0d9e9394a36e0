"""A newsroom that hands out: public mirrors, secret ones for a channel, a canary; on loopback."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from feeds.sources import folder as markdown
from mirror.opening import open_backend
from service.config import FILE
from service.handing.tending import Tended, tend
from service.newsroom import Newsroom
from service.pipeline import follow, publish
from service.stories.importing import bring_in
from service.wiring import opened
from signing.hint_files import path_of
from signing.hints import opened as opened_by
from signing.sources import FolderSource
from signing.token import Token
from signing.verify import Report, verify
from tamizdat.errors import BackendError
from tamizdat.grove import Node, Regrouped
from tamizdat.placement import MirrorId
from tamizdat.ports import Backend
from tamizdat.sighting import Round
from tamizdat.verdict import Finding
from tamizdat.wire import Hints
from tests.kit.printshop import PrintShop, set_up, texts
from tests.kit.showing import HOST, shown
from tests.kit.standby import Clock, Standby
from tests.kit.strangers import free_port
from tests.kit.tally import CountedBackend, Counter

PUBLIC, SECRET, SPARE, CANARY = ("amber", "birch"), ("oak", "pine"), ("reed", "sage"), "wren"
NAMES = (*PUBLIC, *SECRET, *SPARE, CANARY)
CHANNEL = '\n[[channel]]\nid = "mail"\nwidth = {width}\n'


async def planted(folder: Path, width: int = 1) -> PrintShop:
    """The newsroom in `folder`, with its first edition on all mirrors, and groups."""
    shop, port = await set_up(folder), free_port()
    for name in NAMES:
        shop.mirror(name).mkdir(parents=True)
        url = f"http://{HOST}:{port}/{name}/"
        own = {"backend": "folder", "folder": f"mirrors/{name}", "url": url}
        if name not in PUBLIC:
            own |= {"exposure": "secret", "group": "mail"}
        shop.add(name, **own, state="spare" if name in SPARE else "active")
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write("canary = true\n" + CHANNEL.format(width=width))
    async with on_the_web(shop), opened(folder) as room:
        await bring_in(room, markdown.read(texts(folder / "texts", ("en",))), release=True)
        done = await publish(room)
    assert not done.refusals
    return shop


@asynccontextmanager
async def on_the_web(shop: PrintShop) -> AsyncIterator[None]:
    """Serve all its mirrors at the addresses of its config."""
    config = (shop.folder / FILE).read_text()
    port = int(config.split(f"http://{HOST}:")[1].split("/")[0])
    async with shown({name: shop.mirror(name) for name in NAMES}, port):
        yield


class Dying:
    """A provider that takes so many files and then none; the one at its end it may have taken."""

    def __init__(self, backend: Backend, most: int) -> None:
        self._backend = backend
        self._left = most

    async def put(self, path: str, body: bytes, media_type: str) -> None:
        if self._left == 0:
            raise BackendError(f"{path}: the provider is gone", retry=True)
        self._left -= 1
        await self._backend.put(path, body, media_type)
        if self._left == 0:
            raise BackendError(f"{path}: the provider is gone", retry=True)

    async def delete(self, path: str) -> None:
        await self._backend.delete(path)

    async def paths(self) -> Sequence[str]:
        return await self._backend.paths()

    async def close(self) -> None:
        await self._backend.close()


class Orchard(Standby):
    """The open newsroom, and what those see who hold tokens."""

    def rounds(self, **findings: Finding) -> list[Round]:
        """Five minutes later, what a vantage in IR saw of these mirrors."""
        self.clock.at += timedelta(minutes=5)
        return [self._look(name, finding) for name, finding in findings.items()]

    def uncounted(self) -> Newsroom:
        """The newsroom behind plain doors."""
        blocks = {MirrorId(one.id): one for one in self.room.config.mirror}
        outlets = {
            name: replace(one, backend=open_backend(blocks[name], self.shop.folder))
            for name, one in self.room.outlets.items()
        }
        return replace(self.room, outlets=outlets)

    async def tend(self) -> Tended:
        """Let groups follow, as the lookout does after each look."""
        done = await tend(self.room)
        self.room = await self.room.as_it_stands()
        return done

    async def nodes(self) -> list[Node]:
        return list(await self.room.ledgers.groups.all())

    async def crowd(self, holders: int) -> None:
        """So many were given tokens, evenly over the groups."""
        await self.room.ledgers.groups.change(
            lambda nodes: Regrouped(nodes=tuple(replace(one, holders=holders) for one in nodes))
        )

    async def give_all(self, name: str) -> None:
        """Every group has this mirror from now on."""
        mirror = MirrorId(name)
        await self.room.ledgers.groups.change(
            lambda nodes: Regrouped(nodes=tuple(replace(one, mirror=mirror) for one in nodes))
        )

    def hint(self, token: Token, mirror: str = "amber") -> str:
        """The mirror, by its id, that a token opens in the hint file on a mirror."""
        path = self.shop.mirror(mirror) / path_of(token.shard)
        address = opened_by(Hints.parse(path.read_bytes(), "hints"), token)
        assert address is not None
        return address.rstrip("/").rpartition("/")[2]

    async def judged(self, mirror: str) -> Report:
        """What a strict reader says of all that lies on a mirror."""
        source = FolderSource(self.shop.mirror(mirror))
        return await verify(source, self.shop.root, self.clock.now())

    async def cut_short(self, name: str, most: int) -> list[str]:
        """Let a mirror follow, with a provider that dies after so many puts; what was refused."""
        self.counter.take()
        outlet = self.uncounted().outlets[MirrorId(name)]
        dying = replace(outlet, backend=Dying(outlet.backend, most))
        whole = self.room
        self.room = replace(whole, outlets={**whole.outlets, MirrorId(name): dying})
        await follow(await self.room.as_it_stands())
        self.room = whole
        report = await self.judged(name)
        return [] if report.authentic else [f"{most}: {report.reason}"]

    async def strange(self) -> list[str]:
        """The mirrors that a strict reader refuses."""
        reports = {name: await self.judged(name) for name in NAMES}
        return [f"{name}: {one.reason}" for name, one in reports.items() if not one.authentic]

    def beside_hints(self) -> Mapping[str, int]:
        """How many signatures lie beside hint files, by mirror."""
        return {name: len(list((self.shop.mirror(name) / "hints").glob("*.asc"))) for name in NAMES}


@asynccontextmanager
async def tended(shop: PrintShop) -> AsyncIterator[Orchard]:
    """The newsroom, open, behind counting doors, on the web."""
    counter = Counter()
    async with on_the_web(shop), opened(shop.folder) as room:
        outlets = {
            name: replace(one, backend=CountedBackend(one.backend, name, counter))
            for name, one in room.outlets.items()
        }
        clock = Clock(room.clock.now())
        yield Orchard(shop, replace(room, outlets=outlets, clock=clock), clock, counter)
