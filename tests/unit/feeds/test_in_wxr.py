"""WordPress exports, written for these tests."""

import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic

import pytest

from feeds.incoming import Arrival, Incoming, SetAside
from feeds.sources import wxr
from feeds.sources.paragraphs import paragraphed
from feeds.sources.shortcodes import without
from tamizdat.errors import SourceError

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Paper</title><language>fa-IR</language>
<wp:author><wp:author_login>zahra77</wp:author_login><wp:author_email>z@a.example</wp:author_email>
<wp:author_display_name><![CDATA[زهرا]]></wp:author_display_name></wp:author>
"""
TAIL = "</channel></rss>"


def item(number: int = 1, /, content: str = "text", **fields: str) -> str:
    told = {
        "title": f"Title {number}",
        "link": f"https://paper.example/{number}",
        "guid": f"https://paper.example/?p={number}",
        "dc:creator": "zahra77",
        "wp:post_date_gmt": "2026-03-04 05:06:07",
        "wp:status": "publish",
        "wp:post_type": "post",
    } | {name.replace("__", ":"): value for name, value in fields.items()}
    inner = "".join(f"<{name}>{value}</{name}>\n" for name, value in told.items() if name != "raw")
    return (
        f"<item>{inner}<content:encoded><![CDATA[{content}]]></content:encoded>"
        f"{fields.get('raw', '')}</item>\n"
    )


def arrivals(*items: str, head: str = HEAD, tail: str = TAIL) -> list[Arrival]:
    return list(wxr.read(io.BytesIO((head + "".join(items) + tail).encode())))


def test_a_post_comes_in_whole() -> None:
    raw = (
        '<category domain="category" nicename="%d8%b3"><![CDATA[سیاست]]></category>'
        '<category domain="post_tag" nicename="a"><![CDATA[A &amp; B]]></category>'
        "<excerpt:encoded><![CDATA[In <b>short</b>]]></excerpt:encoded>"
        "<wp:post_modified_gmt>2026-03-05 00:00:00</wp:post_modified_gmt>"
    )

    (found,) = arrivals(item(7, content="one\n\ntwo", title="A &#038; B", raw=raw))

    assert found == Incoming(
        kind="wxr",
        key="https://paper.example/?p=7",
        title="A & B",
        html="\n<p>one</p>\n<p>two</p>\n",
        language="fa-IR",
        published=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        updated=datetime(2026, 3, 5, tzinfo=UTC),
        authors=("زهرا",),
        section_name="سیاست",
        section_slug="س",
        tags=("A & B",),
        summary="In short",
        base="https://paper.example/7",
    )


ASIDE = [
    ({"wp__status": "draft"}, "draft"),
    ({"wp__status": "private"}, "private"),
    ({"wp__status": "future"}, "future"),
    ({"wp__post_password": "x"}, "protected by a password"),
    ({"wp__post_type": "product"}, "is of type 'product', not a post or a page"),
    ({"guid": "", "link": ""}, "has no guid, link or number to be known by"),
]


@pytest.mark.parametrize(("fields", "reason"), ASIDE)
def test_what_is_not_published_is_set_aside_alone(fields: dict[str, str], reason: str) -> None:
    found = arrivals(item(1), item(2, **fields), item(3))

    assert found[1] == SetAside(kind="wxr", label='item 2 "Title 2"', reason=reason)
    assert [type(one) for one in found] == [Incoming, SetAside, Incoming]


@pytest.mark.parametrize("kind", ["attachment", "nav_menu_item", "revision"])
def test_what_is_no_text_is_passed_over(kind: str) -> None:
    assert len(arrivals(item(1, wp__post_type=kind), item(2, wp__post_type="page"))) == 1


def test_comments_and_the_mail_in_them_never_come_in() -> None:
    comment = (
        "<wp:comment><wp:comment_author>Spy</wp:comment_author><title>Spy</title>"
        "<wp:comment_author_email>reader@a.example</wp:comment_author_email>"
        "<wp:comment_content><![CDATA[Spy]]></wp:comment_content></wp:comment>"
        "<wp:postmeta><wp:meta_key>_sub</wp:meta_key>"
        "<wp:meta_value>reader@a.example</wp:meta_value></wp:postmeta>"
    )

    (found,) = arrivals(item(raw=comment))

    assert "Spy" not in repr(found)
    assert "reader" not in repr(found)


DATES = [
    ({"wp__post_date_gmt": "0000-00-00 00:00:00", "pubDate": "Wed, 04 Mar 2026 06:00:00 +0100"}, 5),
    (
        {
            "wp__post_date_gmt": "0000-00-00 00:00:00",
            "pubDate": "Mon, 30 Nov -0001 00:00:00 +0000",
            "wp__post_date": "2026-03-04 07:00:00",
        },
        7,
    ),
]


@pytest.mark.parametrize(("fields", "hour"), DATES)
def test_a_missing_date_falls_back(fields: dict[str, str], hour: int) -> None:
    (found,) = arrivals(item(1, **fields))

    assert isinstance(found, Incoming)
    assert found.published == datetime(2026, 3, 4, hour, tzinfo=UTC)


LANGUAGES = [
    ('<category domain="language" nicename="ar"><![CDATA[العربية]]></category>', "ar"),
    (
        (
            "<wp:postmeta><wp:meta_key>_wpml_language</wp:meta_key>"
            "<wp:meta_value>ru</wp:meta_value></wp:postmeta>"
        ),
        "ru",
    ),
]


@pytest.mark.parametrize(("raw", "language"), LANGUAGES)
def test_a_post_may_have_its_own_language(raw: str, language: str) -> None:
    (found,) = arrivals(item(raw=raw))

    assert isinstance(found, Incoming)
    assert found.language == language


def test_an_account_name_is_not_shown_where_names_are_listed() -> None:
    found = arrivals(item(dc__creator="admin"))
    unlisted = arrivals(item(dc__creator="Z. Karimi"), head=HEAD.replace("wp:author>", "wp:was>"))

    assert [one.authors for one in found if isinstance(one, Incoming)] == [()]
    assert [one.authors for one in unlisted if isinstance(one, Incoming)] == [("Z. Karimi",)]


def test_a_truncated_export_gives_what_was_whole_and_tells_the_line() -> None:
    whole = (HEAD + item(1) + item(2) + item(3)).encode()

    found = list(wxr.read(io.BytesIO(whole[:-90])))

    assert [type(one) for one in found] == [Incoming, Incoming, SetAside]
    assert isinstance(found[2], SetAside)
    line = whole[:-90].count(b"\n") + 1
    assert f"breaks at line {line} " in found[2].reason


def test_broken_xml_gives_what_was_whole_and_tells_the_line() -> None:
    found = arrivals(item(1), "<item><title>a & b</title></item>", item(3))

    assert [type(one) for one in found] == [Incoming, SetAside]
    assert isinstance(found[1], SetAside)
    line = (HEAD + item(1)).count("\n") + 1
    assert found[1].reason.startswith(f"the file breaks at line {line} (")


def test_control_characters_do_not_break_an_export() -> None:
    (found,) = arrivals(item(content="a\x0bb\x00c\x1f"))

    assert isinstance(found, Incoming)
    assert "abc" in found.html


BAD_LETTERS = [
    (b"a&#xD800;&#x1;&#0031;&#0;&#xFFFF;&#8364;b", "a&#8364;b"),
    (b"a\xed\xa0\xbd\xed\xb8\x80\xef\xbf\xbeb", "a\ufffd\ufffd\ufffdb"),
    ("ah\ud7ffퟻ€b".encode(), "ah\ud7ffퟻ€b"),
    (b"]]&#1;&#x2;>&#1114112;", "]]&#xFFFD;>"),
]


@pytest.mark.parametrize(("body", "stays"), BAD_LETTERS)
@pytest.mark.parametrize("size", [7, 8, 9, 65_536])
def test_a_forbidden_character_does_not_end_an_export(body: bytes, stays: str, size: int) -> None:
    whole = (HEAD + item(1, "@", title="@@") + item(2) + TAIL).encode()
    whole = whole.replace(b"@@", b"a&#x1;b&#128512;").replace(b"[@]", b"[" + body + b"]")
    parts = [whole[:200], *(whole[at : at + size] for at in range(200, len(whole), size))]

    found = list(wxr.read(Endless(iter(parts))))  # type: ignore[arg-type]

    assert [type(one) for one in found] == [Incoming, Incoming]
    assert isinstance(found[0], Incoming)
    assert (found[0].title, found[0].html) == ("ab😀", paragraphed(stays))


def test_an_export_in_an_old_charset_keeps_its_letters() -> None:
    whole = HEAD.replace("UTF-8", "windows-1251").replace("زهرا", "Z") + item(1, "н\xa0—") + TAIL

    (found,) = wxr.read(io.BytesIO(whole.encode("cp1251")))

    assert isinstance(found, Incoming)
    assert "н\xa0—" in found.html


def test_further_categories_become_tags() -> None:
    raw = "".join(
        f'<category domain="{domain}" nicename="{name}">{name}</category>'
        for domain, name in [
            ("category", "a"),
            ("category", "b"),
            ("post_tag", "t"),
            ("category", "t"),
            ("category", "c"),
        ]
    )

    (found,) = arrivals(item(raw=raw))

    assert isinstance(found, Incoming)
    assert (found.section_name, found.tags) == ("a", ("t", "b", "c"))


def test_a_label_shows_how_the_title_begins() -> None:
    titles = ["A &amp;amp; B", "x" * 100, "", "&lt;b&gt;" * 10_000]

    found = arrivals(*(item(wp__status="draft", title=title) for title in titles))

    labels = [one.label for one in found if isinstance(one, SetAside)]
    assert labels[0] == 'item 1 "A & B"'
    assert labels[1].startswith('item 2 "xxx')
    assert len(labels[1]) == len('item 2 ""') + 40
    assert labels[2:] == ["item 3", 'item 4 "<"']


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BAD = [
    ("nothing", b""),
    ("no XML", b"PK\x03\x04"),
    ("HTML", b"<html><body>no</body></html>"),
    ("a feed cut at once", b"<rss version='2.0'>"),
    ("a billion laughs", f'<!DOCTYPE l [<!ENTITY l0 "ha">{LAUGHS}]><rss>&l9;</rss>'.encode()),
    ("a file of ours", b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss>&x;</rss>'),
]


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in BAD])
def test_what_is_no_export_is_refused_in_one_line(body: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        list(wxr.read(io.BytesIO(body)))

    assert "\n" not in str(caught.value)


class Endless(io.RawIOBase):
    """A file that is made while it is read."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        super().__init__()
        self._parts = parts

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002
        return next(self._parts, b"")


