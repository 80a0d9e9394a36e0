"""The demo: the whole river on loopback, with articles and pictures of our own.

Two buckets on an S3 server of our own, two folders, two spare folders; then a correction, a
withdrawal, a mirror that breaks, and the spare that takes over. Nothing of it leaves the machine.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from feeds import folder as markdown
from service.bucketing import buckets, close_bucket
from service.config import FILE
from service.console import DONE, REFUSED, as_json, bars, out, table
from service.correcting import Change, correct
from service.founding import found
from service.importing import bring_in
from service.pipeline import Published, publish
from service.rotating import rotate
from service.showing import shown
from service.wiring import opened
from service.withdrawing import withdraw
from signing.verify import verify
from signing.web import UrlSource, new_session
from tamizdat.article import ArticleId, article_id
from tamizdat.placement import MirrorId, MirrorState

SAMPLES = Path(__file__).parent / "samples"
LANGUAGES = ("en", "ru", "be", "fa", "zh-Hans", "sv")
BUCKETS = ("lake", "pine")
FOLDERS = ("reed", "moss")
SPARES = ("fern", "dune")
BROKEN = "lake"
TITLE = "How to keep a document that may vanish"
FEEDS = ("atom.xml", "rss.xml", "feed.json", "lists/1.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that the demo did, whether it held, and what was seen."""

    name: str
    held: bool
    seen: str
    seconds: float


async def run_demo(*, once: bool) -> int:
    """Run it; with `once` through to the end, otherwise keep serving until stopped."""
    async with AsyncExitStack() as stack:
        base = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tamizdat-demo-")))
        room = base / "paper"
        out.print("Starting an S3 server and a web server on loopback ...")
        endpoint = await stack.enter_async_context(buckets([f"{name}-bucket" for name in BUCKETS]))
        folders = {name: room / "mirrors" / name for name in (*FOLDERS, *SPARES)}
        port = await stack.enter_async_context(shown(folders))
        founded = await found(room, "The Tideline", LANGUAGES, mirrors=())
        await asyncio.to_thread(_add_mirrors, room, endpoint, port)
        show = _Demo(room, founded.root, endpoint)
        await show.begin()
        if once:
            await show.go_on()
            return show.report(as_line=True)
        show.report(as_line=False)
        show.invite()
        await asyncio.Event().wait()
    return DONE


