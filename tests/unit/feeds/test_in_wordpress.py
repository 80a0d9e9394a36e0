"""Answers of WordPress's own interface, written for these tests."""

import io
import json
from datetime import UTC, datetime

import pytest

from feeds.incoming import Incoming, SetAside
from feeds.intake import take
from feeds.sources import wordpress, wxr
from tamizdat.errors import SourceError
from tests.kit.export import Post, export
from tests.unit.feeds.test_in_intake import NOW

POST = {
    "id": 7,
    "date_gmt": "2026-11-20T08:00:00",
    "modified_gmt": "2026-11-21T09:30:00",
    "guid": {"rendered": "https://heron.example/?p=7&#038;x=1"},
    "link": "https://heron.example/ferry/",
    "status": "publish",
    "title": {"rendered": "The ferry &#8217;stays&#8217;"},
    "content": {"rendered": "<p>It did not sail.</p>\n", "protected": False},
    "excerpt": {"rendered": "<p>No ferry on Monday.</p>"},
    "_embedded": {
        "author": [{"name": "Ilse Brandt", "link": "https://heron.example/author/ilse_login"}],
        "wp:term": [
            [{"taxonomy": "category", "slug": "town", "name": "Town &amp; port"}],
            [{"taxonomy": "post_tag", "slug": "ferry", "name": "ferry"}],
        ],
        "wp:featuredmedia": [{"source_url": "https://heron.example/f.jpg", "alt_text": "A boat"}],
    },
}


def arrived(*posts: object) -> list[Incoming | SetAside]:
    return list(wordpress.read(json.dumps(list(posts)).encode()))


def test_a_post_is_read_as_its_readers_get_it() -> None:
    (found,) = arrived(POST)

    assert isinstance(found, Incoming)
    assert found.key == "https://heron.example/?p=7&x=1"
    assert found.title == "The ferry ’stays’"
    assert found.html.endswith("<p>It did not sail.</p>")
    assert 'src="https://heron.example/f.jpg" alt="A boat"' in found.html
    assert (found.authors, found.tags) == (("Ilse Brandt",), ("ferry",))
    assert (found.section_name, found.section_slug) == ("Town & port", "town")
    assert found.published == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert found.updated == datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    assert found.summary == "No ferry on Monday."
    assert found.base == "https://heron.example/ferry/"


@pytest.mark.parametrize(
    "excerpt", ["<p>It did not [&hellip;]</p>", "<p>It did not sail.</p>", "<p>It did not</p>"]
)
def test_an_excerpt_that_wordpress_cut_is_no_summary(excerpt: str) -> None:
    (found,) = arrived({**POST, "excerpt": {"rendered": excerpt}})

    assert isinstance(found, Incoming)
    assert found.summary == ""


def test_an_export_and_the_interface_tell_of_the_same_article() -> None:
    exported = next(iter(wxr.read(io.BytesIO(export(Post(number=7, title="Ferry", text="Text."))))))
    assert isinstance(exported, Incoming)

    (asked,) = arrived({**POST, "guid": {"rendered": exported.key}})

    assert isinstance(asked, Incoming)
    one, other = (
        take(came, salt=b"s", default_language="en", now=NOW).article for came in (exported, asked)
    )
    assert one.id == other.id


ASIDE = [
    ({"content": {"rendered": "", "protected": True}}, "protected by a password"),
    ({"status": "draft"}, "draft"),
    ({"guid": {}, "link": ""}, "no guid"),
    ({"guid": "text", "link": 7, "title": None}, "no guid"),
    ({"content": {"rendered": "x" * (wordpress.MAX_TEXT + 1)}}, "is over"),
]


@pytest.mark.parametrize(("change", "reason"), ASIDE)
def test_what_cannot_be_taken_says_why(change: dict[str, object], reason: str) -> None:
    (found,) = arrived({**POST, **change})

    assert isinstance(found, SetAside)
    assert reason in found.reason
    assert found.label == "post 7"


def test_strange_fields_are_passed_over() -> None:
    strange = {"_embedded": {"author": "x", "wp:term": [7, [None, {"name": 9}]]}, "date_gmt": 5}

    found = arrived({**POST, **strange, "date": "0000-00-00"}, 7, None, [])

    assert len(found) == 1
    assert isinstance(found[0], Incoming)
    assert found[0].published is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_list_of_posts_is_one_line(body: bytes) -> None:
    with pytest.raises(SourceError, match="what came is no"):
        list(wordpress.read(body))


SITES = [
    ("https://heron.example/", "https://heron.example/wp-json/wp/v2/posts?"),
    ("https://heron.example", "https://heron.example/wp-json/wp/v2/posts?"),
    ("https://a.example/blog/?x=1#y", "https://a.example/blog/wp-json/wp/v2/posts?"),
    ("https://a.example/wp-json/wp/v2/posts", "https://a.example/wp-json/wp/v2/posts?"),
]


@pytest.mark.parametrize(("site", "place"), SITES)
def test_the_interface_is_found_by_the_sites_address(site: str, place: str) -> None:
    assert wordpress.place(site, "posts", 2).startswith(place)
    assert "page=2" in wordpress.place(site, "posts", 2)


def test_a_site_that_rewrites_nothing_is_asked_another_way() -> None:
    place = wordpress.place("https://heron.example/", "pages", 1, pretty=False)

    assert place.startswith("https://heron.example/?rest_route=%2Fwp%2Fv2%2Fpages&per_page=")
