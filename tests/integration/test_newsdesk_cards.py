"""The list of stories: bounded, in order, and no dearer where the archive is large."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from service.stories.cards import LEAST_OUT, LOST, MOST
from service.stories.importing import release_records, to_record
from store.blobs import FolderBlobs
from tamizdat.article import Article, ArticleId, SafeHtml, encode
from tamizdat.digest import Digest
from tamizdat.state import StoryState
from tamizdat.story import Card
from tests.kit.newsdesk import Office, office, written
from tests.unit.tamizdat.test_article import ARTICLE

WRITING, OUT, CORRECTING = StoryState.WRITING, StoryState.OUT, StoryState.CORRECTING


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path / "room") as made:
        yield made


def articles(count: int) -> Sequence[Article]:
    """Articles of an archive, a day apart, half of them in each of two languages."""
    return [
        replace(
            ARTICLE,
            id=ArticleId(f"{number:013d}"),
            revision=1,
            language=("en", "fa")[number % 2],
            title=f"Title {number}",
            html=SafeHtml(f"<p>{number}</p>"),
            pictures=(),
            published=ARTICLE.published - timedelta(days=number),
            updated=ARTICLE.published - timedelta(days=number),
        )
        for number in range(count)
    ]


async def stored(house: Office, archive: Sequence[Article], *, release: bool) -> None:
    """Each of them released, or kept as a draft, the first of them newest."""
    room = house.room
    if release:
        await release_records(room, [await to_record(room, article) for article in archive])
        return
    for number, article in enumerate(archive):
        text = await asyncio.to_thread(room.blobs.write, encode(article))
        at = room.clock.now() - timedelta(minutes=number)
        await room.ledgers.drafts.put(article.id, article.language, text, at)


def shown(cards: Sequence[Card]) -> list[tuple[str, StoryState]]:
    return [(card.title, card.state) for card in cards]


class Counting(FolderBlobs):
    """Blobs that note what is read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.reads: list[Digest] = []

    def read(self, sha256: Digest) -> bytes:
        self.reads.append(sha256)
        return super().read(sha256)


async def test_drafts_come_first_then_what_is_out_newest_first(house: Office) -> None:
    await stored(house, articles(4)[2:], release=True)
    await stored(house, articles(2), release=False)
    await house.desk.save(articles(4)[3].id, written("<p>y</p>", "Title 3, corrected"))

    cards = await house.desk.cards()

    assert shown(cards) == [
        ("Title 3, corrected", CORRECTING),
        ("Title 0", WRITING),
        ("Title 1", WRITING),
        ("Title 2", OUT),
    ]
    assert [(card.language, card.revision) for card in cards] == [
        ("fa", 2),
        ("en", 1),
        ("fa", 1),
        ("en", 1),
    ]


async def test_what_was_corrected_last_comes_first(house: Office) -> None:
    await stored(house, articles(3), release=True)
    await house.desk.save(articles(3)[2].id, written("<p>y</p>", "Title 2"))
    await house.desk.release(articles(3)[2].id)

    assert shown(await house.desk.cards())[0] == ("Title 2", OUT)


async def test_many_drafts_leave_room_for_what_is_out(house: Office) -> None:
    old = [replace(one, id=ArticleId(f"d{one.id[1:]}")) for one in articles(MOST + 5)]
    await stored(house, articles(MOST + 5), release=True)
    await stored(house, old, release=False)

    cards = await house.desk.cards()

    assert len(cards) == MOST
    assert [card.state for card in cards] == [WRITING] * (MOST - LEAST_OUT) + [OUT] * LEAST_OUT
    assert (cards[0].title, cards[-1].title) == ("Title 0", f"Title {LEAST_OUT - 1}")


async def test_titles_are_read_once_and_no_more_of_them_in_a_large_archive(
    house: Office,
) -> None:
    blobs = Counting(house.room.folder / "state" / "blobs")
    counted = Office(replace(house.room, blobs=blobs))
    await stored(house, articles(3 * MOST), release=True)

    first = await counted.desk.cards()
    cost = len(blobs.reads)
    again = await counted.desk.cards()

    assert (len(first), cost, again) == (MOST, MOST, first)
    assert len(blobs.reads) == MOST


async def test_one_lost_text_hides_no_other_story(house: Office) -> None:
    await stored(house, articles(2), release=True)
    record = (await house.room.ledgers.articles.find([articles(2)[0].id]))[articles(2)[0].id]
    assert record.text
    (house.room.folder / "state" / "blobs" / record.text[:2] / record.text).unlink()

    lost = shown(await house.desk.cards())
    waits = await house.desk.withdraw(record.id, 1)

    assert lost == [(LOST, OUT), ("Title 1", OUT)]
    assert waits is None
    assert shown(await house.desk.cards()) == [("Title 1", OUT)]
