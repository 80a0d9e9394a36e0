"""Pasting over HTTP: for who is signed in, from our own pages, up to a size; told in words."""

import json
from collections.abc import Mapping
from io import BytesIO

import aiohttp

from desk import forms
from tamizdat.people import Role
from tests.kit.desk.room import FROM_HERE, Room, Visit, opened, signed_in, visiting
from tests.kit.images import jpeg

PLACE = "/stories/paste"
FIELDS = {"html": "<p>One</p><p>two<script>x</script></p>", "language": "en", "story": "new"}


def form(*pictures: bytes, kind: str = "image/jpeg", **fields: str) -> aiohttp.FormData:
    made = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        made.add_field(name, value)
    for body in pictures:
        made.add_field("picture", BytesIO(body), filename="IMG_2231.jpg", content_type=kind)
    return made


async def told(visit: Visit, given: aiohttp.FormData) -> tuple[int, Mapping[str, object]]:
    status, body, _ = await visit.post(PLACE, given)
    return status, json.loads(body)


async def test_what_is_pasted_comes_back_clean_with_what_was_left_out() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, found = await told(visit, form(**FIELDS))

    assert (status, found["fault"]) == (200, "")
    assert found["html"] == "<p>One</p><p>two</p>"
    assert found["removed"] == ["1 script"]
    assert room.newsdesk.typed == []


async def test_pictures_come_back_as_pixels_alone() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        status, found = await told(visit, form(jpeg(1, told="CANARY"), language="en", story="new"))

    assert status == 200
    assert str(found["html"]).count('src="data:image/jpeg;base64,') == 1
    assert "CANARY" not in str(found)


async def test_what_cannot_be_taken_is_told_in_words() -> None:
    room = Room()
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        deep = await told(visit, form(html="<div>" * 300 + "x", language="en", story="new"))
        other = await told(visit, form(b"x", kind="application/pdf", language="en", story="new"))
        large = await told(visit, form(b"x" * (forms.LARGE + 1), language="en", story="new"))

    assert [one[0] for one in (deep, other, large)] == [422, 422, 422]
    assert "beyond reason" in str(deep[1]["fault"])
    assert "PNG, JPEG or WebP" in str(other[1]["fault"])
    assert "too large" in str(large[1]["fault"])


async def test_nobody_pastes_from_elsewhere_or_without_a_session_or_the_right() -> None:
    room = Room()
    async with opened(room) as (_, base), visiting(base) as stranger:
        nobody, _, _ = await stranger.post(PLACE, form(**FIELDS))
        async with signed_in(room, base) as visit:
            crossed = {"Sec-Fetch-Site": "cross-site"}
            elsewhere, _, _ = await visit.post(PLACE, form(**FIELDS), headers=crossed)
        async with signed_in(room, base, Role.OPERATOR) as operator:
            operates, _, _ = await operator.post(PLACE, form(**FIELDS), headers=FROM_HERE)

    assert (nobody, elsewhere, operates) == (401, 403, 403)


async def test_a_language_that_is_none_of_the_paper_s_is_the_first_one() -> None:
    room = Room()
    given = {**FIELDS, "language": "xx", "html": "<p>می‌خواهم</p><p>بدانم</p>"}
    async with opened(room) as (_, base), signed_in(room, base) as visit:
        _, found = await told(visit, form(**given))

    assert found["html"] == '<p dir="rtl">می‌خواهم</p><p dir="rtl">بدانم</p>'
