"""The editors' pages over HTTP, as a browser without JavaScript and as our script use them."""

import json
from base64 import b64encode
from io import BytesIO

import aiohttp
import pytest

from desk.stories import LOOK_FIRST, SAVED_ELSEWHERE
from tamizdat.people import Role
from tamizdat.state import StoryState
from tests.kit.desk.room import FROM_HERE, Room, hidden_field, opened, signed_in
from tests.kit.desk.samples import DATA, RECORD, SCHOOL, STRIKE, WARD, fill_newsdesk
from tests.kit.desk.stories import PICTURE, PICTURE_NAME

NEW = {
    "title": "  Bread\n price ",
    "summary": "Third time.",
    "section": "Prices",
    "authors": "A. Heron, ، B. Finch",
    "language": "en",
    "form": "markdown",
    "text": "It **rises**.\r\n\r\n<script>alert(1)</script>",
    "seen": "blank",
}


async def test_a_story_is_written_released_and_read_without_a_script() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        saved, _, headers = await visit.post("/stories/new", NEW)
        place = headers["Location"]
        _, sheet, _ = await visit.get(place)
        story = next(iter(room.newsdesk.stories.values()))
        given = {"title": "Bread", "text": story.html, "form": "html"}
        seen = {"seen": hidden_field(sheet, "seen")}
        released, _, _ = await visit.post(f"{place}/release", given | seen)
        _, page, _ = await visit.get(place)

    assert (saved, released) == (303, 303)
    assert (story.card.title, story.authors) == ("Bread price", ("A. Heron", "B. Finch"))
    assert "a script" in sheet
    assert "<strong>rises</strong>" in page
    assert "alert(1)" not in page
    assert "Released." in page


async def test_releasing_shows_first_what_cleaning_took_out() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, sheet, _ = await visit.get(f"/stories/{STRIKE}")
        given = {"title": "Strike", "form": "html", "text": "<p>x<script>1</script></p>"}
        seen = {"seen": hidden_field(sheet, "seen")}
        status, page, _ = await visit.post(f"/stories/{STRIKE}/release", given | seen)

    assert status == 200
    assert LOOK_FIRST in page
    assert room.newsdesk.stories[STRIKE].card.state is StoryState.WRITING


async def test_what_somebody_else_saved_meanwhile_is_not_lost() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, sheet, _ = await visit.get(f"/stories/{STRIKE}")
        seen = {"seen": hidden_field(sheet, "seen")}
        room.clock.on(seconds=30)
        room.newsdesk.now = room.clock.now()
        given = {"title": "Mine", "form": "html", "text": "<p>mine</p>"}
        first, _, _ = await visit.post(f"/stories/{STRIKE}", given | seen)
        second, page, _ = await visit.post(f"/stories/{STRIKE}", given | seen | {"title": "Late"})
        anew = {"seen": hidden_field(page, "seen")}
        third, _, _ = await visit.post(f"/stories/{STRIKE}", given | anew)

    assert (first, second, third) == (303, 409, 303)
    assert SAVED_ELSEWHERE in page
    assert "Late" in page


async def test_what_cannot_be_saved_comes_back_with_the_reason() -> None:
    async with opened(room := Room()) as (_, base), signed_in(room, base) as visit:
        status, page, _ = await visit.post("/stories/new", NEW | {"title": " "})

    assert status == 422
    assert "needs a headline" in page
    assert "It **rises**." in page


async def test_a_script_saves_without_leaving_the_page() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, sheet, _ = await visit.get(f"/stories/{STRIKE}")
        seen = {"seen": hidden_field(sheet, "seen"), "title": "Strike", "form": "html"}
        text = {"text": "<p>x<script>1</script></p>"}
        saved, told, _ = await visit.post(f"/stories/{STRIKE}?part=1", seen | text)
        fault, why, _ = await visit.post(f"/stories/{STRIKE}?part=1", seen | {"title": ""})

    assert (saved, fault) == (200, 422)
    assert json.loads(told)["id"] == STRIKE
    assert json.loads(told)["removed"] == 1
    assert json.loads(told)["pictures"] == []
    assert "a script" in json.loads(told)["cautions"]
    assert "headline" in json.loads(why)["fault"]


async def test_a_picture_comes_in_with_the_form() -> None:
    room = Room()
    form = aiohttp.FormData(NEW | {"alt": "A [slate]"})
    form.add_field("picture", BytesIO(PICTURE), filename="IMG_2231.png", content_type="image/png")
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, _, _ = await visit.post("/stories/new", form)

    assert status == 303
    assert room.newsdesk.typed[-1].text.endswith(
        f"![A (slate)](data:image/png;base64,{b64encode(PICTURE).decode()})\n"
    )


async def test_a_file_that_is_no_picture_is_refused() -> None:
    room = Room()
    form = aiohttp.FormData(NEW)
    form.add_field("picture", BytesIO(b"%PDF"), filename="x.pdf", content_type="application/pdf")
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, text, _ = await visit.post("/stories/new", form)

    assert status == 415
    assert "PNG" in text


