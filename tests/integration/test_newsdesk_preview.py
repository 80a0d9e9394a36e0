"""What a preview shows is what goes out: the same bytes, but for what a release stamps."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.founding import MIRRORS
from tamizdat.article import ArticleId
from tests.kit.images import jpeg
from tests.kit.newsdesk import Office, address, office, written

_TIME = re.compile(r"<time [^>]*>[^<]*</time>|<(?:published|updated)>[^<]*<")
NOBODY = ArticleId("aaaaaaaaaaaaa")
TEXT = (
    "<p>It sailed <strong>at noon</strong>.</p><h2>Then</h2><ul><li>one</li></ul>"
    f'<p><img src="{address(jpeg(1))}" alt="A ferry"></p><p>می‌خواهم بدانم چه شد</p>'
)
FULL = replace(
    written(TEXT), summary="In short.", section="Harbour", authors=("A. Heron", "B. Finch")
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path / "room") as made:
        yield made


def undated(text: str) -> str:
    return _TIME.sub("", text)


async def test_the_page_is_the_one_that_goes_out(house: Office) -> None:
    draft = await house.desk.save(None, FULL)
    seen = await house.desk.preview(draft.card.id)
    out = await house.desk.release(draft.card.id)
    await house.publish()
    pages = house.pages(out.path)

    assert seen is not None
    assert seen.path == out.path
    assert {undated(page) for page in pages} == {undated(seen.page.decode())}
    assert "A ferry" in pages[0]


async def test_a_correction_is_previewed_with_the_line_that_readers_will_see(house: Office) -> None:
    out = await house.out(FULL)
    again = replace(FULL, title="The ferries", correction="There were two")
    await house.desk.save(out.card.id, again)
    seen = await house.desk.preview(out.card.id)
    await house.desk.release(out.card.id)
    await house.publish()

    assert seen is not None
    assert "There were two" in seen.page.decode()
    assert undated(house.pages(out.path)[0]) == undated(seen.page.decode())


async def test_the_entry_stands_so_in_the_feed(house: Office) -> None:
    draft = await house.desk.save(None, FULL)
    seen = await house.desk.preview(draft.card.id)
    await house.desk.release(draft.card.id)
    await house.publish()
    feed = (house.room.folder / "mirrors" / MIRRORS[0] / "en/atom.xml").read_text("utf-8")
    here = re.search(r'rel="self" href="([^"]*)en/atom.xml"|href="([^"]*)en/atom.xml"', feed)

    assert seen is not None
    assert here
    base = here[1] or here[2]
    assert undated(seen.atom.replace("https://here.invalid/", base)) in undated(feed)


async def test_text_letter_and_the_other_direction_hold_the_story(house: Office) -> None:
    draft = await house.desk.save(None, FULL)

    seen = await house.desk.preview(draft.card.id)

    assert seen is not None
    assert "It sailed" in seen.text.decode()
    assert "<img" not in seen.text.decode()
    assert (seen.letter.title, seen.letter.fault) == ("The ferry", "")
    assert "It sailed" in seen.letter.body
    assert "dir=rtl" in seen.turned.decode().partition("<title>")[0]
    assert '<div dir="ltr"><p>It sailed' in seen.turned.decode()


async def test_looking_keeps_nothing(house: Office) -> None:
    draft = await house.desk.save(None, FULL)
    before = sorted(path for path in house.room.folder.rglob("*") if path.is_file())

    await house.desk.preview(draft.card.id)

    assert sorted(path for path in house.room.folder.rglob("*") if path.is_file()) == before


async def test_what_nobody_knows_and_what_was_withdrawn_has_no_preview(house: Office) -> None:
    out = await house.out(FULL)
    await house.desk.withdraw(out.card.id, 1)

    assert await house.desk.preview(out.card.id) is None
    assert await house.desk.preview(NOBODY) is None
