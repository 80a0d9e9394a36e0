"""`tamizdat reach`: a newsroom's own mirrors, measured and judged by the real program."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.kit.onweb import OnWeb, on_web
from tests.kit.program import Program

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OnWeb]:
    async with on_web(tmp_path_factory.mktemp("reach")) as made:
        yield made


async def test_every_mirror_with_an_address_is_measured_to_its_signature(room: OnWeb) -> None:
    answer = await room.run("reach", "check", "--json")

    told = {row["mirror"]: row for row in answer.json["rows"]}
    assert answer.code == 0, answer
    assert set(told) == {"amber", "birch"}
    assert {(row["verdict"], row["sees"]) for row in told.values()} == {("reachable", "ok")}


async def test_a_dead_and_an_altered_mirror_are_told_apart(room: OnWeb) -> None:
    with room.nowhere("amber"), room.false("birch"):
        answer = await room.run("reach", "check", "--json")

    told = {row["mirror"]: (row["verdict"], row["sees"]) for row in answer.json["rows"]}
    assert answer.code == 1
    assert told["amber"] == ("down", "tcp:connection_refused")
    assert told["birch"] == ("altered", "signature:invalid")


async def test_behind_a_censor_only_a_control_tells_a_block(room: OnWeb, tmp_path: Path) -> None:
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
    room: OnWeb, tmp_path: Path
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
