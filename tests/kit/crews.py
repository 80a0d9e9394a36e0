"""Crews: a newsroom on PostgreSQL with many mirrors, and real workers that are killed at random."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from feeds.sources import folder as markdown
from service.config import FILE
from service.dispatching.handing_out import HandedOut, handed_out
from service.founding import found
from service.newsroom import Newsroom
from service.pipeline import prepare, tidy
from service.running.converging import Converging
from service.stories.correcting import Change, correct_in
from service.stories.importing import bring_in
from service.wiring import opened
from store.jobs import SCHEMA
from tamizdat.placement import MirrorId, Placement, Refusal
from tests.kit.newsroom import SAMPLES
from tests.kit.printshop import PrintShop, surroundings
from tests.kit.watchman import Watch, Watched, watched

PATIENCE = 1200.0

_HERE = f"SET search_path TO {SCHEMA}"
_COUNTING = """
CREATE TABLE begun (job bigint NOT NULL);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN INSERT INTO begun VALUES (NEW.id); RETURN NULL; END';
CREATE TRIGGER note AFTER UPDATE OF status ON procrastinate_jobs
  FOR EACH ROW WHEN (NEW.status = 'doing') EXECUTE FUNCTION note();
"""
_REPEATED = "SELECT count(*) - count(DISTINCT job), count(DISTINCT job) FROM begun"


@dataclass
class Pool:
    """Workers, each a program of its own."""

    shop: PrintShop
    at_once: int
    turn: random.Random
    least: int = 2
    starting: list[asyncio.subprocess.Process] = field(default_factory=list)
    working: list[asyncio.subprocess.Process] = field(default_factory=list)
    kills: int = 0

    async def start(self, count: int) -> None:
        """Start workers, and wait until they work."""
        for _ in range(count):
            await self._begin()
        while self.starting:
            await self._ready()

    async def kill_one(self) -> None:
        """Kill one that works, without a word, and start another in its place."""
        if len(self.working) < self.least:
            await self._ready()
        child = self.working.pop(self.turn.randrange(len(self.working)))
        child.kill()
        await child.wait()
        self.kills += 1
        await self._begin()

    def processor(self) -> float:
        """Seconds of processor that those who work have taken."""
        stats = [Path(f"/proc/{one.pid}/stat").read_text().split() for one in self.working]
        return sum(int(stat[13]) + int(stat[14]) for stat in stats) / os.sysconf("SC_CLK_TCK")

    async def _begin(self) -> None:
        child = await asyncio.create_subprocess_exec(
            *self.shop.command("worker", "--concurrency", str(self.at_once), "--json"),
            stdout=asyncio.subprocess.PIPE,
            env=surroundings(),
        )
        self.starting.append(child)

    async def _ready(self) -> None:
        child = self.starting.pop(0)
        assert child.stdout is not None
        async with asyncio.timeout(PATIENCE):
            said = await child.stdout.readline()
        assert b"working" in said, "a worker did not begin"
        self.working.append(child)

    async def stop(self) -> list[int]:
        """Have them end; gives their exit codes."""
        codes = []
        while self.starting:
            await self._ready()
        for child in self.working:
            child.send_signal(signal.SIGTERM)
        for child in self.working:
            async with asyncio.timeout(PATIENCE):
                codes.append(await child.wait())
        self.working = []
        return codes


@dataclass
class Office:
    """What `serve` does, in this process: editions are made, their passes handed out."""

    room: Newsroom
    handed: HandedOut
    converging: Converging
    placed: dict[MirrorId, int] = field(default_factory=dict)
    refused: dict[MirrorId, Refusal] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    edition: int = 0

    def note(self, outcome: Placement | Refusal) -> None:
        """A pass ended."""
        if isinstance(outcome, Placement):
            self.placed[outcome.mirror] = max(outcome.edition, self.placed.get(outcome.mirror, 0))
            self.refused.pop(outcome.mirror, None)
        else:
            self.refused[outcome.mirror] = outcome
        self.news.set()

    async def publish(self) -> None:
        """The next edition, with a correction in it."""
        texts = await self.room.ledgers.articles.texts()
        title = f"Take {self.edition + 1}"
        change = Change(file=None, title=title, replace=(), reason="Again")
        if self.edition:
            await correct_in(self.room, texts[0].id, change)
        desired = await prepare(self.room)
        self.edition = desired.edition.number
        self.converging.desire(self.room, desired)
        await tidy(self.room, desired)

    async def everywhere(self) -> None:
        """Wait until every mirror holds the newest edition."""
        async with asyncio.timeout(PATIENCE):
            while self.lacking():
                self.news.clear()
                await self.news.wait()

    async def waiting(self, address: str) -> None:
        """Wait until a job for every mirror waits."""
        async with (
            asyncio.timeout(PATIENCE),
            await psycopg.AsyncConnection.connect(address, autocommit=True) as connection,
        ):
            await connection.execute(_HERE.encode())
            waiting = 0
            while waiting < len(self.room.outlets):
                await asyncio.sleep(0.1)
                waiting = await _count(connection)

    async def rate(self, pool: Pool, count: int) -> tuple[float, float]:
        """Mirrors that so many workers bring to the newest edition in a second, once all work.

        And the seconds of processor that they take for each.
        """
        await pool.start(count)
        loop = asyncio.get_running_loop()
        begun, left, spent = loop.time(), len(self.lacking()), pool.processor()
        await self.everywhere()
        return left / (loop.time() - begun), (pool.processor() - spent) / left

    def lacking(self) -> Sequence[MirrorId]:
        """Mirrors that do not hold it, as far as we were told."""
        return [one for one in self.room.outlets if self.placed.get(one) != self.edition]


@asynccontextmanager
async def office(shop: PrintShop) -> AsyncIterator[Office]:
    """An open newsroom that hands out, until the block ends."""
    async with AsyncExitStack() as stack:
        room = await stack.enter_async_context(opened(shop.folder))
        handed = await stack.enter_async_context(handed_out(room))
        assert handed is not None
        converging = Converging(outcome=lambda _: None, passing=handed.go_by, retries=(0.5, 2.0))
        made = Office(room=room, handed=handed, converging=converging)
        converging.outcome = made.note
        handed.stray = made.note
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(handed.returns.run()),
                group.create_task(room.holding.watch()),
                group.create_task(converging.run(room.outlets)),
            ]
            yield made
            for task in tasks:
                task.cancel()


async def besieged(
    office: Office, pool: Pool, workers: int, watched_mirrors: int, enough: Callable[[], bool]
) -> Watch:
    """Publish, kill a worker, and again, until it is enough, while some mirrors are watched.

    Then everything is brought to its end. Another edition comes where one is everywhere, or four
    were killed since.
    """
    folders = [one for one in office.room.mirrors if one.folder is not None]
    chosen = pool.turn.sample(folders, watched_mirrors)
    await pool.start(workers)
    await office.publish()
    await office.everywhere()
    sample = [Watched(mirror=one.id, folder=one.folder) for one in chosen]
    watching = watched(pool.shop.root, sample)
    watch = await asyncio.to_thread(watching.__enter__)
    try:
        while not enough():
            if not office.lacking() or pool.kills % 4 == 0:
                await office.publish()
            await asyncio.sleep(pool.turn.random())
            await pool.kill_one()
        await office.publish()
        await office.everywhere()
    finally:
        await asyncio.to_thread(watching.__exit__, None, None, None)
    return watch


async def newsroom(folder: Path, address: str, mirrors: int) -> PrintShop:
    """One with an article and so many folders, whose passes are handed out."""
    founded = await found(folder, "The Tideline", ("en",), mirrors=(), ledger_at=address)
    shop = PrintShop(folder=folder, root=founded.root)
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write('\n[dispatch]\nkind = "workers"\n')
    for number in range(mirrors):
        shop.add_folder(f"m{number:04}")
    async with opened(folder) as room:
        await bring_in(room, markdown.read(SAMPLES / "en-ferry.md"), release=True)
    return shop


async def count_beginnings(address: str) -> None:
    """From now on the database notes each time that a job is begun."""
    async with await psycopg.AsyncConnection.connect(address) as connection:
        await connection.execute(_HERE.encode())
        await connection.execute(_COUNTING)


async def _count(connection: psycopg.AsyncConnection[Any]) -> int:
    found = await connection.execute("SELECT count(*) FROM procrastinate_jobs")
    row = await found.fetchone()
    return int(row[0]) if row else 0


async def repeats(address: str) -> tuple[int, int]:
    """How often a job was begun again, and how many jobs there were."""
    async with await psycopg.AsyncConnection.connect(address) as connection:
        await connection.execute(_HERE.encode())
        found = await connection.execute(_REPEATED)
        row = await found.fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
