"""Paths, languages, moments, digests and ids."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tamizdat import paths
from tamizdat.article import article_id, urn
from tamizdat.digest import Digest, digest, is_digest
from tamizdat.errors import FormatError, SourceError
from tamizdat.language import direction, tag
from tamizdat.moment import moment, spelled

UNSAFE = [
    "",
    "/index.html",
    "a//b",
    "../a",
    "a/../b",
    "a/..",
    "a\\b",
    "a\0b",
    ".hidden",
    "a/.hidden",
    "a.",
    "a/",
    "con",
    "a/NUL.html",
    "com1.txt",
    "C:/a",
    "ä.html",
    "a b",
    "a" * 201,
    "a\n",
    "a..b",
    "-a",
    "a-/b",
    "a/prn.x.y",
    "aux",
    "com0",
    "Lpt9.txt",
]


@pytest.mark.parametrize("path", UNSAFE)
def test_an_unsafe_path_is_refused(path: str) -> None:
    with pytest.raises(FormatError, match=r"formats 3\.1"):  # formats 3.1
        paths.check(path)


@pytest.mark.parametrize(
    "path",
    ["index.html", "zh-Hans/2026/abcdefghij234.html", "a", "e/1/m.json", "a" * 200, "console/com"],
)
def test_a_safe_path_passes(path: str) -> None:
    assert paths.check(path) == path


TYPES = [
    ("index.html", "text/html; charset=utf-8"),
    ("en/atom.xml", "application/atom+xml"),
    ("en/rss.xml", "application/rss+xml"),
    ("en/feed.json", "application/feed+json"),
    ("latest.json", "application/json"),
    ("o/aa/x.webp", "image/webp"),
    ("o/aa/x.odd", "application/octet-stream"),
]


@pytest.mark.parametrize(("path", "kind"), TYPES)
def test_a_path_tells_its_type(path: str, kind: str) -> None:
    assert paths.media_type(path) == kind


LINKS = [
    ("index.html", "en/index.html", "en/index.html"),
    ("en/2026/a.html", "en/index.html", "../index.html"),
    ("en/2026/a.html", "o/aa/x.jpg", "../../o/aa/x.jpg"),
    ("en/index.html", "en/2026/a.html", "2026/a.html"),
    ("en/index.html", "index.html", "../index.html"),
    ("en/index.html", "en", "../en"),
]


@pytest.mark.parametrize(("source", "target", "link"), LINKS)
def test_links_are_relative(source: str, target: str, link: str) -> None:
    assert paths.relative(source, target) == link


def test_only_feeds_bear_an_address() -> None:
    assert paths.bears_address("en/atom.xml")
    assert not paths.bears_address("atom.xml")
    assert not paths.bears_address("en/index.html")


def test_what_is_named_by_hash_or_number_never_changes() -> None:
    assert paths.is_immutable(paths.shard(digest(b"")))
    assert paths.is_immutable(paths.bundle(digest(b""), "zip"))
    assert paths.is_immutable(paths.manifest(7))
    assert paths.is_immutable(paths.root(1))
    assert not paths.is_immutable("latest.json")


def test_signatures_stand_beside_their_files() -> None:
    assert paths.lasting_signature("root/1.json", "A" * 40) == f"root/1.json.{'A' * 40}.asc"
    short = paths.passing_signature("here.json", Digest("0123456789abcdef" * 4))
    assert short == "here.json.0123456789abcdef.asc"


TAGS = [("EN", "en"), ("zh_hans", "zh-Hans"), ("en-us", "en-US"), ("be-TARASK", "be-tarask")]


@pytest.mark.parametrize(("given", "spelt"), TAGS)
def test_a_language_has_one_spelling(given: str, spelt: str) -> None:
    assert tag(given) == spelt


@pytest.mark.parametrize(
    "given", ["", "con", "aux-Latn", "english", "e", "../en", "en/us", "12", "en-", "en-x y"]
)
def test_what_is_no_language_is_refused(given: str) -> None:
    with pytest.raises(SourceError, match="no language tag"):
        tag(given)


TURNS = [("fa", "rtl"), ("ckb-Latn", "ltr"), ("ug-Arab", "rtl"), ("en", "ltr"), ("az-Arab", "rtl")]


@pytest.mark.parametrize(("language", "turn"), TURNS)
def test_direction_follows_script_then_language(language: str, turn: str) -> None:
    assert direction(language) == turn


def test_a_moment_has_one_spelling() -> None:
    when = datetime(2026, 11, 23, 18, 2, 11, tzinfo=UTC)

    assert spelled(when) == "2026-11-23T18:02:11Z"
    assert moment("2026-11-23T18:02:11Z") == when
    assert moment(when + timedelta(microseconds=5)) == when


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-23",
        "2026-11-23T18:02:11+00:00",
        "2026-13-23T18:02:11Z",
        5,
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_other_spellings_of_a_moment_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"moment|month"):
        moment(value)


def test_a_digest_is_told_by_its_form() -> None:
    assert is_digest(digest(b"x"))
    assert not is_digest("A" * 64)
    assert not is_digest("a" * 63)


def test_an_id_keeps_its_source_private_and_its_place() -> None:
    first = article_id(b"salt", "wxr", "https://a.example/?p=1")

    assert first == article_id(b"salt", "wxr", "https://a.example/?p=1")
    assert first != article_id(b"other", "wxr", "https://a.example/?p=1")
    assert first != article_id(b"salt", "feed", "https://a.example/?p=1")
    assert len(first) == 13
    assert urn(first).startswith("urn:uuid:")


def test_a_source_key_may_hold_what_is_not_text() -> None:
    assert len(article_id(b"salt", "folder", "\udc80.md")) == 13
