"""A published newsroom whose mirrors are on the web, for those who look at them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.kit.program import Answer, Program
from tests.kit.strangers import HOST, free_port
from tests.kit.web import served

TEXT = "---\nid: own\ntitle: Our own report\nlanguage: en\ndate: 2026-09-02\n---\nWhat we saw.\n"


@dataclass(frozen=True)
class OnWeb:
    """A published newsroom whose first two mirrors are on the web; the third has no address."""

    program: Program
    folder: Path

    async def run(self, *arguments: str | Path) -> Answer:
        return await self.program.start("-C", self.folder, *arguments)

    def mirror(self, name: str) -> Path:
        return self.folder / "mirrors" / name

    @property
    def config(self) -> Path:
        return self.folder / "tamizdat.toml"

    @contextmanager
    def configured(self, old: str, new: str, count: int = -1) -> Iterator[None]:
        """The config says `new` for `old` until the block ends."""
        kept = self.config.read_text()
        assert old in kept
        self.config.write_text(kept.replace(old, new, count))
        try:
            yield
        finally:
            self.config.write_text(kept)

    @contextmanager
    def nowhere(self, name: str) -> Iterator[None]:
        """A mirror's address leads to nobody until the block ends."""
        with self.configured(self.address(name), f"http://{HOST}:{free_port()}/"):
            yield

    @contextmanager
    def seen_from(self, *blocks: str) -> Iterator[None]:
        """These vantages stand in the config until the block ends."""
        told = "".join(f"[[vantage]]\n{block}\n" for block in blocks)
        with self.configured("[[mirror]]", f"{told}[[mirror]]", 1):
            yield

    @contextmanager
    def false(self, name: str) -> Iterator[None]:
        """Every page of a mirror is another until the block ends."""
        kept = {page: page.read_bytes() for page in self.mirror(name).rglob("*.html")}
        for page in kept:
            page.write_bytes(b"<h1>False</h1>\n")
        try:
            yield
        finally:
            for page, body in kept.items():
                page.write_bytes(body)

    def address(self, name: str) -> str:
        """The address of a mirror in the config."""
        return self.config.read_text().split(f'id = "{name}"')[1].split('url = "')[1].split('"')[0]


@asynccontextmanager
async def on_web(folder: Path) -> AsyncIterator[OnWeb]:
    """One that was made and published below `folder`, until the block ends."""
    program = Program(folder, cwd=folder)
    made = OnWeb(program, folder / "room")
    assert (await program.start("init", made.folder, "--json")).code == 0
    (folder / "texts").mkdir()
    (folder / "texts" / "own.md").write_text(TEXT)
    async with AsyncExitStack() as stack:
        for name in ("amber", "birch"):
            address = await stack.enter_async_context(served(made.mirror(name)))
            told = made.config.read_text()
            told = told.replace(f'id = "{name}"', f'id = "{name}"\nurl = "{address}"')
            made.config.write_text(told)
        imported = await made.run("import", "folder", folder / "texts", "--release")
        assert imported.code == 0, imported
        published = await made.run("publish", "--json")
        assert published.code == 0, published
        yield made
