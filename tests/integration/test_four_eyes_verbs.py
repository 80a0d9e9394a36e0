"""Four eyes and clocks on the command line: the same rules, and what a program reads of them."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.cli import run
from service.console import DONE, USAGE
from service.wiring import beside
from store.people import SqlPeople
from tests.kit.desk.room import PASSWORD, QUICK
from tests.kit.eyes import MIRA, OTO, eyes
from tests.kit.newsdesk import written


@pytest.fixture
def paper(tmp_path: Path) -> tuple[Path, str]:
    """A newsroom that asks for one approval, with a draft of Mira's."""
    folder = tmp_path / "room"

    async def make() -> str:
        async with eyes(folder) as house:
            for person in (MIRA, OTO):
                await house.room.ledgers.people.set_password(person, QUICK.hash(PASSWORD))
            return await house.written(written("<p>It sailed.</p>", "The ferry"))

    article = asyncio.run(make())
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    (tmp_path / "wrong").write_text("another one\n")
    return folder, article


def told(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert run(["-C", str(folder), "article", *words, "--json"]) == DONE
    return json.loads(capsys.readouterr().out)


def test_a_text_goes_out_by_two_people_at_a_terminal(
    paper: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, article = paper
    asked = told(folder, capsys, "ask", article)
    pending = told(folder, capsys, "pending")
    content = told(folder, capsys, "compare", article)["content"]
    approving = ["approve", article, "--content", content[:12], "--person"]
    password = ["--password-file", str(folder.parent / "password")]

    own = run(["-C", str(folder), "article", *approving, str(MIRA), *password])
    forged = [*approving, str(OTO), "--password-file", str(folder.parent / "wrong")]
    wrong = run(["-C", str(folder), "article", *forged])
    said = capsys.readouterr().err
    done = told(folder, capsys, *approving, str(OTO), *password)

    assert asked["state"] == "waiting"
    assert [(one["id"], one["content"]) for one in pending] == [(article, content)]
    assert (own, wrong) == (USAGE, USAGE)
    assert "last changed by you" in said
    assert "that password is not theirs" in said
    assert (done["state"], done["released"]) == ("out", True)


def test_a_clock_is_set_and_stopped_at_a_terminal(
    paper: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, article = paper
    told(folder, capsys, "ask", article)

    at = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT%H:%M}"
    with_clock = told(folder, capsys, "schedule", article, "--at", at, "--zone", "UTC")
    without = told(folder, capsys, "schedule", article, "--at", "")
    held = told(folder, capsys, "hold", article)
    back = told(folder, capsys, "send-back", article)
    stopped = told(folder, capsys, "unschedule", article)

    assert (with_clock["state"], with_clock["due"]) == ("waiting", f"{at}:00Z")
    assert (without["state"], without["due"]) == ("waiting", None)
    assert (held["state"], held["why"]) == ("held", "doubt")
    assert (back["state"], stopped["state"]) == ("writing", "writing")


def test_a_correction_at_a_terminal_waits_too(
    paper: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, article = paper

    released = run(["-C", str(folder), "draft", "release", article])
    short = run(["-C", str(folder), "article", "approve", article, "--content", "3f9", "--person",
                 "2", "--password-file", str(folder.parent / "password")])  # fmt: skip

    said = capsys.readouterr().err
    assert (released, short) == (USAGE, USAGE)
    assert "needs 1 approval, has 0: ask for approval" in said
    assert "give at least 12 digits" in said


def test_a_second_password_at_a_terminal_freezes_as_at_the_desk(
    paper: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, article = paper

    async def choose() -> None:
        async with beside(folder) as (_, ledger):
            await SqlPeople(ledger).set_second(OTO, QUICK.hash("the words of a bad day"))

    async def found() -> bool:
        async with beside(folder) as (_, ledger):
            oto = await SqlPeople(ledger).get(OTO)
            return oto is not None and oto.frozen is not None

    asyncio.run(choose())
    (folder.parent / "forced").write_text("the words of a bad day\n")
    told(folder, capsys, "ask", article)
    content = told(folder, capsys, "compare", article)["content"]
    approving = ["approve", article, "--content", content, "--person", str(OTO)]

    done = told(folder, capsys, *approving, "--password-file", str(folder.parent / "forced"))

    assert (done["state"], done["released"], done["approvals"]) == ("waiting", False, [OTO])
    assert asyncio.run(found())
