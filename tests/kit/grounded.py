"""A newsroom that serves on plain loopback, on doors of its own, beside whatever else runs here."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.kit.demo.plain import Plain
from tests.kit.editor import Editor, joined
from tests.kit.lab.places import PAPERS
from tests.kit.showing import shown
from tests.kit.stage.paper import DESK, STATUS, Paper, Site, Value, founded, with_gateway
from tests.kit.stage.running import NAME, Running
from tests.kit.strangers import HOST, free_port

WORDS = "Some words of it."

Block = tuple[str, Mapping[str, Value]]


@dataclass(kw_only=True)
class Ground(Plain):
    """Plain ground whose doors were moved to free ports; `within` begins each command."""

    doors: Mapping[int, int] = field(default_factory=dict)
    within: tuple[str, ...] = ()

    async def start(self, name: str, place: str, *command: str) -> int:
        """Start a program."""
        return await super().start(name, place, *self.within, *command)

    async def door(self, port: int) -> int:
        """Where a door is now."""
        return self.doors[port]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounded:
    """A newsroom, and the ground on which it serves."""

    ground: Ground
    paper: Paper

    async def start(self) -> Running:
        """Let it serve."""
        return await Running.start(self.ground, self.paper)

    async def kill(self) -> None:
        """End it without a word."""
        await self.ground.stop(NAME, "KILL")

    @property
    def log(self) -> str:
        """What it said."""
        return self.ground.log(NAME)


@asynccontextmanager
async def grounded(
    folder: Path, *, more: Sequence[Block] = (), bases: Mapping[str, str] | None = None
) -> AsyncIterator[Grounded]:
    """A newsroom with mirrors that are shown and a gateway of its own, until the block ends.

    `bases` give some of its mirrors other addresses, and add mirrors.
    """
    desk, status, web, post, smtp = (free_port() for _ in range(5))
    usual = {name: f"http://{HOST}:{web}/{name}/" for name in PAPERS}
    serve: Mapping[str, Value] = {
        "desk": f"{HOST}:{desk}",
        "status": f"{HOST}:{status}",
        "look_seconds": 2,
    }
    feeds = {"http": f"{HOST}:{post}", "base": f"http://{HOST}:{post}/"}
    letters = {"domain": "post.example", "smtp": f"{HOST}:{smtp}"}
    site = Site(
        bases={**usual, **(bases or {})},
        addresses={},
        languages=("en", "fa"),
        blocks=(("[serve]", serve), ("[post]", {**letters, **feeds}), *more),
    )
    paper = with_gateway(founded(folder, site))
    kept = folder / "ground"
    kept.mkdir()
    ground = Ground(folder=kept, doors={DESK: desk, STATUS: status})
    try:
        async with shown({name: paper.mirrors / name for name in PAPERS}, web):
            yield Grounded(ground=ground, paper=paper)
    finally:
        for name in list(ground.running):
            await ground.stop(name, "KILL")


def block(head: str, **keys: Value) -> Block:
    """A block of the config."""
    return head, keys


@asynccontextmanager
async def editor(running: Running) -> AsyncIterator[Editor]:
    """The first person who signs in, until the block ends."""
    assert running.join is not None
    async with joined(running.desk, running.join) as somebody:
        yield somebody


async def released(somebody: Editor, title: str) -> str:
    """Write a story and release it; gives its id."""
    story = await somebody.write(title, WORDS)
    await somebody.release(story, title, WORDS)
    return story
