"""Previews at the desk over HTTP: frames that run nothing, and pages around them."""

import pytest

from tamizdat.article import ArticleId
from tests.kit.desk.previewing import MemoryPreviewing
from tests.kit.desk.room import Room, hidden_field, opened, signed_in, visiting
from tests.kit.desk.samples import DATA, STRIKE, WARD, fill_newsdesk
from tests.kit.desk.stories import PICTURE, PICTURE_NAME

PICTURE_PATH = f"o/{PICTURE_NAME[:2]}/{PICTURE_NAME}"


def full() -> Room:
    room = Room()
    fill_newsdesk(room.newsdesk)
    return room


async def test_a_frame_gives_the_very_bytes_of_the_page_and_its_pictures() -> None:
    room = full()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        made = await MemoryPreviewing(room.newsdesk).preview(STRIKE)
        assert made is not None
        _, page, headers = await visit.get(f"/stories/{STRIKE}/as/page/{made.path}")
        place = f"{base}/stories/{STRIKE}/as/page/{PICTURE_PATH}"
        async with visit.session.get(place) as answer:
            picture = await answer.read()

    assert page.encode() == made.page
    assert picture == PICTURE
    assert f"../../{PICTURE_PATH}" in page
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "sandbox allow-same-origin" in policy
    assert "script" not in policy


@pytest.mark.parametrize("way", ["page", "text", "feed", "letter", "turned", "phone"])
async def test_each_way_has_a_page_with_frames_in_a_sandbox(way: str) -> None:
    room = full()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, page, headers = await visit.get(f"/stories/{STRIKE}/preview?as={way}")

    assert status == 200
    assert 'sandbox="allow-same-origin"' in page
    assert f'as={way}" aria-current=page' in page
    assert "frame-src 'self'" in headers["Content-Security-Policy"]


async def test_a_way_that_is_none_of_ours_shows_the_page() -> None:
    room = full()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, page, _ = await visit.get(f"/stories/{STRIKE}/preview?as=x")

    assert 'as=page" aria-current=page' in page


async def test_the_button_saves_what_stands_in_the_form_first() -> None:
    room = full()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, sheet, _ = await visit.get(f"/stories/{STRIKE}")
        given = {"title": "Strike", "form": "html", "text": "<p>Fresh words</p>"}
        seen = {"seen": hidden_field(sheet, "seen")}
        status, _, headers = await visit.post(f"/stories/{STRIKE}/preview", given | seen)
        _, frame, _ = await visit.get(f"/stories/{STRIKE}/as/feed/sheet.html")

    assert (status, headers["Location"]) == (303, f"/stories/{STRIKE}/preview")
    assert "Fresh words" in frame


@pytest.mark.parametrize(
    "path",
    ["as/page/en/index.html", "as/feed/o/x.png", "as/nothing/sheet.html", "as/page/../../x"],
)
async def test_a_link_out_of_the_story_leads_nowhere(path: str) -> None:
    room = full()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, _, headers = await visit.get(f"/stories/{STRIKE}/{path}")

    assert status == 404
    assert "script-src 'unsafe" not in headers["Content-Security-Policy"]


async def test_a_picture_of_no_story_is_not_given_out() -> None:
    room = full()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, _, _ = await visit.get(f"/stories/{DATA}/as/page/o/aa/{'a' * 64}.jpg")

    assert status == 404


@pytest.mark.parametrize("story", [WARD, ArticleId("z" * 13)])
async def test_what_is_withdrawn_or_unknown_has_no_preview(story: ArticleId) -> None:
    room = full()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, _, _ = await visit.get(f"/stories/{story}/preview")

    assert status == 404


async def test_a_preview_is_for_who_is_signed_in() -> None:
    room = full()
    async with opened(room) as (_, base), visiting(base) as visit:
        page, _, _ = await visit.get(f"/stories/{STRIKE}/preview")
        frame, _, _ = await visit.get(f"/stories/{STRIKE}/as/feed/sheet.html")

    assert (page, frame) == (303, 303)
