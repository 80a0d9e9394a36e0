"""A newsroom that runs: what is published stands verified in our own feed a moment later."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from service.pipeline import publish
from service.post.boxes import open_box
from service.post.mailing import opened_mail
from service.post.posting import hosted
from service.stories.withdrawing import withdraw
from service.wiring import opened
from tamizdat.letter import LetterState
from tests.kit.mailing import Ear, running
from tests.kit.newsroom import Made, made_newsroom
from tests.kit.posthouse import get, in_time, with_post
from tests.kit.program import inside

ALL = [LetterState.QUEUED, LetterState.SENT, LetterState.VERIFIED]
TITLE = b"The water is clean again"
STORY = """\
---
title: The water is clean again
id: live
---
Nobody had expected it.
"""


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A published newsroom, and a story that is released and not yet published."""
    room = made_newsroom(tmp_path)
    with_post(room.folder)
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "live.md").write_text(STORY, encoding="utf-8")
    assert inside("-C", room.folder, "import", "folder", texts, "--release").code == 0
    return room


async def test_a_published_story_is_verified_in_our_feed_and_a_withdrawn_one_leaves_it(
    made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ear, clock = Ear(1), asyncio.get_running_loop().time
    box = await open_box(made.folder, "The Heron", for_us="own")
    async with (
        hosted(made.folder),
        opened(made.folder) as room,
        opened_mail(room, ear.tell) as mail,
    ):
        mailer = mail.mailer()
        async with running(mailer):
            await ear.all()
            before = {article for _, article, _ in ear.heard}
            ear.done.clear()
            ear.enough = ear.ended + 1
            (fresh,) = {one.id for one in await room.ledgers.articles.changed()} - before
            await publish(room)
            began = clock()
            mailer.wake()
            await ear.all()
            took = clock() - began
            shown = await asyncio.to_thread(get, box.feeds[0])
            await withdraw(room, fresh, "tester")
            await publish(room)
            mailer.wake()
            gone = await asyncio.to_thread(in_time, lambda: TITLE not in get(box.feeds[0])[1])
        standing = await mail.send(timedelta(0))

    assert ear.heard[standing[0].gateway, fresh, 1] == ALL
    assert TITLE in shown[1]
    assert took < 5
    assert gone
    assert standing[0].delivered == len(before)
    told = "\n".join(str(one.__dict__) for one in caplog.records)
    assert not [word for word in (box.to, *box.feeds, "heron.example") if word in told]