async def test_a_correction_says_what_was_wrong() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, sheet, _ = await visit.get(f"/stories/{DATA}/correct")
        seen = {"seen": hidden_field(sheet, "seen"), "title": "Mobile data cut in three towns"}
        text = {"form": "html", "text": "<p>Three.</p>", "reason": "Three towns, not two"}
        status, _, _ = await visit.post(f"/stories/{DATA}/release", seen | text)
        _, page, _ = await visit.get(f"/stories/{DATA}")

    assert status == 303
    assert room.newsdesk.stories[DATA].card.revision == 2
    assert room.newsdesk.reasons == ["Three towns, not two"]
    assert "Three towns, not two" in page


async def test_a_correction_can_be_discarded() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, sheet, _ = await visit.get(f"/stories/{DATA}/correct")
        seen = {"seen": hidden_field(sheet, "seen"), "title": "Other", "form": "html", "text": "x"}
        await visit.post(f"/stories/{DATA}", seen)
        between = room.newsdesk.stories[DATA].card.state
        status, _, headers = await visit.post(f"/stories/{DATA}/discard")

    assert between is StoryState.CORRECTING
    assert (status, headers["Location"]) == (303, f"/stories/{DATA}")
    assert room.newsdesk.stories[DATA].card.title.startswith("Mobile")


async def test_a_draft_can_be_discarded() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, _, headers = await visit.post(f"/stories/{STRIKE}/discard")

    assert (status, headers["Location"]) == (303, "/")
    assert STRIKE not in room.newsdesk.stories


@pytest.mark.parametrize("word", ["", "data", "Mobile data", "Mobil"])
async def test_withdrawing_takes_the_first_word(word: str) -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, page, _ = await visit.post(f"/stories/{DATA}/withdraw", {"word": word})

    assert status == 422
    assert "Not withdrawn" in page
    assert not room.newsdesk.withdrawn_by


async def test_a_withdrawn_story_is_gone_from_the_desk_too() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, _, _ = await visit.post(f"/stories/{DATA}/withdraw", {"word": " mobile"})
        _, page, _ = await visit.get(f"/stories/{DATA}")

    assert status == 303
    assert room.newsdesk.withdrawn_by == [1]
    assert "border towns" not in page
    assert "Withdrawn." in page


async def test_a_withdrawal_that_waits_for_a_second_person_says_so() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    room.newsdesk.waits = "It is the fourth within an hour: a second person confirms it."
    async with opened(room) as (_, base), signed_in(room, base, Role.BOTH) as visit:
        await visit.post(f"/stories/{DATA}/withdraw", {"word": "mobile"})
        _, page, _ = await visit.get(f"/stories/{DATA}")

    assert room.newsdesk.waits in page


async def test_pictures_stand_at_our_own_address() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    path = f"/pictures/{PICTURE_NAME}"
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, page, _ = await visit.get(f"/stories/{DATA}")
        async with visit.session.get(base + path) as answer:
            body, headers = await answer.read(), answer.headers

    assert f'src="{path}"' in page
    assert body == PICTURE
    assert headers["Content-Type"] == "image/png"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


async def test_the_list_tells_where_each_story_stands() -> None:
    room = Room()
    fill_newsdesk(room.newsdesk)
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, cards, _ = await visit.get(f"/cards?current={SCHOOL}")

    order = [cards.index(name) for name in (RECORD, DATA, SCHOOL, WARD)]
    assert order == sorted(order)
    assert f'href="/stories/{SCHOOL}" aria-current=page' in cards
    assert "its text is gone" in cards


async def test_an_empty_desk_says_how_to_begin() -> None:
    async with opened(room := Room()) as (_, base), signed_in(room, base) as visit:
        _, page, _ = await visit.get("/")

    assert "Nothing has been written here yet." in page


async def test_a_title_is_text_and_never_markup() -> None:
    room = Room()
    room.newsdesk.add(DATA, '<img src=x onerror=alert(1)>"', "<p>x</p>")
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, page, _ = await visit.get(f"/stories/{DATA}")
        _, desk, _ = await visit.get("/")

    assert "<img src=x" not in page + desk
    assert "&lt;img src=x" in page


async def test_a_broken_form_is_refused() -> None:
    kind = {"Content-Type": "multipart/form-data", **FROM_HERE}
    async with opened(room := Room()) as (_, base), signed_in(room, base) as visit:
        broken, _, _ = await visit.post("/stories/new", b"no boundary", kind)
        fields = aiohttp.FormData({f"f{n}": "x" for n in range(40)})
        fields.add_field("p", BytesIO(PICTURE), filename="x.png", content_type="image/png")
        many, _, _ = await visit.post("/stories/new", fields)

    assert (broken, many) == (400, 400)
