"""A story in several languages at the desk, over HTTP and without a script."""

from dataclasses import replace

from desk.translating import AGREED, BEGUN
from tamizdat.article import ArticleId
from tests.kit.desk.room import Room, Visit, hidden_field, opened, signed_in
from tests.kit.desk.samples import STRIKE, WARD, fill_newsdesk


def full() -> Room:
    room = Room()
    fill_newsdesk(room.newsdesk)
    return room


async def begun(visit: Visit, language: str = "fa") -> ArticleId:
    """Begin the strike story in another language."""
    status, _, headers = await visit.post(f"/stories/{STRIKE}/translate", {"into": language})
    assert status == 303
    return ArticleId(headers["Location"].rpartition("/")[2])


def change(room: Room) -> None:
    """The original moves on."""
    story = room.newsdesk.stories[STRIKE]
    html = story.html.replace("nine pages", "ten pages")
    room.newsdesk.stories[STRIKE] = replace(story, html=html)  # type: ignore[arg-type]


async def test_a_translation_begins_beside_its_original() -> None:
    room = full()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, before, _ = await visit.get(f"/stories/{STRIKE}")
        other = await begun(visit)
        _, sheet, _ = await visit.get(f"/stories/{other}")
        _, first, _ = await visit.get(f"/stories/{STRIKE}")

    assert '<button class=way type=submit name=into value="fa">' in before
    assert BEGUN in sheet
    assert 'dir="rtl" id=article' in sheet
    assert f'href="/stories/{other}"' in first
    assert "change behind" not in sheet


async def test_a_change_of_the_original_is_told_and_shown_until_a_translator_agrees() -> None:
    room = full()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        other = await begun(visit)
        change(room)
        _, first, _ = await visit.get(f"/stories/{STRIKE}")
        _, sheet, _ = await visit.get(f"/stories/{other}")
        given = {"content": hidden_field(sheet, "content")}
        await visit.post(f"/stories/{other}/agree", given)
        _, after, _ = await visit.get(f"/stories/{other}")

    assert "<i class=sh></i>1 change behind" in first
    assert "What changed in the original" in sheet
    assert "What changed in the original" not in first
    assert "<del>" in sheet
    assert "ten" in sheet
    assert AGREED in after
    assert "change behind" not in after


async def test_what_changed_after_it_was_shown_is_shown_again() -> None:
    room = full()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        other = await begun(visit)
        _, _, _ = await visit.post(f"/stories/{other}/agree", {"content": "0" * 64})
        change(room)
        _, sheet, _ = await visit.get(f"/stories/{other}")

    assert "changed once more" in sheet
    assert "1 change behind" in sheet


async def test_a_withdrawn_story_offers_no_language() -> None:
    room = full()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, page, _ = await visit.get(f"/stories/{WARD}")

    assert "name=into" not in page
    assert "withdrawn" in page