class _Demo:
    """The steps, in order, each with its proof."""

    def __init__(self, room: Path, root: str, endpoint: str) -> None:
        self._room = room
        self._root = root
        self._endpoint = endpoint
        self._steps: list[Step] = []
        self._addresses: dict[MirrorId, str] = {}

    async def begin(self) -> None:
        """Import, publish, read back, verify as a stranger."""
        await self._step("import the samples", self._import)
        await self._step("publish and read back", self._publish)
        await self._step("verify as a stranger", self._verify_all)

    async def go_on(self) -> None:
        """Correct, withdraw, break a mirror, let a spare take over."""
        await self._step("correct an article", self._correct)
        await self._step("verify the correction", self._verify_all)
        await self._step("withdraw an article", self._withdraw)
        await self._step("verify the withdrawal", self._verify_all)
        await self._step(f"break mirror {BROKEN}", self._break)
        await self._step("a spare takes over", self._rotate)
        await self._step("verify what is left", self._verify_all)

    def report(self, *, as_line: bool) -> int:
        """Print one table, and `as_line` of JSON too; gives the exit code."""
        rows = [
            ["yes" if s.held else "NO", s.name, s.seen, f"{s.seconds:.1f} s"] for s in self._steps
        ]
        table("What the demo did", ["held", "step", "seen", "took"], rows)
        held = all(step.held for step in self._steps)
        steps = [{"step": s.name, "held": s.held, "seen": s.seen} for s in self._steps]
        if as_line:
            as_json({"held": held, "root": self._root, "steps": steps})
        return DONE if held else REFUSED

    def invite(self) -> None:
        """Say where to look."""
        rows = [[name, f"{address}index.html"] for name, address in self._addresses.items()]
        table("Open one of these in a browser", ["mirror", "address"], rows)
        out.print(f"The newsroom lies in {self._room} until you stop this.", markup=False)
        out.print("Try, in another window:")
        first = next(iter(self._addresses.values()))
        out.print(f"  .venv/bin/tamizdat verify {first} --root {self._root}", markup=False)
        out.print(f"  .venv/bin/tamizdat -C {self._room} article list", markup=False)
        out.print("Stop with Ctrl-C.")

    async def _step(self, name: str, work: Callable[[], Awaitable[tuple[bool, str]]]) -> None:
        begun = time.monotonic()
        with bars(quiet=False) as progress:
            if progress:
                progress.add_task(name, total=None)
            held, seen = await work()
        took = time.monotonic() - begun
        self._steps.append(Step(name=name, held=held, seen=seen, seconds=took))
        out.print(f"{'done' if held else 'FAILED'}: {name}: {seen}", markup=False)

    async def _import(self) -> tuple[bool, str]:
        async with opened(self._room) as room:
            got = await bring_in(room, markdown.read(SAMPLES), release=True)
        languages = len(LANGUAGES)
        held = not got.set_aside and got.taken >= len(LANGUAGES)
        return held, f"{got.taken} articles in {languages} languages"

    async def _publish(self) -> tuple[bool, str]:
        async with opened(self._room) as room:
            published = await publish(room)
        self._addresses = {p.mirror: p.url for p in published.placements}
        held = not published.refusals and len(published.placements) == len(
            (*BUCKETS, *FOLDERS, *SPARES)
        )
        return held, _told(published)

    async def _verify_all(self) -> tuple[bool, str]:
        async with opened(self._room) as room:
            mirrors = [o.mirror for o in room.outlets.values()]
            now, root = room.clock.now(), self._root
        async with new_session() as session:
            reports = {
                mirror.id: await verify(UrlSource(mirror.address, session), root, now)
                for mirror in mirrors
                if mirror.state is not MirrorState.RETIRED
            }
        good = [name for name, report in reports.items() if report.authentic and report.fresh]
        editions = {report.edition for report in reports.values()}
        wrong = [f"{name}: {r.reason}" for name, r in reports.items() if not r.authentic]
        seen = f"{len(good)} of {len(reports)} mirrors are authentic and fresh"
        return len(good) == len(reports) and len(editions) == 1, "; ".join([seen, *wrong])

    async def _correct(self) -> tuple[bool, str]:
        article = await self._id("en-ferry")
        change = Change(file=None, title="Corrected: the ferry", replace=(), reason="The headline")
        made = await correct(self._room, article, change)
        async with opened(self._room) as room:
            published = await publish(room)
        found = await self._holding(made.path, b"Corrected: the ferry")
        held = not published.refusals and len(found) == len(published.placements)
        return held, f"revision {made.revision} at the same address; {_told(published)}"

    async def _withdraw(self) -> tuple[bool, str]:
        article = await self._id("en-copy")
        async with opened(self._room) as room:
            record = (await room.ledgers.articles.find([article]))[article]
            path = f"{record.language}/{record.published.year:04d}/{record.id}.html"
            await withdraw(room, article, "demo")
            published = await publish(room)
        pages = [path, "index.html", *(f"en/{name}" for name in ("index.html", *FEEDS))]
        left = [await self._holding(page, TITLE.encode()) for page in pages]
        held = not published.refusals and not any(left)
        return held, f"its words stand on no page and in no feed; {_told(published)}"

    async def _break(self) -> tuple[bool, str]:
        await close_bucket(self._endpoint, f"{BROKEN}-bucket")
        async with opened(self._room) as room:
            published = await publish(room)
        refused = [r for r in published.refusals if r.mirror == BROKEN]
        held = bool(refused) and len(published.refusals) == 1
        return held, refused[0].detail if refused else "nobody noticed"

    async def _rotate(self) -> tuple[bool, str]:
        rotated = await rotate(self._room, MirrorId(BROKEN), dry_run=False)
        held = rotated.retired == (BROKEN,) and len(rotated.promoted) == 1
        return held, f"{', '.join(rotated.promoted)} stands in for {', '.join(rotated.retired)}"

    async def _id(self, key: str) -> ArticleId:
        async with opened(self._room) as room:
            return article_id(room.salt, "folder", key)

    async def _holding(self, path: str, words: bytes) -> Sequence[MirrorId]:
        """Mirrors whose page at `path` holds `words`."""
        found = []
        async with aiohttp.ClientSession() as session:
            for name, address in self._addresses.items():
                async with session.get(address + path) as answer:
                    if words in await answer.read():
                        found.append(name)
        return found


def _told(published: Published) -> str:
    refused = "".join(f"; {r.mirror} refused: {r.detail}" for r in published.refusals)
    placed = f"edition {published.edition} verified on {len(published.placements)} mirrors"
    return placed + refused


def _add_mirrors(room: Path, endpoint: str, port: int) -> None:
    secret = room / "secrets" / "buckets.toml"
    secret.parent.mkdir(mode=0o700)
    secret.write_text('access_key = "demo-key"\nsecret_key = "demo-secret"\n', encoding="utf-8")
    secret.chmod(0o600)
    blocks = [
        _block(
            name,
            backend="s3",
            bucket=name + "-bucket",
            endpoint=endpoint,
            credentials="secrets/buckets.toml",
            url=f"{endpoint}/{name}-bucket/",
        )
        for name in BUCKETS
    ]
    for name in (*FOLDERS, *SPARES):
        (room / "mirrors" / name).mkdir(parents=True)
        blocks.append(
            _block(
                name,
                backend="folder",
                folder=f"mirrors/{name}",
                url=f"http://127.0.0.1:{port}/{name}/",
                state="spare" if name in SPARES else "active",
            )
        )
    with (room / FILE).open("a", encoding="utf-8") as file:
        file.write("".join(blocks))


def _block(name: str, **keys: str) -> str:
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
    return f'\n[[mirror]]\nid = "{name}"\n{lines}'
