"""A stolen newsroom: its copy publishes with the same keys, and each time that is an incident."""

import asyncio
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.looks.witness import witness_of
from service.wiring import opened
from tamizdat.measurement import Exchange, Kind, Measurement, Purpose, Step, Vantage
from tests.contract.raw_values import EVERYTHING
from tests.contract.s3_server import Server, running
from tests.kit.bucket import add_bucket
from tests.kit.twin import Twins, founded, gpg_verifies, write

MINSK = Vantage(id="minsk-2", country="BY", network="AS64511", kind=Kind.LOCAL)
CHANGING = ("latest.json", "withdrawn.json")
MANIFESTS = ("e/2/manifest.json", "e/3/manifest.json")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as made:
        yield made


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Twins:
    return founded(tmp_path_factory.mktemp("begun"))


@pytest.fixture
def twins(begun: Twins, tmp_path: Path) -> Twins:
    """Both went on from edition 1, with different texts."""
    return alike(begun, tmp_path)


def test_a_twins_edition_is_an_incident_and_again_when_it_goes_one_ahead(twins: Twins) -> None:
    twins.lay()

    fork = twins.press.run("publish", "--json")
    after_fork = twins.versions("e/2/manifest.json")
    write(twins.thief, "second", "Another lie.")
    assert twins.thief.published() == 3
    twins.lay()
    ahead = twins.press.run("publish", "--json")

    assert (fork.code, fork.json["edition"]) == (0, 2)
    assert after_fork == [2]
    assert twins.versions("e/3/manifest.json") == [3]
    assert {one["fork"] for one in twins.thefts() if one["file"] == MANIFESTS[0]} == {True}
    assert {one["fork"] for one in twins.thefts() if one["file"] == MANIFESTS[1]} == {False}
    assert set(fork.json["thefts"]) < set(ahead.json["thefts"])
    assert "KEY THEFT" in ahead.err
    verified = twins.press.run("verify", twins.mirror, "--json").json
    assert (verified["authentic"], verified["edition"]) == (True, 2)
    assert "thefts" not in verified


def test_plain_gpg_checks_the_evidence_and_an_old_pointer_of_ours_is_none(twins: Twins) -> None:
    before = (twins.mirror / "latest.json").read_bytes()
    twins.lay()
    forged = (twins.mirror / "latest.json").read_bytes()
    twins.press.run("publish")
    (pointer,) = [one for one in twins.thefts() if one["file"] == "latest.json"]
    found = twins.top / "found"

    told = twins.press.run("alarm", "evidence", str(pointer["number"]), found, "--json").json

    assert (found / "latest.json").read_bytes() == forged != before
    assert told["sha256"] == pointer["sha256"]
    assert gpg_verifies(twins.press, found) == ["GOODSIG"]
    assert pointer["seen"][0]["mirror"] == "amber"
    assert (
        pointer["keys"]
        == twins.press.run("key", "list", "--json").json["roles"]["timestamp"]["keys"]
    )


def test_a_bucket_of_the_web_shows_it_too(begun: Twins, tmp_path: Path, server: Server) -> None:
    shutil.copytree(begun.top, tmp_path, dirs_exist_ok=True)
    made = replace(begun, top=tmp_path, server=server).stolen()
    twins = replace(made, bucket=add_bucket(made.press.folder, server))
    write(twins.press, "crane", "The crane flew.")
    write(twins.thief, "forgery", "The crane was shot.")
    assert (twins.press.published(), twins.thief.published()) == (2, 2)
    twins.lay_in_bucket()

    fork = twins.press.run("mirror", "probe", "delta", "--json").json["thefts"]
    write(twins.thief, "second", "Another lie.")
    assert twins.thief.published() == 3
    twins.lay_in_bucket()
    ahead = twins.press.run("publish", "--json").json

    assert fork
    assert twins.versions("e/2/manifest.json") == [2]
    assert twins.versions("e/3/manifest.json") == [3]
    assert ahead["refusals"] == []
    assert {spot["mirror"] for one in twins.thefts() for spot in one["seen"]} == {"delta"}
    base = f"{server.endpoint}/{twins.bucket}/"
    assert twins.press.run("verify", base, "--json").json["authentic"]


