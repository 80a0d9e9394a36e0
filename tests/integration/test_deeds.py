"""The log of deeds in a newsroom: what gets into it and what never does; drafts that lie closed."""

import asyncio
import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service.cli import run
from service.config import FILE
from service.console import DONE
from service.stories.bylines import switch
from service.stories.withdrawing import withdraw
from service.sweeping import sweep
from service.wiring import opened
from tamizdat.errors import ConfigError, SourceError
from tamizdat.moves import Ask
from tamizdat.progress import CONSOLE
from tamizdat.state import StoryState
from tests.kit.eyes import HOUR, MIRA, OTO, Eyes, again, eyes
from tests.kit.newsdesk import written
from tests.kit.posthouse import everything_below

WORDS = "kestreltext of the ferry"
TITLE = "Kestreltitle sails"
PASSPHRASE = "six random words of a newsroom"


def text() -> Any:
    return written(f"<p>{WORDS}</p>", TITLE, summary="kestrelsummary")


async def rows(house: Eyes) -> list[tuple[str, int | None, str | None]]:
    """What the log says, oldest first."""
    found = [row.deed for row in await house.room.ledgers.deeds.newest(100)]
    return [(one.what.value, one.person, one.article) for one in reversed(found) if one]


async def test_who_approved_and_who_brought_it_out_is_noted(tmp_path: Path) -> None:
    async with eyes(tmp_path / "room") as house:
        article = await house.asked(text())
        await house.approve(article)

        assert await rows(house) == [("approved", OTO, article), ("released", OTO, article)]


async def test_a_story_that_a_clock_brings_out_is_noted_as_nobodys(tmp_path: Path) -> None:
    async with eyes(tmp_path / "room") as house:
        article = await house.asked(text(), house.clock.at + HOUR)
        await house.approve(article)
        house.clock.at += HOUR + timedelta(seconds=1)
        await house.turn()

        assert await rows(house) == [("approved", OTO, article), ("released", None, article)]


async def test_what_is_refused_is_no_deed(tmp_path: Path) -> None:
    async with eyes(tmp_path / "room") as house:
        article = await house.asked(text())
        with pytest.raises(ConfigError):
            await house.approve(article, MIRA)

        assert await rows(house) == []


async def test_withdrawals_switches_and_releases_from_the_console_are_noted(
    tmp_path: Path,
) -> None:
    async with eyes(tmp_path / "room", approvals=0) as house:
        article = await house.written(text())
        await house.desk.release(article, person=MIRA)
        await switch(house.room, "Mira Kestrelname", "M. C.")
        await house.desk.withdraw(article, OTO)
        await withdraw(house.room, article, "desk:2")

        assert await rows(house) == [
            ("released", MIRA, article),
            ("byline switched", CONSOLE, None),
            ("withdrawn", OTO, article),
        ]


async def test_no_title_text_or_name_gets_into_the_log(tmp_path: Path) -> None:
    async with eyes(tmp_path / "room", approvals=0) as house:
        await house.desk.release(await house.written(text()), person=MIRA)
        await switch(house.room, "Mira Kestrelname", "")

        said = repr(await house.room.ledgers.deeds.newest(100))
    ledger = b"".join(path.read_bytes() for path in (tmp_path / "room/state").glob("ledger.db*"))

    assert "kestrel" not in said.lower()
    assert b"kestrel" not in ledger.lower()


def test_the_log_is_read_and_checked_at_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "room"

    async def make() -> str:
        async with eyes(folder) as house:
            article = await house.asked(text())
            await house.approve(article)
            return article

    article = asyncio.run(make())
    shown = told(capsys, "-C", str(folder), "audit")
    checked = told(capsys, "-C", str(folder), "audit", "--check")
    again_ = told(capsys, "-C", str(folder), "audit", "--check", "--seen", checked["last"])

    assert [(row["what"], row["person"], row["article"]) for row in shown] == [
        ("released", OTO, article),
        ("approved", OTO, article),
    ]
    assert (checked["rows"], again_) == (2, checked)
    assert run(["-C", str(folder), "audit", "--check", "--seen", "f" * 64]) != DONE
    assert "taken out" in capsys.readouterr().err


async def test_of_a_draft_no_byte_lies_open_where_a_key_is_given(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    folder = tmp_path / "room"
    await _closed(folder)
    async with again(folder) as house:
        article = await house.written(text())
        await house.desk.save(article, written(f"<p>{WORDS}, again</p>", TITLE), MIRA)
        story = await house.desk.story(article)
        cards = await house.desk.cards()
        while_open = await asyncio.to_thread(everything_below, folder)
    after = await asyncio.to_thread(everything_below, folder)

    assert story is not None
    assert WORDS in story.html
    assert [card.title for card in cards] == [TITLE]
    for found in (while_open, after, caplog.text.encode()):
        assert b"kestrel" not in found.lower()


async def test_what_is_released_lies_as_readers_get_it_and_the_log_does_not(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "room"
    await _closed(folder)
    async with again(folder) as house:
        article = await house.written(text())
        await house.desk.release(article, person=MIRA)
        done = await rows(house)
        out = await house.publish()
    after = await asyncio.to_thread(everything_below, folder)

    assert done == [("released", MIRA, article)]
    assert out.edition >= 1
    assert WORDS.encode() in after
    assert b'"what":"released"' not in after


async def test_what_was_written_before_there_was_a_key_is_closed_at_the_next_start(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "room"
    async with eyes(folder) as house:
        article = await house.asked(text())
        await house.desk.save(article, written(f"<p>{WORDS}, again</p>", TITLE), MIRA)
        await house.desk.move(article, Ask(person=MIRA))
        before = await asyncio.to_thread(everything_below, folder)
    _give_key(folder)

    async with again(folder) as house:
        compared = await house.desk.compared(article)
        await sweep(house.room)
        after = await asyncio.to_thread(everything_below, folder)
        story = await house.approve(article)

    assert before.count(WORDS.encode()) > 1
    assert compared is not None
    assert compared.since == "asked"
    assert story.card.state is StoryState.OUT
    assert WORDS.encode() not in after
    assert TITLE.encode() not in after


async def test_another_passphrase_opens_nothing_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "room"
    await _closed(folder)
    async with again(folder) as house:
        article = await house.written(text())
    (folder / "passphrase").write_text("other words of another newsroom\n")
    async with again(folder) as house:
        with pytest.raises(SourceError, match="closed under another passphrase"):
            await house.desk.story(article)


async def test_a_newsroom_whose_passphrase_is_not_there_does_not_open(tmp_path: Path) -> None:
    folder = tmp_path / "room"
    await _closed(folder)
    (folder / "passphrase").unlink()

    with pytest.raises(ConfigError, match="no passphrase can be read there"):
        async with opened(folder):
            pass


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert run([*words, "--json"]) == DONE
    return json.loads(capsys.readouterr().out)


async def _closed(folder: Path) -> None:
    """A newsroom that has a key for what must lie closed."""
    async with eyes(folder, approvals=0):
        pass
    _give_key(folder)


def _give_key(folder: Path) -> None:
    (folder / "passphrase").write_text(f"{PASSPHRASE}\n")
    config = folder / FILE
    config.write_text(config.read_text() + 'sealed = "passphrase"\n')
