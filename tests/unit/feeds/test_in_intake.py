"""What comes in becomes an article of ours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from feeds.incoming import Incoming
from feeds.intake import EARLIEST, MAX_TITLE, Taken, section, take
from feeds.sources.html import page
from tamizdat.article import Section, article_id, decode, encode
from tamizdat.digest import digest
from tamizdat.errors import SourceError

NOW = datetime(2026, 11, 23, 18, 2, 11, tzinfo=UTC)
SALT = b"s" * 32
PLAIN = Incoming(
    kind="folder", key="a.md", title="A title", html="<p>Some text.</p>", language="en"
)


def taken(incoming: Incoming, *, default: str | None = None) -> Taken:
    return take(incoming, salt=SALT, default_language=default, now=NOW)


def picture(colour: str = "teal") -> bytes:
    out = BytesIO()
    Image.new("RGB", (30, 20), colour).save(out, "PNG")
    return out.getvalue()


def test_an_article_is_made_at_revision_1() -> None:
    article = taken(PLAIN).article

    assert article.id == article_id(SALT, "folder", "a.md")
    assert (article.revision, article.language, article.title) == (1, "en", "A title")
    assert article.html == "<p>Some text.</p>"
    assert article.published == article.updated == NOW
    assert decode(encode(article)) == article


def test_pictures_match_their_markers() -> None:
    red, blue = picture("red"), picture("blue")
    html = '<img src="r" alt="Red"><p>a <img src="https://a.example/x.png"></p><img src="b">'

    found = taken(replace(PLAIN, html=html, pictures={"r": red, "b": blue}.get))

    assert [one.alt for one in found.article.pictures] == ["Red", ""]
    assert [one.sha256 for one in found.article.pictures] == [digest(b) for b in found.pictures]
    assert found.article.html.count('src="picture:0"') == 1
    assert found.article.html.count('src="picture:1"') == 1
    assert found.removed == ("picture: https://a.example/x.png",)


def test_an_article_of_the_year_1_is_refused() -> None:
    assert taken(replace(PLAIN, published=EARLIEST)).article.published == EARLIEST
    with pytest.raises(SourceError, match="is dated 0001-01-01, before 1900: mend its date"):
        taken(replace(PLAIN, published=datetime(1, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize("junk", [bytes(range(1, 32)) * 100, b"\x7fELF" + bytes(5000)])
def test_binary_data_is_no_page(junk: bytes) -> None:
    with pytest.raises(SourceError, match="is binary data"):
        taken(page(junk, key="a.html", language="en"))
    assert taken(page(b"<p>a</p>" + junk[:200], key="a.html", language="en"))


AUTHORS = [
    ("Zahra Karimi <z@a.example>", ("Zahra Karimi",)),
    ("z@a.example (Zahra)", ("Zahra",)),
    ("z@a.example", ()),
    ("mailto:z@a.example", ()),
    ("  زهرا\u200c ک  ", ("زهرا\u200c ک",)),
    ("", ()),
]


@pytest.mark.parametrize(("told", "shown"), AUTHORS)
def test_no_mail_address_of_an_author_is_shown(told: str, shown: tuple[str, ...]) -> None:
    assert taken(replace(PLAIN, authors=(told, told))).article.authors == shown


TITLES = [
    ("  A \n B\t", "A B"),
    ("a\x00b\u202ec\ud800", "abc"),
    ("<b>not markup</b>", "<b>not markup</b>"),
    ("", "Some text."),
    ("\u200b\u200e \n", "Some text."),
    ("می‌روم", "می‌روم"),
]


@pytest.mark.parametrize(("told", "title"), TITLES)
def test_a_title_is_one_plain_line(told: str, title: str) -> None:
    assert taken(replace(PLAIN, title=told)).article.title == title


def test_a_long_title_is_cut_at_a_word() -> None:
    title = taken(replace(PLAIN, title="word " * 200)).article.title

    assert len(title) <= MAX_TITLE
    assert title.endswith("word…")


def test_a_summary_is_given_or_the_beginning() -> None:
    long = taken(replace(PLAIN, html="<p>" + "word " * 200 + "</p>")).article.summary

    assert taken(replace(PLAIN, summary=" In\nshort ")).article.summary == "In short"
    assert long.endswith("word…")
    assert 150 < len(long) <= 200


SECTIONS = [
    (("Politics", None), "politics"),
    (("Politics", "pol-1"), "pol-1"),
    (("Économie & Société", None), "economie-societe"),
    (("Łódź", None), "lodz"),
    (("2024", None), "s-2024"),
    (("Lists", None), "s-lists"),
    (("con", None), "s-con"),
    (("x" * 80, None), "x" * 40),
    (("!!!", "???"), None),
]


@pytest.mark.parametrize(("told", "slug"), SECTIONS)
def test_a_section_has_a_slug_that_can_stand_in_an_address(
    told: tuple[str, str | None], slug: str | None
) -> None:
    found = section(*told)

    assert found is not None
    assert slug is None or found.slug == slug


@pytest.mark.parametrize("name", ["سیاست", "Политика", "政治", "!!!"])
def test_a_section_in_other_letters_is_named_by_hash(name: str) -> None:
    found = section(name, None)

    assert found is not None
    assert len(found.slug) == 9
    assert found == section(name, name)
    assert found == Section(slug=found.slug, name=name)


def test_no_section_is_none() -> None:
    assert section(None, None) is None
    assert section(" \u202e", None) is None


def test_the_default_language_helps_where_the_source_tells_none_that_counts() -> None:
    assert taken(replace(PLAIN, language=None), default="fa").article.language == "fa"
    assert taken(replace(PLAIN, language="farsi, of course"), default="fa").article.language == "fa"
    assert taken(replace(PLAIN, language="ZH_hans"), default="fa").article.language == "zh-Hans"


REFUSED = [
    ({"language": None}, "does not say its language"),
    ({"title": "", "html": "<script>x</script>"}, "neither title nor text"),
    ({"published": NOW + timedelta(days=3)}, "in the future"),
    ({"html": "<p>" + "word " * 1_200_000}, "over 5 MB"),
    ({"html": "x" * (20 * 1024 * 1024 + 1)}, "over 20 million"),
    ({"html": "<div>" * 1000}, "nested"),
]


@pytest.mark.parametrize(("change", "reason"), REFUSED)
def test_what_cannot_be_an_article_is_refused_in_one_line(
    change: dict[str, str], reason: str
) -> None:
    with pytest.raises(SourceError, match=reason) as caught:
        taken(replace(PLAIN, **change))  # type: ignore[arg-type]

    assert "\n" not in str(caught.value)


def test_dates_are_whole_seconds_and_in_order() -> None:
    told = datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC)

    article = taken(replace(PLAIN, published=told, updated=told - timedelta(days=9))).article

    assert article.published == article.updated == told.replace(microsecond=0)
    late = taken(replace(PLAIN, published=told, updated=NOW + timedelta(days=9))).article
    assert late.updated == NOW


@settings(max_examples=100, deadline=None)
@given(title=st.text(st.characters(), max_size=400), text=st.text(st.characters(), max_size=200))
def test_any_letters_make_an_article_that_xml_can_hold_or_a_refusal(title: str, text: str) -> None:
    try:
        article = taken(replace(PLAIN, title=title, html=text)).article
    except SourceError:
        article = taken(PLAIN).article

    for told in (article.title, article.summary, article.html):
        assert all(letter in "\t\n" or letter >= " " for letter in told)
        assert not any("\ud800" <= c <= "\udfff" or c in "\ufffe\uffff" for c in told)
    assert decode(encode(article)) == article
