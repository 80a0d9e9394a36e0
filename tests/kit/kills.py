"""Kills: publish, kill -9 at a seeded moment, and again, while a watchman checks every mirror."""

import asyncio
import json
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Event

import aiohttp

from feeds.sources import folder as markdown
from service.clock import SystemClock
from service.pipeline import Published, publish
from service.stories.correcting import Change, correct
from service.stories.importing import bring_in
from service.stories.withdrawing import withdraw
from service.tried import NAMES
from service.wiring import opened
from signing.verify import verify
from tamizdat.article import ArticleId
from tests.kit.arrivals import arriving
from tests.kit.bucketing import buckets
from tests.kit.copies import BucketCopy, Copy, FolderCopy
from tests.kit.deeds import Deed, Deeds
from tests.kit.printshop import PrintShop, set_up, surroundings, texts
from tests.kit.proxy import Proxy, proxied
from tests.kit.watchman import Watch, Watched, watched

BUCKET, FOLDERS = "cove", ("amber", "birch")
MIRRORS = (BUCKET, *FOLDERS)
PATIENCE = 60.0

PLACES = (
    "e/", "s/", "b/", "en/2", "en/lists/", "here.json.", "here.json", "en/atom.xml", "ways.html",
    "en/index.html", "index.html", "latest.json.",
)  # fmt: skip
"""Where a push can be cut besides at its k-th file; a file of that beginning."""


@dataclass(frozen=True, slots=True)
class Aim:
    """When to kill: at the `count`-th deed of `verb` on `mirror` whose path starts with `path`.

    With `landed`, a request has reached the bucket and is not yet answered; else it is dropped.
    """

    mirror: str
    verb: str
    path: str
    count: int
    landed: bool


@dataclass(frozen=True, slots=True)
class Kill:
    """A publish that was killed, and on which mirrors that was midway through the push."""

    aim: Aim
    midway: tuple[str, ...]


