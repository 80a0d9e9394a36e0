"""Ghost's exports and the answers of its Content API, written for these tests."""

import json
from datetime import UTC, datetime

import pytest

from feeds.incoming import Incoming, SetAside
from feeds.sources import ghost
from tamizdat.errors import SourceError

POST = {
    "id": "64a",
    "uuid": "1111-2222",
    "title": "The ferry stays",
    "html": '<p>See <a href="__GHOST_URL__/about/">us</a>.</p>',
    "status": "published",
    "visibility": "public",
    "published_at": "2026-11-20T08:00:00.000Z",
    "updated_at": "2026-11-21T09:30:00.000Z",
    "custom_excerpt": "No ferry.",
    "feature_image": "__GHOST_URL__/content/images/f.jpg",
    "feature_image_alt": "A boat",
}
TABLES = {
    "posts": [POST],
    "users": [
        {"id": "u1", "name": "Ilse", "email": "ilse@private.example"},
        {"id": "u2", "name": "Oto", "email": "oto@private.example"},
    ],
    "posts_authors": [
        {"post_id": "64a", "author_id": "u2", "sort_order": 1},
        {"post_id": "64a", "author_id": "u1", "sort_order": 0},
    ],
    "tags": [
        {"id": "t1", "name": "Town", "slug": "town", "visibility": "public"},
        {"id": "t2", "name": "#hidden", "slug": "hash-hidden", "visibility": "internal"},
        {"id": "t3", "name": "ferry", "slug": "ferry"},
    ],
    "posts_tags": [
        {"post_id": "64a", "tag_id": one, "sort_order": n}
        for n, one in enumerate(("t2", "t1", "t3"))
    ],
    "settings": [{"key": "locale", "value": "sv"}],
}


def exported(**change: object) -> bytes:
    tables = {**TABLES, "posts": [{**POST, **change}]}
    return json.dumps({"db": [{"meta": {}, "data": tables}]}).encode()


def test_an_export_tells_all_of_a_post() -> None:
    (found,) = ghost.read(exported(), site="https://paper.example/")

    assert isinstance(found, Incoming)
    assert (found.key, found.title, found.language) == ("1111-2222", "The ferry stays", "sv")
    assert found.authors == ("Ilse", "Oto")
    assert (found.section_name, found.section_slug, found.tags) == ("Town", "town", ("ferry",))
    assert found.published == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert found.summary == "No ferry."
    assert 'href="https://paper.example/about/"' in found.html
    assert 'src="https://paper.example/content/images/f.jpg" alt="A boat"' in found.html
    assert "private.example" not in f"{found!r}"


def test_without_its_address_the_links_of_an_export_stay_its_own() -> None:
    (found,) = ghost.read(exported())

    assert isinstance(found, Incoming)
    assert 'href="/about/"' in found.html
    assert found.base is None


def test_the_interface_tells_of_the_same_post() -> None:
    told = {**POST, "authors": [{"name": "Ilse"}], "tags": [{"name": "Town", "slug": "town"}],
            "url": "https://paper.example/ferry/"}  # fmt: skip
    del told["status"]
    body = json.dumps({"posts": [told], "meta": {"pagination": {"next": 2}}}).encode()

    arrivals, follows = ghost.page(body, "posts")

    (found,) = arrivals
    assert isinstance(found, Incoming)
    assert follows
    assert (found.key, found.authors, found.section_name) == ("1111-2222", ("Ilse",), "Town")
    assert found.base == "https://paper.example/ferry/"


ASIDE = [
    ({"status": "draft"}, "draft"),
    ({"status": "scheduled"}, "scheduled"),
    ({"visibility": "paid"}, "for members only"),
    ({"uuid": None, "id": ""}, "no id"),
    ({"html": None, "lexical": "{}"}, "holds no HTML"),
    ({"html": "x" * (ghost.MAX_TEXT + 1)}, "is over"),
]


@pytest.mark.parametrize(("change", "reason"), ASIDE)
def test_what_cannot_be_taken_says_why(change: dict[str, object], reason: str) -> None:
    (found,) = ghost.read(exported(**change))

    assert isinstance(found, SetAside)
    assert reason in found.reason


NONE = [b"", b"{}", b"[]", b'{"db": 7}', b'{"db": [{"data": {"posts": 7}}]}', b"[" * 99_999]


@pytest.mark.parametrize("body", NONE)
def test_what_is_no_export_is_one_line(body: bytes) -> None:
    with pytest.raises(SourceError, match="no Ghost export"):
        list(ghost.read(body))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"posts": 7}', b'{"errors": []}'])
def test_what_is_no_answer_is_one_line(body: bytes) -> None:
    with pytest.raises(SourceError, match="what came is no"):
        ghost.page(body, "posts")


def test_strange_tables_are_passed_over() -> None:
    tables = {"posts": [POST, 7, None], "users": "x", "posts_authors": [{"post_id": []}], "tags": 1}

    found = list(ghost.read(json.dumps({"data": tables}).encode()))

    assert len(found) == 1


def test_the_interface_is_found_by_the_sites_address() -> None:
    place = ghost.place("https://paper.example/news/ghost/", "pages", 3, "abc")

    assert place.startswith("https://paper.example/news/ghost/api/content/pages/?key=abc&")
    assert "page=3" in place