def huge(before: str, after: str, count: int) -> Iterator[bytes]:
    yield (HEAD + item(1) + before).encode()
    for _ in range(count):
        yield b"x" * 65_536
    yield (after + item(3) + TAIL).encode()


@pytest.mark.parametrize(("opens", "closes"), [("<![CDATA[", "]]>"), ("", "")])
def test_an_article_of_50_mb_is_set_aside_fast_and_in_little_memory(
    opens: str, closes: str
) -> None:
    parts = huge(f"<item><content:encoded>{opens}", f"{closes}</content:encoded></item>", 800)
    tracemalloc.start()
    start = monotonic()

    found = list(wxr.read(Endless(parts)))  # type: ignore[arg-type]

    seconds, (_, peak) = monotonic() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [type(one) for one in found] == [Incoming, SetAside, Incoming]
    assert peak < 64 * 1024 * 1024
    assert seconds < 10


def test_an_endless_comment_ends_the_import_in_little_memory() -> None:
    found = list(wxr.read(Endless(huge("<!--", "-->", 800))))  # type: ignore[arg-type]

    assert [type(one) for one in found] == [Incoming, SetAside]


PARAGRAPHS = [
    ("a\n\nb", "\n<p>a</p>\n<p>b</p>\n"),
    ("a\nb", "\n<p>a<br>b</p>\n"),
    ("<p>a</p>\n\n<p>b</p>", "<p>a</p>\n\n<p>b</p>"),
    ("a\n<ul>\n<li>b\nc</li>\n</ul>", "\n<p>a</p>\n<ul>\n<li>b<br>c</li>\n</ul>"),
    ("<blockquote>a\n\nb</blockquote>", "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>"),
    ("<pre>a\n\n  b</pre>", "<pre>a\n\n  b</pre>"),
    ('<a\nhref="x">a</a>', '\n<p><a\nhref="x">a</a></p>\n'),
    ("<!-- wp:paragraph -->\n<p>a\nb</p>", "<!-- wp:paragraph -->\n<p>a\nb</p>"),
    ("a<br />\nb", "\n<p>a<br>b</p>\n"),
    ("<!--more-->a", "<!--more-->\n<p>a</p>\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "html"), PARAGRAPHS)
def test_blank_lines_are_paragraphs(text: str, html: str) -> None:
    assert paragraphed(text) == html


FIGURE = "\n\n<figure><img src='a.jpg'><figcaption>Words</figcaption></figure>\n\n"
LINK = '<a href="https://youtu.be/x">https://youtu.be/x</a>'
CODES = [
    ("he said [sic] so [1] and [he left]", "he said [sic] so [1] and [he left]"),
    ('a[gallery ids="1,2"]b[gallery]c', "abc"),
    ('[caption id="a" width="3"]<img src=\'a.jpg\'> Words[/caption]', FIGURE),
    ("[caption caption=\"Words\"]<img src='a.jpg'>[/caption]", FIGURE),
    ("[caption]Words alone[/caption]", "Words alone"),
    ("[embed]https://youtu.be/x[/embed]", LINK),
    ("[youtube https://youtu.be/x]", LINK),
    ("[video src=x]words[/video]", "words"),
    ("[vc_row][vc_column width='1/2']a[/vc_column][/vc_row]", "a"),
    ("[tab][quote by='x']a[/quote][/tab]", "a"),
    ("[[gallery]]", "[gallery]"),
    ('[foo bar="1" /]a', "a"),
    ("[caption]never closed", "never closed"),
    ("[فارسی] [b c", "[فارسی] [b c"),
]


@pytest.mark.parametrize(("text", "stays"), CODES)
def test_shortcodes_go_and_brackets_stay(text: str, stays: str) -> None:
    assert without(text) == stays


@pytest.mark.parametrize("text", ["[caption]" * 100_000, '[a "' * 100_000, "[/caption]" * 100_000])
def test_hostile_brackets_cost_little(text: str) -> None:
    start = monotonic()

    without(text)

    assert monotonic() - start < 5


@pytest.mark.parametrize(
    "text", ["<pre>" * 50_000, "<li>a" * 50_000, "\n" * 500_000, "<p" * 100_000]
)
def test_hostile_tags_cost_little(text: str) -> None:
    start = monotonic()

    paragraphed(text)

    assert monotonic() - start < 5
