from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tamizdat.article import Article, ArticleId, Picture, SafeHtml, Section, decode, encode
from tamizdat.digest import Digest, digest
from tamizdat.errors import FormatError
from tamizdat.wire import Here, Shard, Sized

NOW = datetime(2026, 11, 23, 18, 2, 11, tzinfo=UTC)
ARTICLE = Article(
    id=ArticleId("abcdefghij234"),
    revision=2,
    language="fa",
    title="عنوان",
    html=SafeHtml("<p>متن</p>"),
    summary="",
    authors=("A. Writer",),
    section=Section(slug="town", name="Town"),
    tags=("x",),
    published=NOW,
    updated=NOW + timedelta(hours=1),
    pictures=(
        Picture(sha256=digest(b"p"), extension="jpg", length=1, width=2, height=3, alt="alt"),
    ),
    correction="a year",
)


def test_an_article_is_read_back_as_it_was_written() -> None:
    assert decode(encode(ARTICLE)) == ARTICLE
    assert decode(encode(replace(ARTICLE, section=None, pictures=()))).section is None


def test_its_address_is_that_of_its_first_day() -> None:
    assert ARTICLE.path == "fa/2026/abcdefghij234.html"
    assert ARTICLE.urn == replace(ARTICLE, revision=9).urn
    assert ARTICLE.pictures[0].path.startswith("o/")


def test_a_revision_that_a_reader_cannot_tell_apart_says_the_same() -> None:
    later = replace(ARTICLE, revision=3, updated=NOW + timedelta(days=9), correction="other")

    assert ARTICLE.says_the_same(later)
    assert not ARTICLE.says_the_same(replace(later, title="other"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"revision": 0},
        {"title": "  "},
        {"published": NOW.astimezone(timezone(timedelta(hours=2)))},
        {"updated": NOW.replace(tzinfo=None)},
    ],
)
def test_an_article_cannot_be_wrong(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"revision|title|UTC"):
        replace(ARTICLE, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("body", [b"{}\n", b'{"id":1}\n', b"[]\n"])
def test_other_bytes_are_no_article(body: bytes) -> None:
    with pytest.raises(FormatError):
        decode(body)


def shard(*files: tuple[str, int, Digest]) -> bytes:
    return Shard(key="front", files=files).encode()


def test_a_shard_is_sorted_and_names_each_path_once() -> None:
    one, two = ("a", 1, digest(b"a")), ("b", 1, digest(b"b"))

    assert Shard.parse(shard(one, two), "s").files == (one, two)
    for wrong in ((two, one), (one, one)):
        with pytest.raises(FormatError, match=r"formats 3\.6"):  # formats 3.6
            Shard.parse(shard(*wrong), "s")


def test_a_shard_over_its_limit_is_refused() -> None:
    with pytest.raises(FormatError, match=r"formats 3\.6"):  # formats 3.6
        Shard.parse(b" " * (Shard.limit + 1), "s")


HERE = Here(
    spec="1.0",
    channel="0" * 32,
    issued=NOW,
    version=1,
    root_version=1,
    edition=1,
    base=None,
    ways=(Sized(sha256=digest(b""), len=0),),
    hints=(),
    expires=NOW,
)


def test_unknown_fields_are_left_alone() -> None:
    body = HERE.encode().replace(b'"base":null', b'"base":null,"later":[1]')  # formats 1.7

    assert Here.parse(body, "here.json") == HERE


WRONG = [
    (b'"spec":"1.0"', b'"spec":"2.0"', "1.7"),
    (b'"spec":"1.0"', b'"spec":1', "1.7"),
    (b'"version":1', b'"version":0', "3.10"),
    (b'"version":1', b'"version":"1"', "3.10"),
    (b'"type":"here"', b'"type":"pointer"', "3.10"),
    (b'"hints":[]', b'"hints":["a","b","c"]', "3.10"),
    (b'"base":null,', b"", "3.10"),
]


@pytest.mark.parametrize(("old", "new", "clause"), WRONG)
def test_a_signed_file_that_says_otherwise_is_refused(old: bytes, new: bytes, clause: str) -> None:
    with pytest.raises(FormatError) as caught:
        Here.parse(HERE.encode().replace(old, new), "here.json")

    assert caught.value.clause == clause


def test_a_signed_file_over_its_limit_is_refused() -> None:
    with pytest.raises(FormatError, match=r"formats 3\.10"):
        Here.parse(b" " * (Here.limit + 1), "here.json")
