"""People at a terminal: roles, sessions, and somebody who must be out at once."""

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.code_words import code_word
from desk.sessions import begin
from service.alarms.sounding import siren_of
from service.alarms.words import herald_of
from service.cli import run
from service.config import FILE
from service.console import DONE
from service.wiring import beside, opened
from store.people import SqlPeople
from tamizdat.people import Role
from tests.kit.eyes import HOUR, OTO, eyes
from tests.kit.newsdesk import written

SAY = "import sys; open('said', 'ab').write(sys.stdin.buffer.read())"


@pytest.fixture
def paper(tmp_path: Path) -> tuple[Path, str]:
    """A newsroom with three editors: a story is on a clock by Oto, who is signed in twice."""
    folder = tmp_path / "room"

    async def make() -> str:
        async with eyes(folder) as house:
            article = await house.asked(written("<p>It sailed.</p>"), house.clock.at + HOUR)
            await house.approve(article, OTO)
            people = house.room.ledgers.people
            oto = await people.get(OTO)
            assert oto
            for _ in range(2):
                await begin(people, oto, datetime.now(UTC) - timedelta(days=1, hours=-20))
            return article

    return folder, asyncio.run(make())


def told(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert run(["-C", str(folder), *words, "--json"]) == DONE
    return json.loads(capsys.readouterr().out)


def test_one_command_removes_somebody_and_says_what_is_left_to_do(
    paper: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, article = paper

    gone = told(folder, capsys, "desk", "remove", str(OTO))

    people = told(folder, capsys, "desk", "people")
    (pending,) = told(folder, capsys, "article", "pending")
    log = told(folder, capsys, "audit")
    assert {k: gone[k] for k in ("removed", "sessions", "approvals", "clocks")} == {
        "removed": OTO,
        "sessions": 2,
        "approvals": 1,
        "clocks": 1,
    }
    assert any("key revoke release" in one for one in gone["still"])
    assert [one["number"] for one in people] == [1, 3]
    assert (pending["id"], pending["state"], pending["approvals"]) == (article, "waiting", [])
    assert (log[0]["what"], log[0]["person"], log[0]["about"]) == ("removed", 0, OTO)
    assert run(["-C", str(folder), "desk", "remove", str(OTO)]) != DONE


def test_sessions_are_told_by_days_and_ended(
    paper: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = paper

    before = told(folder, capsys, "desk", "sessions", str(OTO))
    ended = told(folder, capsys, "desk", "sign-out", str(OTO))
    after = told(folder, capsys, "desk", "sessions", str(OTO))

    assert len(before) == 2
    assert {len(value) for one in before for value in one.values()} == {len("2026-11-26")}
    assert (ended["ended"], after) == (2, [])


def test_a_role_is_given_at_a_terminal(
    paper: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = paper

    told(folder, capsys, "desk", "role", str(OTO), "writer")
    roles = {one["number"]: one["role"] for one in told(folder, capsys, "desk", "people")}
    unknown = run(["-C", str(folder), "desk", "role", "99", "writer"])

    assert roles[OTO] == Role.WRITER.value
    assert unknown != DONE
    assert "person 99: is not there" in capsys.readouterr().err


async def test_a_code_word_goes_out_once_by_each_way_and_says_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "room"
    async with eyes(folder):
        pass
    config = folder / FILE
    command = f'\n[alarm]\ncommand = ["{sys.executable}", "-c", "{SAY}"]\n'
    config.write_text(config.read_text() + command)
    async with beside(folder) as (_, ledger):
        await SqlPeople(ledger).freeze(OTO, datetime.now(UTC))
    async with opened(folder) as room:
        done = [await herald_of(room).sound(room.clock.now()) for _ in range(2)]
        left_out = await herald_of(room).sound(room.clock.now(), but={"command"})
        word = code_word(room.salt, OTO)

    assert [[(one.channel, one.fault) for one in some] for some in done] == [[("command", "")], []]
    assert not left_out
    said = [json.loads(line) for line in (folder / "said").read_bytes().splitlines()]
    assert said == [{"alarm": "word", "newsroom": "The Heron", "word": word}]


async def test_the_word_goes_to_nobody_who_was_forced_themselves(paper: tuple[Path, str]) -> None:
    folder, _ = paper
    config = folder / FILE
    (folder / "operators").write_text(f"anna@mail.example\noto@mail.example {OTO}\n")
    config.write_text(
        config.read_text() + '\n[alarm]\nto = "operators"\nsender = "alarm@paper.example"\n'
        'host = "127.0.0.1"\nport = 9\n'
    )
    async with beside(folder) as (_, ledger):
        await SqlPeople(ledger).freeze(OTO, datetime.now(UTC))
    async with opened(folder) as room:
        tried = await herald_of(room).sound(room.clock.now())
        alarmed = await siren_of(room).try_out(room.clock.now())

    told = "the mail was not taken"
    assert [(one.channel, one.fault) for one in tried] == [("mail 1", told)]
    assert [(one.channel, one.fault) for one in alarmed] == [("mail 1", told), ("mail 2", told)]