def test_our_pointer_and_our_list_go_above_those_of_the_thief(twins: Twins) -> None:
    (gone,) = twins.thief.run("article", "list", "--json").json[:1]
    assert twins.thief.run("article", "withdraw", gone["id"]).code == 0
    twins.lay()
    theirs = told(twins.mirror)

    published = twins.press.run("publish", "--json")

    ours = told(twins.mirror)
    assert published.json["refusals"] == []
    assert (theirs["withdrawn.json"]["articles"], ours["withdrawn.json"]["articles"]) != ([], [])
    assert ours["withdrawn.json"]["articles"] == []
    assert ours["withdrawn.json"]["version"] > theirs["withdrawn.json"]["version"]
    assert ours["latest.json"]["version"] > theirs["latest.json"]["version"]
    assert twins.press.run("verify", twins.mirror, "--json").json["authentic"]


def told(mirror: Path) -> dict[str, Any]:
    """The signed files that change, as they say."""
    return {name: json.loads((mirror / name).read_bytes()) for name in CHANGING}


def test_verify_in_a_newsroom_tells_what_readers_cannot_see(twins: Twins) -> None:
    copy = twins.thief.mirror()

    here = twins.press.run("verify", copy, "--json")
    at_a_readers = twins.thief.run("verify", copy, "--json")

    assert here.json["authentic"]
    assert here.json["thefts"]
    assert "KEY THEFT" in here.err
    assert twins.versions("e/2/manifest.json") == [2]
    assert twins.thefts()[0]["seen"][0]["mirror"] is None
    assert "thefts" not in at_a_readers.json


def test_the_same_bytes_are_told_once_and_a_closed_one_stays_closed(twins: Twins) -> None:
    twins.lay()
    twins.press.run("publish")
    first = twins.thefts()
    for one in first:
        assert twins.press.run("alarm", "close", str(one["number"])).code == 0

    twins.lay()
    again = twins.press.run("publish", "--json")

    assert [one["sha256"] for one in twins.thefts()] == [one["sha256"] for one in first]
    assert "thefts" not in again.json
    assert twins.press.run("alarm", "list").code == 0


def test_nothing_of_ours_old_or_broken_and_nothing_of_a_strangers_is_a_theft(
    begun: Twins, tmp_path: Path
) -> None:
    shutil.copytree(begun.top, tmp_path, dirs_exist_ok=True)
    ours = replace(begun, top=tmp_path)
    old = tmp_path / "old"
    shutil.copytree(ours.mirror, old)
    for name in ("crane", "swift", "stork"):
        write(ours.press, name, f"The {name} flew.")
        ours.press.published()
    stranger = founded(tmp_path / "another")

    shutil.rmtree(ours.mirror)
    shutil.copytree(old, ours.mirror)
    rolled_back = ours.press.run("mirror", "probe", "amber", "--json").json["thefts"]
    assert ours.press.run("publish", "--json").code == 0
    pointer = ours.mirror / "latest.json"
    pointer.write_bytes(pointer.read_bytes().replace(b'"edition":4', b'"edition":5'))
    broken = ours.press.run("publish", "--json")
    shutil.copytree(stranger.mirror, ours.mirror, dirs_exist_ok=True)
    strange = ours.press.run("mirror", "probe", "amber", "--json").json["thefts"]

    assert rolled_back == strange == []
    assert broken.code == 0
    assert ours.thefts() == []


