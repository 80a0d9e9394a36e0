"""What is said when a text is sent back: before its author, closed on the disk, not for ever."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.sweeping import sweep
from tamizdat.article import ArticleId
from tamizdat.moves import Ask, SendBack
from tests.kit.eyes import MIRA, OTO, Eyes, again, eyes
from tests.kit.newsdesk import written
from tests.kit.seeker import hits, needles, tree

NOTE = "Who told you of the lanterns?"
TEXT = written("<p>It sailed.</p>")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Eyes]:
    async with eyes(tmp_path / "room"):
        pass
    config = tmp_path / "room" / "tamizdat.toml"
    config.write_text(
        config.read_text().replace("approvals = 1", "approvals = 1\nsealed = 'phrase'")
    )
    (tmp_path / "room" / "phrase").write_text("a lantern on the harbour wall at nine\n")
    (tmp_path / "room" / "phrase").chmod(0o600)
    async with again(tmp_path / "room") as made:
        yield made


async def said(house: Eyes, article: ArticleId) -> tuple[int, str] | None:
    story = await house.desk.story(article)
    assert story
    return story.sent_back


async def sent_back(house: Eyes) -> ArticleId:
    article = await house.asked(TEXT)
    await house.desk.move(article, SendBack(person=OTO, note=f"  {NOTE}\n"))
    return article


async def test_it_stands_with_the_story_and_no_byte_of_it_on_the_disk(house: Eyes) -> None:
    article = await sent_back(house)
    await sweep(house.room)

    assert await said(house, article) == (OTO, NOTE)
    assert hits(tree(house.room.folder / "state"), needles(NOTE)) == []


async def test_it_goes_when_approval_is_asked_for_again(house: Eyes) -> None:
    article = await sent_back(house)
    await house.desk.save(article, replace(TEXT, text="<p>It sailed at noon.</p>"), MIRA)
    kept = await said(house, article)
    await house.desk.move(article, Ask(person=MIRA))
    await house.desk.move(article, SendBack(person=OTO))

    assert kept == (OTO, NOTE)
    assert await said(house, article) is None


async def test_it_does_not_come_back_with_a_correction(house: Eyes) -> None:
    article = await sent_back(house)
    await house.desk.move(article, Ask(person=MIRA))
    await house.approve(article)
    await house.desk.save(article, replace(TEXT, text="<p>It never sailed.</p>"), MIRA)

    assert await said(house, article) is None


async def test_it_goes_with_what_was_discarded(house: Eyes) -> None:
    article = await sent_back(house)
    await house.desk.discard(article)
    blobs = len(list((house.room.folder / "state" / "blobs").glob("*/*")))
    await sweep(house.room)

    assert blobs
    assert not list((house.room.folder / "state" / "blobs").glob("*/*"))
