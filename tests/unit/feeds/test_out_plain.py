import pytest

from feeds.page import card
from feeds.paper import Paper
from feeds.plain import brief, headline, led, minutes, repeats, without_tags
from tamizdat.article import SafeHtml
from tests.unit.feeds import press


def test_tags_go_and_words_stay_whole() -> None:
    html = '<p>One <b>b</b>old &amp; <a href="https://x.example/?a>b">link</a></p><p>Two</p>'

    assert without_tags(html) == "One bold & link Two"


def test_a_summary_is_short_and_plain() -> None:
    long = press.article(summary="", html=press.text("en", 2_000))

    assert len(brief(long)) <= 400
    assert brief(long).endswith("…")
    assert brief(press.article(summary="A  b\n c")) == "A b c"


REPEATS = [
    ("Rain fell all day…", "<p>Rain fell all <i>day</i> long.</p>", True),
    ("Rain fell.", "<p>Snow fell.</p>", False),
    ("", "<p>Snow fell.</p>", True),
]


@pytest.mark.parametrize(("summary", "html", "same"), REPEATS)
def test_a_summary_that_the_text_begins_with_is_not_said_twice(
    summary: str, html: str, *, same: bool
) -> None:
    assert repeats(summary, html) is same


def test_reading_time_counts_words_or_signs() -> None:
    assert minutes("<p>" + "word " * 1_000 + "</p>") == 5
    assert minutes("<p>" + "字" * 2_000 + "</p>") == 5
    assert minutes("<p>short</p>") == 1


LED = [
    ("Plain title", "en", "Plain title"),
    ("عنوان ساده", "fa", "عنوان ساده"),
    ("BBC گزارش داد", "fa", "\u200fBBC گزارش داد"),
    ("«سلام» means hello", "en", "\u200e«سلام» means hello"),
]


@pytest.mark.parametrize(("title", "language", "marked"), LED)
def test_a_title_that_mixes_directions_is_led_by_a_mark(
    title: str, language: str, marked: str
) -> None:
    assert led(title, language) == marked


def test_a_title_of_nothing_visible_is_an_ellipsis() -> None:
    assert headline(press.article(title="\x01\u202e")) == "…"


def test_a_card_counts_the_page_and_its_pictures() -> None:
    one = press.illustrated()

    assert card(one, 5_000).kilobytes == 6
    assert card(press.article(), 100).kilobytes == 1


@pytest.mark.parametrize(
    "wrong",
    [{"name": "\u202e "}, {"languages": ()}, {"exit": "javascript:alert(1)"}],
)
def test_a_paper_that_cannot_be_shown_is_refused(wrong: dict[str, object]) -> None:
    fields: dict[str, object] = {"name": "N", "languages": ("en",), "channel": "0" * 32}

    with pytest.raises(ValueError, match=r"paper|exit"):
        Paper(**(fields | wrong))  # type: ignore[arg-type]


def test_a_text_of_nothing_still_has_a_card() -> None:
    one = card(press.article(html=SafeHtml(""), summary=""), 1)

    assert (one.summary, one.minutes) == ("", 1)
