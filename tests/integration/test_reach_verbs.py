"""`tamizdat reach`: a newsroom's own mirrors, measured and judged by the real program."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.kit.program import Answer, Program
from tests.kit.strangers import HOST, free_port
from tests.kit.web import served

pytestmark = pytest.mark.asyncio(loop_scope="module")
TEXT = "---\nid: own\ntitle: Our own report\nlanguage: en\ndate: 2026-09-02\n---\nWhat we saw.\n"


@dataclass(frozen=True)
class Room:
    """A published newsroom whose first two mirrors are on the web; the third has no address."""

    program: Program
    folder: Path

    async def run(self, *arguments: str | Path) -> Answer:
        return await self.program.start("-C", self.folder, *arguments)

    def mirror(self, name: str) -> Path:
        return self.folder / "mirrors" / name

    @contextmanager
    def nowhere(self, name: str) -> Iterator[None]:
        """A mirror's address leads to nobody until the block ends."""
        config = self.folder / "tamizdat.toml"
        kept = config.read_text()
        config.write_text(kept.replace(self.address(name), f"http://{HOST}:{free_port()}/"))
        try:
            yield
        finally:
            config.write_text(kept)

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
        text = (self.folder / "tamizdat.toml").read_text()
        return text.split(f'id = "{name}"')[1].split('url = "')[1].split('"')[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Room]:
    tmp_path = tmp_path_factory.mktemp("reach")
    program = Program(tmp_path, cwd=tmp_path)
    made = Room(program, tmp_path / "room")
    assert (await program.start("init", made.folder, "--json")).code == 0
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "own.md").write_text(TEXT)
    async with AsyncExitStack() as stack:
        for name in ("amber", "birch"):
            address = await stack.enter_async_context(served(made.mirror(name)))
            config = made.folder / "tamizdat.toml"
            told = config.read_text()
            config.write_text(told.replace(f'id = "{name}"', f'id = "{name}"\nurl = "{address}"'))
        imported = await made.run("import", "folder", tmp_path / "texts", "--release")
        assert imported.code == 0, imported
        published = await made.run("publish", "--json")
        assert published.code == 0, published
        yield made


async def test_every_mirror_with_an_address_is_measured_to_its_signature(room: Room) -> None:
    answer = await room.run("reach", "check", "--json")

    told = {row["mirror"]: row for row in answer.json["rows"]}
    assert answer.code == 0, answer
    assert set(told) == {"amber", "birch"}
    assert {(row["verdict"], row["sees"]) for row in told.values()} == {("reachable", "ok")}


async def test_a_dead_and_an_altered_mirror_are_told_apart(room: Room) -> None:
    with room.nowhere("amber"), room.false("birch"):
        answer = await room.run("reach", "check", "--json")

    told = {row["mirror"]: (row["verdict"], row["sees"]) for row in answer.json["rows"]}
    assert answer.code == 1
    assert told["amber"] == ("down", "tcp:connection_refused")
    assert told["birch"] == ("altered", "signature:invalid")


async def test_behind_a_censor_only_a_control_tells_a_block(room: Room, tmp_path: Path) -> None:
    open_net = tmp_path / "open.json"
    open_net.write_text((await room.run("reach", "check", "--json")).out)
    inside = ("reach", "check", "--country", "XX", "--network", "AS64500", "--json")

    with room.nowhere("amber"):
        alone = await room.run(*inside)
        beside = await room.run(*inside, "--control", open_net)

    words = [{r["mirror"]: r["verdict"] for r in one.json["rows"]} for one in (alone, beside)]
    assert words[0] == {"amber": "nothing", "birch": "reachable"}
    assert words[1] == {"amber": "blocked", "birch": "reachable"}


async def test_what_was_measured_is_judged_again_beside_oonis_fields(
    room: Room, tmp_path: Path
) -> None:
    stored = tmp_path / "stored.json"
    stored.write_text((await room.run("reach", "check", "--json")).out)

    answer = await room.program.start("reach", "judge", stored, "--json")
    table = await room.program.start("reach", "judge", stored)

    told = answer.json["judged"]
    assert {one["verdict"] for one in told} == {"reachable"}
    assert {(one["ooni"]["blocking"], one["ooni"]["accessible"]) for one in told} == {(False, True)}
    assert "ok.signed" in table.out


async def test_nonsense_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "nonsense.json"
    file.write_text(json.dumps({"test_name": "telegram"}))
    program = Program(tmp_path, cwd=tmp_path)

    refused = await program.start("reach", "judge", file)
    missing = await program.start("reach", "judge", tmp_path / "none")
    stand = await program.start("-C", tmp_path, "reach", "check", "--country", "Iran")

    assert (refused.code, missing.code, stand.code) == (1, 2, 2)
    assert all(len(one.err.strip().splitlines()) == 1 for one in (refused, missing, stand))
