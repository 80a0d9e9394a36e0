import io
import re
import zipfile
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import page, places
from feeds.bundle import (
    PADDING,
    Members,
    html_body,
    run_members,
    single_html,
    zip_body,
)
from tamizdat.article import Article
from tamizdat.digest import Digest
from tamizdat.errors import FormatError
from tamizdat.padding import padme
from tests.unit.feeds import press

MEMBERS: Members = [
    ("fa/index.html", b"<p>x</p>" * 400),
    ("o/aa/b.jpg", bytes(range(256)) * 9),
    ("en/2026/a.html", b"<p>y</p>"),
]

PADDED = [
    # lengths of PoPETs 2019(4), algorithm 1, worked by hand
    (0, 0),
    (1, 1),
    (8, 8),
    (9, 10),
    (100, 104),
    (1_000, 1_024),
    (1_025, 1_088),
    (1_000_000, 1_015_808),
]


@pytest.mark.parametrize(("length", "padded"), PADDED)
def test_lengths_are_padded_as_published(length: int, padded: int) -> None:
    assert padme(length) == padded


@given(length=st.integers(min_value=0, max_value=2**40))
def test_padding_costs_at_most_an_eighth_and_is_stable(length: int) -> None:
    assert length <= padme(length) <= length * 1.12 + 1
    assert padme(padme(length)) == padme(length)


@pytest.mark.parametrize("comment", [0, 1, 4_097, 65_535])
def test_a_zip_with_its_comment_has_a_padded_length(comment: int) -> None:
    # formats 7.5
    body = zip_body(MEMBERS, comment)

    whole = body + b"x" * comment

    assert len(whole) == padme(len(whole))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.comment == b"x" * comment
        assert archive.testzip() is None


def test_a_zip_ends_with_the_length_of_its_comment() -> None:
    # formats 7.2
    body = zip_body(MEMBERS, 4_097)

    assert body[-22:-18] == b"PK\x05\x06"
    assert body[-2:] == (4_097).to_bytes(2, "little")


def test_members_are_sorted_undated_and_bare() -> None:
    with zipfile.ZipFile(io.BytesIO(zip_body(MEMBERS, 0))) as archive:
        members = archive.infolist()

    assert [one.filename for one in members] == [
        "en/2026/a.html",
        "fa/index.html",
        "o/aa/b.jpg",
        PADDING,
    ]
    assert {one.date_time for one in members} == {(1980, 1, 1, 0, 0, 0)}
    assert {one.create_system for one in members} == {3}
    assert {one.external_attr >> 16 for one in members} == {0o100644}
    assert [one.compress_type for one in members] == [8, 8, 0, 0]
    assert {(one.extra, one.flag_bits) for one in members} == {(b"", 0)}


def test_the_order_of_members_does_not_matter() -> None:
    assert zip_body(MEMBERS, 9) == zip_body(list(reversed(MEMBERS)), 9)


@pytest.mark.parametrize("path", ["../x", "/x", "nul.html", "a\\b", ""])
def test_a_path_that_may_not_lie_on_a_mirror_is_refused(path: str) -> None:
    # formats 3.1
    with pytest.raises(FormatError):
        zip_body([(path, b"")], 0)


@pytest.mark.parametrize("members", [[("a", b""), ("a", b"")], [(PADDING, b"")]])
def test_a_path_named_twice_is_refused(members: Members) -> None:
    with pytest.raises(ValueError, match="each path once"):
        zip_body(members, 0)


def test_too_many_members_are_refused() -> None:
    # formats 7.4
    with pytest.raises(ValueError, match="at most 20000"):
        zip_body([(str(number), b"") for number in range(20_000)], 0)


def _articles(language: str) -> list[Article]:
    return [press.article(language), press.illustrated(language, 1), press.article(language, 2)]


def _members(language: str) -> dict[str, bytes]:
    paper = press.paper(language)
    rendered = [(one, page.article_page(paper, one)) for one in _articles(language)]
    check = page.check_page(paper, language, press.ROOT_WORDS, press.ROOT_ID)
    return dict(run_members(paper, language, rendered, check, press.pixels()))


@pytest.mark.parametrize("language", press.LANGUAGES)
def test_no_link_in_a_zip_leads_out_of_it(language: str) -> None:
    members = _members(language)

    targets = {
        press.resolved(at, link)
        for at, body in members.items()
        if at.endswith(".html")
        for link in press.links(body)
    }

    assert targets <= set(members)


def test_pages_in_a_zip_are_those_of_the_mirror() -> None:
    members = _members("fa")

    for one in _articles("fa"):
        assert members[one.path] == page.article_page(press.paper("fa"), one)
    assert members[places.safety("fa")] == page.safety_page(press.paper("fa"), "fa")


def test_the_contents_of_a_zip_name_every_article() -> None:
    members = _members("en")

    for at in ("index.html", "en/index.html"):
        targets = {press.resolved(at, link) for link in press.links(members[at])}
        assert {one.path for one in _articles("en")} <= targets


def test_a_missing_picture_stops_the_zip() -> None:
    one = press.illustrated()

    with pytest.raises(KeyError):
        run_members(press.paper(), "en", [(one, b"")], b"", {})


@pytest.mark.parametrize("language", press.LANGUAGES)
@pytest.mark.parametrize("pictures", [press.pixels(), None], ids=["pictures", "text"])
def test_a_single_page_needs_nothing_but_itself(
    language: str, pictures: dict[Digest, bytes] | None
) -> None:
    body = single_html(press.paper(language), language, _articles(language), pictures)

    addresses = press.links(body)

    assert all(address.startswith("data:image/jpeg;base64,") for address in addresses)
    assert len(addresses) == (1 if pictures else 0)
    assert press.soup(body).find("script") is None


def test_a_text_edition_says_what_its_pictures_show() -> None:
    body = single_html(press.paper(), "en", _articles("en"), None)

    assert b"[Picture: The harbour]" in body
    assert b"<img" not in body


@pytest.mark.parametrize("language", press.LANGUAGES)
def test_a_single_page_has_contents_and_headings_in_order(language: str) -> None:
    body = single_html(press.paper(language), language, _articles(language), None)
    parsed = press.soup(body)

    jumps = [str(tag["href"])[1:] for tag in parsed.select("nav li a")]
    levels = [int(tag.name[1]) for tag in parsed.find_all(re.compile(r"^h[1-6]$"))]

    assert jumps == [f"a-{one.id}" for one in _articles(language)]
    assert all(parsed.find(id=jump) for jump in jumps)
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@settings(max_examples=30, deadline=None)
@given(trailer=st.integers(min_value=0, max_value=66_000))
def test_a_single_page_with_its_trailer_has_a_padded_length(trailer: int) -> None:
    # formats 7.5
    body = html_body(single_html(press.paper(), "en", [press.article()], None), trailer)

    assert len(body) + trailer == padme(len(body) + trailer)
    assert body.endswith(b"-->\n")
    assert body.count(b"<!--") == 1
    assert b"tamizdat-1:" not in body
