"""What editors write: forms, cautions, lists and the words around them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from desk import spans
from desk.arrivals import arrival_part, headline
from desk.cautions import blocked, cautions
from desk.forms import Form, parsed
from desk.sheets import editor, reading, saved
from desk.shelf import words
from desk.shown import addresses, nameless, shown
from desk.tongues import fits, name_of
from desk.writing import as_written, first_word, is_first_word, moment, nothing, written
from tamizdat.article import ArticleId, SafeHtml
from tamizdat.board import Leg
from tamizdat.state import StoryState
from tamizdat.story import Card, Story
from tests.kit.desk.board import NOW, view
from tests.kit.desk.samples import arrival

PICTURE = '<img src="picture:0" alt="A harbour" width="3" height="2">'
CARD = Card(
    id=ArticleId("a" * 13),
    language="en",
    title="Judges reopen",
    state=StoryState.WRITING,
    revision=1,
    at=NOW,
)
STORY = Story(
    card=CARD,
    html=SafeHtml(f"<p>Four documents show it.</p>{PICTURE}"),
    summary="Seen by us.",
    authors=("A. Heron",),
    section="Courts",
    pictures=(f"{'f' * 64}.png",),
)


def test_a_form_becomes_what_was_written() -> None:
    form = Form(
        fields={
            "title": " Judges\r\nreopen ",
            "text": "One.\r\n\r\nTwo.",
            "form": "markdown",
            "language": "fa",
            "authors": "A. Heron،B. Finch, ,",
            "section": "Courts",
        }
    )

    made = written(form, ("en", "fa"), None)

    assert (made.title, made.text, made.language) == ("Judges reopen", "One.\n\nTwo.", "fa")
    assert (made.authors, made.section) == (("A. Heron", "B. Finch"), "Courts")


def test_language_and_section_of_a_story_stay() -> None:
    form = Form(fields={"title": "x", "language": "fa", "section": "Other", "form": "html"})

    made = written(form, ("en", "fa"), STORY)

    assert (made.language, made.section, made.form) == ("en", "Courts", "html")


def test_a_language_that_the_paper_does_not_write_is_the_first() -> None:
    assert written(Form(fields={"language": "xx"}), ("en", "fa"), None).language == "en"


def test_what_is_attached_stands_at_the_end() -> None:
    picture = "data:image/png;base64,AAAA"
    html = Form(fields={"form": "html", "alt": 'A "b"'}, pictures=(picture,))
    plain = Form(fields={"alt": "A [b]"}, pictures=(picture,))

    assert written(html, ("en",), None).text.endswith(
        f'<img src="{picture}" alt="A &quot;b&quot;"></p>'
    )
    assert written(plain, ("en",), None).text.endswith(f"![A (b)]({picture})\n")


def test_a_body_with_too_many_fields_is_refused() -> None:
    with pytest.raises(web.HTTPBadRequest):
        parsed(b"&".join(b"a=1" for _ in range(40)))
    with pytest.raises(web.HTTPBadRequest):
        parsed(b"\xff=1")


def test_saving_elsewhere_is_noticed() -> None:
    later = replace(STORY, card=replace(CARD, at=NOW + timedelta(seconds=1)))

    assert len({moment(None), moment(STORY), moment(later)}) == 3


FIRST = [
    # headline                      word              typed
    ("Judges quietly reopen",       "Judges",         ["judges", " JUDGES ", "“Judges”"]),
    ("« Правда » вернулась",        "Правда",         ["правда"]),
    ("“Why?” they ask",             "“Why?”",         ["why", "Why?"]),
    ("قاضیان پرونده را",             "قاضیان",         ["قاضیان"]),
    ("法官悄悄重启海港罢工案件的审理工作并且没有通知任何一名被告的亲属", "法官悄悄", ["法官悄悄"]),
    ("…",                           "…",              ["…"]),
]  # fmt: skip


@pytest.mark.parametrize(("title", "word", "typed"), FIRST)
def test_the_first_word_confirms(title: str, word: str, typed: list[str]) -> None:
    assert first_word(title) == word
    assert all(is_first_word(one, title) for one in typed)
    assert not is_first_word("other", title)
    assert not is_first_word("", title)


def test_pictures_get_our_own_address() -> None:
    made = shown(STORY)

    assert f'src="/pictures/{"f" * 64}.png"' in made
    assert addresses(STORY) == [f"/pictures/{'f' * 64}.png"]
    assert 'alt="A harbour"' in made


@pytest.mark.parametrize("html", ['<img src="picture:7" alt="x">', '<img alt="x">'])
def test_a_place_without_a_picture_is_left_out(html: str) -> None:
    assert shown(replace(STORY, html=SafeHtml(f"<p>a</p>{html}"))) == "<p>a</p>"


def test_words_about_a_picture_in_the_text_stay_text() -> None:
    text = '<p>Write src="picture:0" like this.</p>'

    assert shown(replace(STORY, html=SafeHtml(text))) == text


def test_pictures_without_words_are_counted() -> None:
    assert nameless(f'{PICTURE}<img src="picture:1" alt=" "><img src="picture:2">') == 2


def test_cautions_come_first_where_somebody_must_look() -> None:
    worrying = replace(
        STORY,
        card=replace(CARD, language="fa", title="x" * 121),
        summary="",
        removed=("a script",),
        html=SafeHtml('<p>Latin letters, twenty of them.</p><img src="picture:0">' + "x" * 100_000),
    )

    looks = [caution.look for caution in cautions(worrying)]
    fine = [caution.look for caution in cautions(STORY)]

    assert looks.count(True) == 6
    assert looks == sorted(looks, reverse=True)
    assert not any(fine)


def test_where_readers_are_cut_off_is_told_worst_first() -> None:
    told = blocked(view())

    assert [caution.words.split(",")[0] for caution in told] == [
        "2 mirrors are blocked in TM",
        "2 mirrors are blocked in CN",
        "2 mirrors are blocked in IR",
    ]
    assert [caution.look for caution in told] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "language", "good"),
    [
        ("The judges quietly reopened it.", "en", True),
        ("Судьи тихо возобновили дело о забастовке.", "ru", True),
        ("Судьи тихо возобновили дело о забастовке.", "fa", False),
        ("The judges quietly reopened it.", "be-tarask", False),
        ("法官悄悄重启海港罢工案件的审理工作并且没有通知任何人", "zh-Hans", True),
        ("The judges quietly reopened it.", "zh-Hans", False),
        ("The judges quietly reopened it.", "uz-Cyrl", True),
        ("too short", "fa", True),
        ("The judges quietly reopened it.", "xx", True),
    ],
)
def test_letters_tell_a_wrong_language(text: str, language: str, good: object) -> None:
    assert fits(text, language) is good


def test_languages_are_called_by_their_own_names() -> None:
    assert (name_of("fa"), name_of("en-GB"), name_of("xx")) == ("فارسی", "English", "xx")


def test_an_arrival_counts_places_until_all_have_it() -> None:
    some, whole = arrival(3), replace(arrival(12), places=(("aster", 17.0), ("post", 22.0)))
    begun = replace(some, places=(), legs=(Leg(name="released", done=1, wanted=1, seconds=0.1),))

    assert headline(some) == ("4 of 14", "places so far")
    assert headline(whole) == ("22 s", "all 2 places")
    assert headline(begun) == ("1 of 1", "steps so far")
    assert arrival_part(None) == ""


def test_a_refusal_is_told_with_its_reason() -> None:
    made = arrival_part(replace(arrival(3), places=(("ember", None),)))

    assert made.count("ember") == 1
    assert "its owner switched it off" in made


WHEN = [
    (StoryState.WRITING, 1, 0, "saved 14:02"),
    (StoryState.WRITING, 1, 24, "saved yesterday 14:02"),
    (StoryState.CORRECTING, 2, 0, "correction saved 14:02"),
    (StoryState.OUT, 1, 0, "out 14:02"),
    (StoryState.OUT, 1, 72, "out 20 Nov"),
    (StoryState.OUT, 2, 0, "corrected 14:02"),
    (StoryState.WITHDRAWN, 1, 24, "withdrawn yesterday"),
]


@pytest.mark.parametrize(("state", "revision", "hours", "said"), WHEN)
def test_a_card_says_when(state: StoryState, revision: int, hours: int, said: str) -> None:
    card = replace(CARD, state=state, revision=revision, at=NOW - timedelta(hours=hours))

    assert words(card, NOW) == said


def test_sheets_say_where_a_story_stands() -> None:
    blank = editor(None, nothing("en"), ("en", "fa"))
    sheet = editor(STORY, as_written(STORY), ("en", "fa"))
    out = reading(replace(STORY, card=replace(CARD, state=StoryState.OUT)), NOW)

    assert (blank["languages"], sheet["languages"]) == (("en", "fa"), ("en",))
    assert (blank["action"], sheet["action"]) == ("/stories/new", f"/stories/{'a' * 13}")
    assert (sheet["state"], out["state"]) == ("being written", "out")
    assert not sheet["as_source"]
    assert editor(STORY, nothing("en"), ("en",))["as_source"]


@pytest.mark.parametrize(
    ("removed", "said"),
    [
        ((), "Saved."),
        (("a",), "Saved. 1 thing was taken out: see on the right."),
        (("a", "b"), "Saved. 2 things were taken out: see on the right."),
    ],
)
def test_saving_says_what_was_taken_out(removed: tuple[str, ...], said: str) -> None:
    assert saved(replace(STORY, removed=removed)) == said


SPANS = [
    (spans.brief, 0, "at once"),
    (spans.brief, 0.42, "0.4 s"),
    (spans.brief, 41.2, "41 s"),
    (spans.brief, 408, "6.8 min"),
    (spans.brief, 3000, "50 min"),
    (spans.brief, 4 * 3600, "4.0 h"),
    (spans.brief, 3 * 86400, "3 days"),
    (spans.exact, 12, "12 s"),
    (spans.exact, 312, "5 min 12 s"),
    (spans.exact, 7440, "2 h 4 min"),
    (spans.exact, 3 * 86400, "3 days"),
    (spans.thousandths, 0.041, "41 ms"),
    (spans.thousandths, 1.2, "1.2 s"),
    (spans.size, 434, "434 bytes"),
    (spans.size, 9100, "9.1 KB"),
    (spans.size, 2_400_000, "2.4 MB"),
]


@pytest.mark.parametrize(("spell", "value", "said"), SPANS)
def test_spans_are_said_shortly(spell: object, value: float, said: str) -> None:
    assert spell(value) == said  # type: ignore[operator]


def test_days_are_said_as_people_do() -> None:
    old = datetime(2024, 2, 3, 4, 5, tzinfo=UTC)

    assert spans.day(NOW, NOW) == "today"
    assert spans.day_and_clock(old, NOW) == "3 Feb 2024 04:05"
