import base64
import hashlib
import re
from itertools import pairwise

import pytest
from bs4 import Tag
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import page, places
from tamizdat.article import SafeHtml
from tamizdat.language import direction
from tests.unit.feeds import kinds, press

MOST = 9_000

every_page = pytest.mark.parametrize("make", kinds.MAKERS)
every_language = pytest.mark.parametrize("language", press.LANGUAGES)


@every_page
@every_language
def test_a_page_names_its_language_and_direction(make: kinds.Make, language: str) -> None:
    _, body = make(language)

    html = press.soup(body).html

    assert html is not None
    assert html["lang"] == language
    assert html["dir"] == direction(language)


@every_page
@every_language
def test_a_page_has_one_title_and_headings_in_order(make: kinds.Make, language: str) -> None:
    _, body = make(language)

    levels = [int(tag.name[1]) for tag in press.soup(body).find_all(re.compile(r"^h[1-6]$"))]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@every_page
@every_language
def test_a_page_runs_nothing_and_asks_for_nothing_elsewhere(
    make: kinds.Make, language: str
) -> None:
    _, body = make(language)

    tags = press.soup(body).select("*")

    assert not {tag.name for tag in tags} & {"script", "iframe", "object", "form", "base"}
    assert not [name for tag in tags for name in tag.attrs if name.startswith(("on", "style"))]
    assert b"@import" not in body
    assert b"url(" not in body


@every_page
@every_language
def test_a_page_links_only_relatively_and_inside_the_mirror(
    make: kinds.Make, language: str
) -> None:
    at, body = make(language)

    links = press.links(body)

    assert not [link for link in links if ":" in link or link.startswith("/")]
    assert all(press.resolved(at, link) for link in links)


@every_page
@every_language
def test_the_policy_names_the_hash_of_the_style(make: kinds.Make, language: str) -> None:
    _, body = make(language)
    found = re.search(rb"<style>(.*?)</style>", body, re.DOTALL)
    assert found is not None

    value = base64.b64encode(hashlib.sha256(found[1]).digest()).decode()

    policy = press.soup(body).find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert isinstance(policy, Tag)
    assert policy["content"] == (
        f"default-src 'none';style-src 'sha256-{value}';img-src 'self' data:;"
        "base-uri 'none';form-action 'none'"
    )


@every_page
@every_language
def test_the_way_out_is_the_second_stop(make: kinds.Make, language: str) -> None:
    _, body = make(language)

    first, second = press.soup(body).find_all("a")[:2]

    assert first["href"] == "#m"
    assert press.soup(body).find(id="m") is not None
    assert second["class"] == ["exit"]
    assert second["href"] == "https://weather.example/"


@every_page
def test_landmarks_have_names_that_differ(make: kinds.Make) -> None:
    _, body = make("en")
    parsed = press.soup(body)

    names = [tag.get("aria-label") or tag.get("aria-labelledby") for tag in parsed.find_all("nav")]

    assert all(names)
    assert len(set(names)) == len(names)
    assert len(parsed.find_all("main")) == 1


@every_page
@every_language
def test_the_same_values_make_the_same_bytes(make: kinds.Make, language: str) -> None:
    assert make(language) == make(language)


@every_page
def test_a_page_in_a_language_without_words_marks_what_is_english(make: kinds.Make) -> None:
    _, body = make("ka")
    parsed = press.soup(body)

    leave = parsed.find(class_="exit")

    assert isinstance(leave, Tag)
    marked = [leave, *leave.parents]
    assert next(tag["lang"] for tag in marked if tag.get("lang")) == "en"


@pytest.mark.parametrize(("language", "signs"), [("en", 3_700), ("be", 2_800), ("fa", 2_800)])
def test_an_ordinary_article_fits_the_budget(language: str, signs: int) -> None:
    one = press.article(language, html=press.text(language, signs), authors=("A. Reporter",))

    body = page.article_page(press.paper(language), one)

    assert len(body) <= MOST


def test_an_article_weighs_little_but_its_text() -> None:
    one = press.article("en", html=SafeHtml("<p>.</p>"), summary="", section=None)

    body = page.article_page(press.paper("en"), one)

    assert len(body) - 2 * len(one.title) <= 3_100


@every_language
def test_an_ordinary_front_fits_the_budget(language: str) -> None:
    _, body = kinds.language_front(language)

    assert len(body) <= MOST


@every_language
def test_an_article_links_to_its_front_fixed_pages_and_pictures_only(language: str) -> None:
    at, body = kinds.illustrated(language)

    targets = {press.resolved(at, link) for link in press.links(body)}

    assert targets == {
        places.front(language),
        places.WAYS,
        places.check(language),
        places.safety(language),
        press.picture().path,
    }