@dataclass(slots=True)
class Siege:
    """A newsroom with a bucket and two folders, and what was done to it."""

    shop: PrintShop
    proxy: Proxy
    deeds: Deeds
    base: str
    turn: random.Random
    puts: dict[str, int] = field(default_factory=dict)
    kills: list[Kill] = field(default_factory=list)
    missed: int = 0
    wrote: int = 0

    def midway(self) -> int:
        """How many kills fell, on the mirror aimed at, between the first and the last PUT."""
        return sum(kill.aim.mirror in kill.midway for kill in self.kills)

    def told(self, watch: Watch) -> str:
        """The figures, for a person."""
        by_mirror = Counter(mirror for kill in self.kills for mirror in kill.midway)
        rates = {mirror: round(watch.rate(mirror), 1) for mirror in MIRRORS}
        gaps = {mirror: round(watch.longest_gap(mirror), 2) for mirror in MIRRORS}
        anew = {mirror: watch.anew(mirror) for mirror in MIRRORS}
        return (
            f"{len(self.kills)} kills, {self.midway()} midway through the push aimed at "
            f"(midway by mirror: {dict(by_mirror)}); {self.missed} pushes were not hit; "
            f"{len(watch.checks)} checks, each second {rates}, longest gap {gaps} s, "
            f"of changed bytes {anew}"
        )

    async def kill_one(self) -> None:
        """Change something, publish, and kill that at a seeded moment."""
        await self._change()
        aim = self._aim()
        if await self._publish(aim):
            self.kills.append(
                Kill(aim=aim, midway=tuple(m for m in MIRRORS if self.deeds.midway(m)))
            )
        else:
            self.missed += 1

    async def correct_and_finish(self) -> Published:
        """A correction, published to its end."""
        await self._correct()
        return await self.finish()

    async def finish(self) -> Published:
        """One more publish, to its end."""
        self.deeds.begin()
        self.proxy.after = _nothing
        async with opened(self.shop.folder) as room:
            return await publish(room)

    async def not_current(self, finished: Published, most: int) -> list[str]:
        """Mirrors that do not hold the ledger's newest edition, clean, as `verify` calls it.

        Beside each changing file may lie at most so many signatures.
        """
        async with opened(self.shop.folder) as room:
            newest = await room.ledgers.editions.newest()
        assert newest
        wrong = [f"{refusal.mirror}: {refusal.detail}" for refusal in finished.refusals]
        for mirror, copy in self.copies().items():
            report = await verify(copy.source, self.shop.root, SystemClock().now())
            told = (report.authentic, report.fresh, report.edition, report.changing_to)
            if told != (True, True, newest.number, None):
                wrong.append(f"{mirror}: {told} {report.clause} {report.reason}")
            for name in NAMES:
                beside = [path for path in copy.marks() if path.startswith(f"{name}.")]
                if not 1 <= len(beside) <= most:
                    wrong.append(f"{mirror}: {len(beside)} signatures beside {name}")
        return wrong

    def copies(self) -> dict[str, Copy]:
        """The mirrors, as a checker sees them."""
        found: dict[str, Copy] = {m: FolderCopy(self.shop.mirror(m)) for m in FOLDERS}
        return {BUCKET: BucketCopy(self.base), **found}

    async def calibrate(self) -> None:
        """Fill the mirrors, then count the files of an ordinary push."""
        assert not (await self.finish()).refusals
        assert not (await self.correct_and_finish()).refusals
        self.puts = {mirror: self.deeds.count(mirror, "PUT") for mirror in MIRRORS}

    def _aim(self) -> Aim:
        mirror = self.turn.choice((BUCKET, BUCKET, *FOLDERS))
        landed = self.turn.random() < 0.5
        number = 1 + self.turn.randrange(self.puts[mirror] - 2)
        draw = self.turn.random()
        if draw < 0.55:
            return Aim(mirror, "PUT", "", number, landed)
        if draw < 0.92:
            return Aim(mirror, "PUT", self.turn.choice(PLACES), 1, landed)
        return Aim(mirror, "DELETE", "", 1 + self.turn.randrange(2), landed)

    async def _publish(self, aim: Aim) -> bool:
        """Whether it was killed, and not at its end already."""
        shot = Event()
        child = await asyncio.create_subprocess_exec(
            *self.shop.command("publish", "--json"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=surroundings(),
        )
        seen = count(1)

        def shoot(deed: Deed) -> None:
            fits = (deed.mirror, deed.verb) == (aim.mirror, aim.verb)
            if fits and deed.path.startswith(aim.path) and next(seen) == aim.count:
                shot.set()
                with suppress(ProcessLookupError):  # it ended just before: this one missed
                    os.kill(child.pid, signal.SIGKILL)

        drops = not aim.landed or aim.mirror in FOLDERS
        self.deeds.begin(shoot if drops else _nothing)
        self.proxy.after = _nothing if drops else shoot
        async with asyncio.timeout(PATIENCE):
            code = await child.wait()
        assert code in {0, -signal.SIGKILL}, "a push that was not hit must succeed"
        return shot.is_set() and code == -signal.SIGKILL

    async def _change(self) -> None:
        draw = self.turn.random()
        if draw < 0.25:
            await self._import()
        elif draw < 0.35:
            await self._withdraw()
        else:
            await self._correct()

    async def _correct(self) -> None:
        article = self.turn.choice(await self._articles())
        self.wrote += 1
        change = Change(file=None, title=f"Take {self.wrote}", replace=(), reason="Again")
        await correct(self.shop.folder, article, change)

    async def _import(self) -> None:
        self.wrote += 1
        folder = texts(self.shop.folder.parent / f"fresh-{self.wrote}", ())
        head = f"id: fresh-{self.wrote}\ntitle: Fresh {self.wrote}\nlanguage: en\ndate: 2026-11-20"
        story = f"---\n{head}\n---\n\nThe boat came in.\n\n![Boat](pictures/harbour.jpg)\n"
        (folder / "fresh.md").write_text(story, encoding="utf-8")
        async with opened(self.shop.folder) as room:
            got = await bring_in(room, markdown.read(folder), release=True)
        assert got.taken == 1

    async def _withdraw(self) -> None:
        article = self.turn.choice(await self._articles())
        self.wrote += 1
        async with opened(self.shop.folder) as room:
            await withdraw(room, article, f"person {self.wrote}")

    async def _articles(self) -> list[ArticleId]:
        async with opened(self.shop.folder) as room:
            return [record.id for record in await room.ledgers.articles.texts()]


@asynccontextmanager
async def besieged(folder: Path, seed: int) -> AsyncIterator[tuple[Siege, Watch]]:
    """A published newsroom on a bucket and two folders, watched until the block ends."""
    shop = await set_up(folder / "paper", ("en", "ru"))
    deeds = Deeds()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(buckets([BUCKET]))
        base = f"{server}/{BUCKET}/"
        await _let_list(base)
        proxy = await stack.enter_async_context(proxied(server, deeds))
        shop.add_bucket(BUCKET, proxy.endpoint, base)
        folders = {mirror: shop.add_folder(mirror) for mirror in FOLDERS}
        async with opened(shop.folder) as room:
            source = texts(folder / "texts", ("en", "ru"))
            await bring_in(room, markdown.read(source), release=True)
        turn = random.Random(seed)  # noqa: S311 - seeded on purpose
        siege = Siege(shop=shop, proxy=proxy, deeds=deeds, base=base, turn=turn)
        for mirror, place in folders.items():
            stack.enter_context(arriving(mirror, place, deeds))
        await siege.calibrate()
        watched_mirrors = [Watched(mirror=BUCKET, bucket=base, base=base)]
        watched_mirrors += [Watched(mirror=m, folder=str(place)) for m, place in folders.items()]
        watch = await stack.enter_async_context(_on_thread(shop.root, watched_mirrors))
        yield siege, watch


@asynccontextmanager
async def _on_thread(root: str, mirrors: list[Watched]) -> AsyncIterator[Watch]:
    watching = watched(root, mirrors)
    watch = await asyncio.to_thread(watching.__enter__)
    try:
        yield watch
    finally:
        await asyncio.to_thread(watching.__exit__, None, None, None)


async def _let_list(base: str) -> None:
    """Let anyone list the bucket at `base` too."""
    name = base.rstrip("/").rpartition("/")[2]
    resources = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    actions = ["s3:GetObject", "s3:ListBucket"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": resources}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    async with (
        aiohttp.ClientSession() as session,
        session.put(base.rstrip("/") + "?policy", data=policy) as answer,
    ):
        answer.raise_for_status()


def _nothing(_deed: Deed) -> None:
    return
