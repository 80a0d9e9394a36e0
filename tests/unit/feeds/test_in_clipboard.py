"""What comes over a clipboard: clean structure, and what was left out in plain words."""

import base64
import re
from io import BytesIO

import pytest
from PIL import Image

from feeds.incoming import no_pictures
from feeds.pasting import Paste, paste
from service.stories.pasting import pasted
from tamizdat.article import Picture
from tamizdat.digest import digest
from tamizdat.errors import SourceError
from tests.kit.images import jpeg
from tests.kit.pastes import COUNT, ROWS, SAMPLES, SECRET, Sample, pastes, point, word
from tests.unit.feeds.test_in_hostile import is_calm


def clean(html: str, language: str = "en") -> Paste:
    return paste(html, language=language, pictures=no_pictures)


def flat(html: str) -> str:
    """Without the white space between blocks, which no reader sees."""
    return re.sub(
        r"\s*(</?(?:p|h\d|[uo]l|li|hr|blockquote|table|tbody|tr|td)\b[^>]*>)\s*", r"\1", html
    )


def nothing(_: str) -> bytes:
    raise AssertionError


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_paste_becomes_structure_and_tells_what_it_lost(sample: Sample) -> None:
    found = clean(sample.html)

    assert flat(found.html) == sample.becomes
    assert found.removed == sample.removed


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_paste_that_is_pasted_again_is_the_same(sample: Sample) -> None:
    once = clean(sample.html)

    assert flat(clean(once.html).html) == flat(once.html)


def test_there_are_enough_ways_to_do_harm() -> None:
    assert len(ROWS) >= 60
    assert len(pastes()) == COUNT


@pytest.mark.parametrize("seed", [7, 8])
def test_nothing_hostile_lives_and_the_text_does(seed: int) -> None:
    made = [(one, clean(one.html)) for one in pastes(seed)]

    assert [one.html for one, found in made if not is_calm(found.html)] == []
    assert [one.html for one, found in made if one.text not in found.html] == []
    assert [one.html for one, found in made if SECRET in found.html] == []


def test_a_persian_text_says_no_direction_that_it_has_anyway() -> None:
    html = "<p dir=RTL class=MsoNormal>می‌خواهم</p><p dir=RTL>بدانم</p>"

    assert clean(html, "fa").html == "<p>می‌خواهم</p><p>بدانم</p>"


def test_a_paragraph_comes_back_as_words_and_two_as_paragraphs() -> None:
    assert clean("<p>one</p>").html == "one"
    assert clean("<p>one</p><p>two</p>").html == "<p>one</p><p>two</p>"


@pytest.mark.parametrize("html", ["<div>" * 250 + "x", "<b></b>" * 31_000 + "x"])
def test_a_paste_beyond_reason_is_refused(html: str) -> None:
    with pytest.raises(SourceError, match="beyond reason"):
        clean(html)


def test_a_long_list_takes_time_in_proportion_to_its_length() -> None:
    found = clean(word("".join(point(str(number), level=1 + number % 9) for number in range(3000))))

    assert found.html.count("<li>") == 3000


def test_a_picture_that_came_along_is_made_anew() -> None:
    body = jpeg(1, told="Anna")
    html = f'<p>x</p><img src="data:image/jpeg;base64,{base64.b64encode(body).decode()}" alt=y>'

    found = pasted(html, "en", {}, nothing)

    made = base64.b64decode(found.pictures[0].partition(",")[2])
    assert 'src="picture:0"' in found.html
    assert not Image.open(BytesIO(made)).getexif()
    assert b"Anna" not in made
    assert found.removed == ()


def test_a_broken_picture_is_told_of() -> None:
    found = pasted('<p>x</p><img src="data:image/png;base64,AAAA">', "en", {}, nothing)

    assert (found.html, found.removed) == ("x", ("1 broken picture",))


def test_a_picture_of_the_story_keeps_its_address() -> None:
    body = jpeg(1)
    known = {
        digest(body): Picture(
            sha256=digest(body), extension="jpg", length=len(body), width=9, height=9, alt=""
        )
    }
    html = f'<p>x</p><img src="https://desk.example/pictures/{digest(body)}.jpg">'

    mine, other = pasted(html, "en", known, lambda _: body), pasted(html, "en", {}, nothing)

    assert mine.pictures == (f"{digest(body)}.jpg",)
    assert other.pictures == ()