def test_a_list_links_to_articles_its_neighbours_and_the_front() -> None:
    at, body = kinds.one_list("en")

    targets = {press.resolved(at, link) for link in press.links(body)}

    articles = {one.path for one in press.cards("en", 5)}
    neighbours = {"en/lists/1.html", "en/lists/3.html"}
    assert targets == articles | neighbours | {"en/index.html"}


def test_the_newest_list_has_no_newer_and_the_oldest_no_older() -> None:
    paper, cards = press.paper(), press.cards("en", 1)

    newest = page.list_page(paper, "en", None, 2, cards, newest=True)
    oldest = page.list_page(paper, "en", None, 1, cards, newest=False)

    assert "3.html" not in press.links(newest)
    assert "0.html" not in press.links(oldest)


def test_a_section_links_to_articles_its_newest_list_and_the_front() -> None:
    at, body = kinds.section_front("en")

    targets = {press.resolved(at, link) for link in press.links(body)}

    articles = {one.path for one in press.cards("en", 3)}
    assert targets == articles | {"en/index.html", "en/s-part0/2.html"}


def test_the_notice_links_nowhere_for_it_lies_at_many_depths() -> None:
    # formats 5.1
    _, body = kinds.withdrawn("en")

    assert press.links(body) == []


def test_the_front_announces_its_feeds() -> None:
    _, body = kinds.root_front("en")

    found = {tag["type"]: tag["href"] for tag in press.soup(body).find_all("link", rel="alternate")}

    assert found == {
        "application/atom+xml": "en/atom.xml",
        "application/rss+xml": "en/rss.xml",
        "application/feed+json": "en/feed.json",
    }


def test_a_picture_stands_at_its_place_with_its_size_and_its_words() -> None:
    _, body = kinds.illustrated("en")

    images = press.soup(body).find_all("img")

    assert len(images) == 1
    assert images[0].attrs == {
        "src": f"../../{press.picture().path}",
        "alt": "The harbour",
        "width": "800",
        "height": "600",
        "loading": "lazy",
        "decoding": "async",
    }


def test_a_correction_is_shown_with_its_day_and_nothing_else_says_changed() -> None:
    corrected = page.article_page(press.paper(), press.article(correction="It was Tuesday."))
    plain = page.article_page(press.paper(), press.article())

    assert b"It was Tuesday." in corrected
    assert b"changed on 23 November 2026" in corrected
    assert b"changed on" not in plain


def test_the_check_page_says_what_no_page_can_prove() -> None:
    # formats 6
    _, body = kinds.check("en")

    text = press.soup(body).get_text()

    assert "A page cannot prove itself" in text
    assert "Authentic and fresh are two answers" in text
    assert press.ROOT_ID in text
    assert press.ROOT_WORDS in text


def test_the_ways_name_the_address_and_the_hints() -> None:
    _, body = kinds.ways("zh")

    parsed = press.soup(body)

    text = parsed.get_text()
    assert "https://bits.example/far/" in text
    assert "https://two.example/x/" in text
    assert len(parsed.find_all("svg", attrs={"role": "img", "aria-label": True})) == 1
    assert [tag["lang"] for tag in parsed.find_all("section")] == ["zh", "en", "fa"]


def test_a_copy_without_an_address_shows_none() -> None:
    body = page.ways_page(press.paper(), None, ())

    assert press.soup(body).find("svg") is None


def test_an_edition_without_bundles_says_so() -> None:
    body = page.bundles_page(press.paper(), [])

    assert "There is nothing here yet." in press.soup(body).get_text()


def test_lists_name_the_year_and_fronts_do_not() -> None:
    _, listed = kinds.one_list("en")
    _, front = kinds.language_front("en")

    assert b"22 November 2026 " in listed
    assert b"22 November 2026" not in front


def test_the_bundles_are_named_by_language_with_their_sizes() -> None:
    _, body = kinds.bundles("be")

    text = press.soup(body).get_text(" ", strip=True)

    assert f"b/{'1a' * 32}.zip" in press.links(body)
    assert f"b/{'2a' * 32}.html" in press.links(body)
    assert "2 MB" in text
    assert "۴ مگابایت" in text


@settings(max_examples=60, deadline=None)
@given(words=st.text(min_size=1).filter(str.strip))
def test_no_title_name_or_label_breaks_out_of_its_place(words: str) -> None:
    hostile = words + "</title><script>alert(1)</script>\"'><!--"
    one = press.article(
        title=hostile,
        authors=(hostile,),
        summary=hostile,
        correction=hostile,
        section=press.section("en"),
        pictures=(press.picture(alt=hostile),),
        html=SafeHtml('<p>x</p><img src="picture:0">'),
    )

    body = page.article_page(press.paper(), one)
    front = page.front(press.paper(), "en", [page.card(one, 1)], (), 1, "en/index.html")

    for made in (body, front):
        parsed = press.soup(made)
        assert parsed.find("script") is None
        assert parsed.find(id="m") is not None
        assert not [name for tag in parsed.select("*") for name in tag.attrs if name[:2] == "on"]