def test_after_an_old_backup_what_lies_on_mirrors_is_adopted_and_no_theft(
    twins: Twins, tmp_path: Path
) -> None:
    saved = saved_to(tmp_path)
    assert twins.press.run("backup", tmp_path / "paper.gpg", *saved).code == 0
    write(twins.press, "swift", "The swift flew.")
    assert twins.press.published() == 3
    shutil.move(twins.mirror, tmp_path / "kept")
    shutil.rmtree(twins.press.folder)
    assert twins.press.run("restore", tmp_path / "paper.gpg", twins.press.folder, *saved).code == 0
    shutil.move(tmp_path / "kept", twins.mirror)

    before = twins.press.run("verify", twins.mirror, "--json").json
    published = twins.press.run("publish", "--json").json

    assert "thefts" not in before
    assert published["restored"]["adopted"] == [3]
    assert twins.thefts() == []


async def test_what_only_a_vantage_elsewhere_was_shown_is_kept_from_its_answer(
    begun: Twins, tmp_path: Path
) -> None:
    twins = await asyncio.to_thread(alike, begun, tmp_path)
    forged = twins.thief.mirror()
    shown = {path.name: path.read_bytes() for path in forged.glob("latest.json*")}
    async with opened(twins.press.folder) as room:
        ours = {p.name: p.read_bytes() for p in twins.mirror.glob("latest.json*")}
        witness = witness_of(room)

        nothing = await witness.recall([seen(ours), seen({}), seen({"latest.json": b"<html>"})])
        found = await witness.recall([seen(shown)])
        cut = await witness.recall([seen({p: b[:-1] for p, b in shown.items()})])

    assert nothing == cut == []
    assert [one.path for one in found] == ["latest.json"]
    assert found[0].sealed.body == shown["latest.json"]
    assert [(s.mirror, s.vantage) for s in found[0].spots] == [("amber", "minsk-2")]


def test_a_fork_is_kept_also_where_the_ledger_was_restored_and_publishing_is_refused(
    twins: Twins, tmp_path: Path
) -> None:
    saved = saved_to(tmp_path)
    assert twins.press.run("backup", tmp_path / "paper.gpg", *saved).code == 0
    shutil.move(twins.mirror, tmp_path / "kept")
    shutil.rmtree(twins.press.folder)
    assert twins.press.run("restore", tmp_path / "paper.gpg", twins.press.folder, *saved).code == 0
    shutil.move(tmp_path / "kept", twins.mirror)
    twins.lay()

    refused = twins.press.run("publish")

    assert refused.code == 1
    assert "has another edition 2" in refused.err
    assert twins.versions("e/2/manifest.json") == [2]


def test_reading_in_a_newsroom_tells_of_it_too(twins: Twins, tmp_path: Path) -> None:
    read = twins.press.run("read", twins.thief.mirror(), "--to", tmp_path / "read", "--json")

    assert read.json["thefts"]
    assert twins.versions("e/2/manifest.json") == [2]


def alike(begun: Twins, to: Path) -> Twins:
    """Both went on from edition 1, with different texts."""
    shutil.copytree(begun.top, to, dirs_exist_ok=True)
    made = replace(begun, top=to).stolen()
    write(made.press, "crane", "The crane flew.")
    write(made.thief, "forgery", "The crane was shot.")
    assert (made.press.published(), made.thief.published()) == (2, 2)
    return made


def saved_to(folder: Path) -> tuple[str | Path, ...]:
    """The options of a backup with its keys beside it."""
    (folder / "words").write_text("six words of one passphrase\n")
    (folder / "keys-words").write_text("and six words of quite another\n")
    keys = ("--keys", folder / "keys.gpg", "--keys-secret", folder / "keys-words")
    return ("--secret", folder / "words", *keys)


def seen(files: Mapping[str, bytes]) -> Measurement:
    """A look from Minsk that took these files whole."""
    steps = [
        Step(
            seen=Exchange(
                address="192.0.2.1",
                port=443,
                host="amber.example",
                path=f"/paper/{name}",
                secure=True,
                status=200,
                body_length=len(body),
                body_start=body,
            ),
            purpose=Purpose.READER,
            failure=None,
            t0=0.0,
            t=0.1,
        )
        for name, body in files.items()
    ]
    return replace(EVERYTHING, vantage=MINSK, steps=tuple(steps))
