"""A round: a newsroom's mirrors seen from vantages elsewhere, beside controls."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from reach.patience import Patience
from service.looks.looking import Looked, look
from service.wiring import opened
from tamizdat.measurement import Kind, Purpose, Stage
from tamizdat.placement import MirrorId, MirrorState
from tamizdat.sighting import Sighting
from tamizdat.verdict import Finding, Word
from tests.kit.onweb import OnWeb, on_web
from tests.kit.vantages import LOOK, program
from tests.kit.web import served

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATIENCE = Patience(dns=2, late=0.1, tcp=2, tls=2, stall=5, exchange=20, whole=30)


def block(name: str, command: Sequence[str], **more: object) -> str:
    """A vantage of the config."""
    keys = {"id": name, "command": command, **more}
    return "\n".join(f"{key} = {json.dumps(value)}" for key, value in keys.items())


THERE = block("there", LOOK, country="XX", network="AS64500")
OPEN = block("open", LOOK, kind="control")
REFUSED = """
tell(GREETING)
asked = order()
dial = {"address": "192.0.2.1", "port": 443}
failure = {"stage": "tcp", "code": "connection_refused"}
step = {"seen": dial, "purpose": "reader", "failure": failure, "t0": 0.0, "t": 0.1}
for aim in asked["aims"]:
    told = {"mirror": aim["mirror"], "vantage": asked["vantage"], "at": asked["at"]}
    told |= {"host": "127.0.0.1", "steps": [step], "expected": []}
    tell(json.dumps(told).encode())
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OnWeb]:
    async with on_web(tmp_path_factory.mktemp("looking")) as made:
        yield made


async def looked(folder: Path, only: str | None = None) -> Sequence[Sighting]:
    async with opened(folder) as newsroom:
        wanted = {MirrorId(only)} if only else None
        return await look(newsroom, only=wanted, patience=PATIENCE)


def words(sightings: Sequence[Sighting]) -> dict[tuple[str, str], tuple[str, str]]:
    """The verdict and what was seen, by vantage and mirror."""
    return {
        (one.here.vantage.id, one.here.mirror): (
            one.ruling.word,
            str(one.ruling.failure or "ok"),
        )
        for one in sightings
    }


async def test_every_mirror_is_seen_from_everywhere_to_its_signature(room: OnWeb) -> None:
    with room.seen_from(THERE, OPEN):
        sightings = await looked(room.folder)

    good = (Word.REACHABLE, "ok")
    assert words(sightings) == {
        ("there", "amber"): good,
        ("there", "birch"): good,
        ("open", "amber"): good,
        ("open", "birch"): good,
    }
    assert {one.here.vantage.kind for one in sightings} == {Kind.LOCAL, Kind.CONTROL}
    assert all(list(one.here.of(Purpose.READER, Stage.SIGNATURE)) for one in sightings)
    assert {one.control.vantage.id for one in sightings if one.control} == {"open"}


async def test_without_a_control_in_the_config_this_machine_is_one(room: OnWeb) -> None:
    with room.seen_from(THERE):
        sightings = await looked(room.folder, only="amber")

    assert set(words(sightings)) == {("there", "amber"), ("local", "amber")}
    assert {s.here.vantage.country for s in sightings} == {"XX", "ZZ"}
    assert {s.control.vantage.id for s in sightings if s.control} == {"local"}


async def test_without_any_vantage_this_machine_looks_alone(room: OnWeb) -> None:
    sightings = await looked(room.folder)

    assert set(words(sightings)) == {("local", "amber"), ("local", "birch")}


async def test_changed_pages_and_an_outage_are_told_apart_from_there(room: OnWeb) -> None:
    with room.seen_from(THERE), room.nowhere("amber"), room.false("birch"):
        told = words(await looked(room.folder))

    assert told["there", "amber"] == (Word.DOWN, "tcp:connection_refused")
    assert told["there", "birch"] == (Word.ALTERED, "signature:invalid")


