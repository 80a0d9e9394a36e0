"""The clock of a newsroom's machine jumps: forty days ahead, or back to 1970."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feeds.sources import folder as markdown
from service.clock import SystemClock
from service.newsroom import Newsroom
from service.pipeline import publish
from service.stories.correcting import Change, correct
from service.stories.importing import bring_in
from service.wiring import opened
from signing.seal import MANIFEST_LIFETIME, POINTER_FRESH
from signing.sources import FolderSource
from signing.verify import Report, verify
from tamizdat.article import ArticleId
from tamizdat.wire import Manifest, Pointer
from tests.kit.printshop import PrintShop, set_up, texts

NOW = SystemClock().now()
EPOCH = datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
JUMPS = [NOW + timedelta(days=40), EPOCH]


@dataclass(frozen=True)
class Stopped:
    """A clock that stands."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@pytest.fixture
async def shop(tmp_path: Path) -> PrintShop:
    """A newsroom with one folder mirror, published now."""
    shop = await set_up(tmp_path / "paper")
    shop.add_folder("amber")
    async with opened(shop.folder) as room:
        await bring_in(room, markdown.read(texts(tmp_path / "texts", ("en",))), release=True)
    await published(shop, NOW)
    return shop


@asynccontextmanager
async def opened_at(shop: PrintShop, at: datetime) -> AsyncIterator[Newsroom]:
    async with opened(shop.folder) as room:
        yield replace(room, clock=Stopped(at))


async def published(shop: PrintShop, at: datetime) -> int:
    async with opened_at(shop, at) as room:
        done = await publish(room)
    assert done.refusals == ()
    return done.edition


async def corrected(shop: PrintShop, title: str) -> None:
    async with opened(shop.folder) as room:
        article = (await room.ledgers.articles.texts())[0].id
    change = Change(file=None, title=title, replace=(), reason="a new headline")
    await correct(shop.folder, ArticleId(article), change)


def pointer(shop: PrintShop) -> Pointer:
    return Pointer.parse((shop.mirror("amber") / "latest.json").read_bytes(), "latest.json")


def manifest(shop: PrintShop, edition: int) -> Manifest:
    path = f"e/{edition}/manifest.json"
    return Manifest.parse((shop.mirror("amber") / path).read_bytes(), path)


async def verdict(shop: PrintShop, at: datetime) -> Report:
    return await verify(FolderSource(shop.mirror("amber")), shop.root, at)


async def test_without_news_a_publish_makes_neither_edition_nor_pointer(shop: PrintShop) -> None:
    before = pointer(shop)

    edition = await published(shop, NOW + POINTER_FRESH / 2 - MINUTE)

    assert edition == 1
    assert pointer(shop) == before


async def test_past_half_of_its_fresh_time_the_pointer_is_signed_anew(shop: PrintShop) -> None:
    before = pointer(shop)
    later = NOW + POINTER_FRESH / 2 + MINUTE

    edition = await published(shop, later)

    assert edition == 1
    assert (pointer(shop).version, pointer(shop).edition) == (before.version + 1, 1)
    assert pointer(shop).fresh_until == later + POINTER_FRESH
    assert (await verdict(shop, later)).fresh


async def test_before_half_of_its_life_the_manifest_stays(shop: PrintShop) -> None:
    edition = await published(shop, NOW + MANIFEST_LIFETIME / 2 - MINUTE)

    assert edition == 1


async def test_past_half_of_its_life_the_manifest_is_made_anew(shop: PrintShop) -> None:
    later = NOW + MANIFEST_LIFETIME / 2 + MINUTE

    edition = await published(shop, later)

    assert edition == 2
    assert manifest(shop, 2).expires == later + MANIFEST_LIFETIME
    assert (await verdict(shop, later)).fresh


@pytest.mark.parametrize("jump", JUMPS, ids=["forty days ahead", "1970"])
async def test_editions_chain_over_a_jump_and_back(shop: PrintShop, jump: datetime) -> None:
    await corrected(shop, "While the clock was wrong")
    jumped = await published(shop, jump)
    during = await verdict(shop, NOW)
    await corrected(shop, "When the clock was right again")
    back = await published(shop, NOW + MINUTE)
    after = await verdict(shop, NOW + MINUTE)

    assert (jumped, back) == (2, 3)
    assert (during.authentic, during.edition) == (True, 2)
    # formats 4.5: the pointer's edition names the one before
    previous = manifest(shop, 3).prev
    assert previous
    assert previous.edition == 2
    assert (after.authentic, after.fresh, after.edition) == (True, True, 3)


@pytest.mark.parametrize("jump", JUMPS, ids=["forty days ahead", "1970"])
async def test_a_clock_that_was_wrong_once_leaves_nothing_for_long(
    shop: PrintShop, jump: datetime
) -> None:
    await corrected(shop, "While the clock was wrong")
    await published(shop, jump)

    await published(shop, NOW + MINUTE)
    report = await verdict(shop, NOW + 2 * MINUTE)

    # formats 6.4: fresh by the right clock
    assert (report.authentic, report.fresh) == (True, True)
    assert pointer(shop).issued <= NOW + MINUTE
    assert manifest(shop, pointer(shop).edition).issued <= NOW + MINUTE


async def test_a_jump_ahead_makes_no_edition_for_each_publish(shop: PrintShop) -> None:
    ahead = NOW + timedelta(days=40)
    first = await published(shop, ahead)
    second = await published(shop, ahead + MINUTE)

    assert (first, second) == (2, 2)