async def test_an_edition_made_with_stolen_keys_is_told_from_there(
    room: OnWeb, tmp_path: Path
) -> None:
    shutil.copytree(room.folder, tmp_path / "thief")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "forged.md").write_text("---\ntitle: Forged\nid: f\n---\nFalse words.\n")
    thief = OnWeb(room.program, tmp_path / "thief")
    imported = await thief.run("import", "folder", tmp_path / "texts", "--release")
    assert imported.code == 0, imported
    async with served(thief.mirror("amber")) as false:
        with thief.configured(thief.address("amber"), false):
            await thief.run("publish")

        with room.seen_from(THERE), room.configured(room.address("amber"), false):
            told = words(await looked(room.folder, only="amber"))

    assert told["there", "amber"] == (Word.ALTERED, "signature:unknown_edition")


async def test_a_secret_mirror_is_seen_by_its_own_group_only(room: OnWeb) -> None:
    mine = block("mine", LOOK, groups=["hidden"])
    public, hidden = 'exposure = "public"\ngroup = "open"', 'exposure = "secret"\ngroup = "hidden"'
    with room.seen_from(THERE, mine), room.configured(public, hidden, 1):
        told = words(await looked(room.folder))

    assert {by for by, mirror in told if mirror == "amber"} == {"mine", "local"}
    assert {by for by, mirror in told if mirror == "birch"} == {"there", "mine", "local"}


async def test_a_mirror_that_was_retired_is_looked_at_no_more(room: OnWeb) -> None:
    async with opened(room.folder) as newsroom:
        pool = newsroom.ledgers.pool
        await pool.set_state(MirrorId("birch"), MirrorState.RETIRED)
        sightings = await look(newsroom, patience=PATIENCE)
        await pool.set_state(MirrorId("birch"), MirrorState.ACTIVE)

    assert set(words(sightings)) == {("local", "amber")}


async def test_who_is_done_is_told_while_another_hangs(room: OnWeb, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    hanging = program("open(sys.argv[1]).read()", tmp_path / "pipe")
    stuck = block("stuck", hanging, country="YY")
    parts: list[Looked] = []

    async def tell(part: Looked) -> None:
        parts.append(part)
        if part.vantage.id == "there":
            await asyncio.to_thread((tmp_path / "pipe").write_text, "go")

    with room.seen_from(stuck, THERE):
        async with opened(room.folder) as newsroom:
            sightings = await look(newsroom, tell=tell, patience=PATIENCE)

    assert [part.vantage.id for part in parts][-1] == "stuck"
    assert parts[-1].sightings == ()
    assert parts[-1].fault == "ended before it told all"
    assert len(sightings) == 4


async def test_where_controls_differ_nothing_bad_is_believed(room: OnWeb) -> None:
    differs = block("differs", program(REFUSED), kind="control")
    inside = block("inside", program(REFUSED), country="XX")

    with room.seen_from(THERE, inside, OPEN, differs):
        told = await looked(room.folder, only="amber")
    with room.seen_from(inside, OPEN):
        agreed = await looked(room.folder, only="amber")

    findings = {one.here.vantage.id: one.ruling.finding for one in told}
    assert findings == {
        "there": Finding.OK,
        "open": Finding.OK,
        "inside": Finding.NO_CONTROL,
        "differs": Finding.NO_CONTROL,
    }
    assert {one.here.vantage.id: one.ruling.finding for one in agreed} == {
        "inside": Finding.TCP_IP,
        "open": Finding.OK,
    }


async def test_the_verb_looks_from_every_vantage_and_says_which_is_silent(room: OnWeb) -> None:
    broken = program("os.write(2, b'Permission denied (publickey).\\n'); sys.exit(255)")
    silent = block("silent", broken, country="YY")
    with room.seen_from(THERE, silent):
        answer = await room.run("reach", "check", "--json")
        alone = await room.run("reach", "check", "--network", "AS64501", "--json")

    seen = {(row["vantage"], row["mirror"], row["verdict"]) for row in answer.json["rows"]}
    assert answer.code == 1
    assert seen == {
        (by, mirror, "reachable") for by in ("there", "local") for mirror in ("amber", "birch")
    }
    assert answer.err.splitlines() == [
        "vantage silent: ended before it told all: Permission denied (publickey)."
    ]
    assert alone.code == 0
    assert {row["vantage"] for row in alone.json["rows"]} == {"local"}
