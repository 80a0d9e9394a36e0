"""Feeds of other sites, written for these tests."""

import json
from datetime import UTC, datetime

import pytest

from feeds.incoming import Incoming, SetAside
from feeds.sources import feed
from tamizdat.errors import SourceError

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fa"><title>T</title><id>urn:f</id>
<link href="https://paper.example/"/>
<entry><id>urn:1</id><title type="html">A &amp;amp; B</title>
<link href="https://paper.example/1"/><updated>2026-03-05T00:00:00+03:30</updated>
<published>2026-03-04T00:00:00Z</published>
<author><name>زهرا</name><email>z@a.example</email></author>
<category term="x"/><summary>short</summary>
<content type="html">&lt;p dir="rtl"&gt;می‌روم&lt;script&gt;1&lt;/script&gt;&lt;/p&gt;</content>
</entry><entry><title>no id</title></entry>
<entry><id>urn:1</id><title>again</title></entry>
<entry><id>urn:2</id><title>text</title><content type="text">a &lt; b</content></entry></feed>"""

RSS = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>T</title><link>https://paper.example/</link><language>ru-ru</language>
<item><title>Один</title><link>https://paper.example/1</link>
<pubDate>Wed, 04 Mar 2026 03:00:00 +0300</pubDate><description>кратко</description>
<content:encoded><![CDATA[<p>целиком</p>]]></content:encoded></item>
<item><guid isPermaLink="false">g2</guid><title>Два</title>
<description>&lt;p&gt;d&lt;/p&gt;</description></item>
</channel></rss>"""


def test_an_atom_entry_comes_in() -> None:
    found = list(feed.read(ATOM.encode()))

    assert found[0] == Incoming(
        kind="feed",
        key="urn:1",
        title="A & B",
        html='<p dir="rtl">می‌روم<script>1</script></p>',
        language="fa",
        published=datetime(2026, 3, 4, tzinfo=UTC),
        updated=datetime(2026, 3, 4, 20, 30, tzinfo=UTC),
        authors=("زهرا",),
        tags=("x",),
        summary="short",
        base="https://paper.example/1",
    )


def test_entries_that_cannot_be_known_are_set_aside_alone() -> None:
    _, nameless, again, last = feed.read(ATOM.encode())

    assert nameless == SetAside(
        kind="feed", label="entry 2", reason="has no id and no link to be known by"
    )
    assert again == SetAside(
        kind="feed", label="entry 3", reason="has the same id as an entry before it"
    )
    assert isinstance(last, Incoming)
    assert last.html == "<p>a &lt; b</p>"


def test_an_rss_item_comes_in_by_its_link_or_guid() -> None:
    one, two = feed.read(RSS.encode())

    assert isinstance(one, Incoming)
    assert isinstance(two, Incoming)
    assert (one.key, one.html, one.summary) == (
        "https://paper.example/1",
        "<p>целиком</p>",
        "кратко",
    )
    assert one.published == datetime(2026, 3, 4, tzinfo=UTC)
    assert (two.key, two.html, two.language) == ("g2", "<p>d</p>", "ru-ru")


def test_a_json_feed_comes_in() -> None:
    items = [
        {"id": 7, "url": "https://paper.example/7", "title": "A", "content_html": "<p>a</p>",
         "date_published": "2026-03-04T00:00:00Z", "authors": [{"name": "N"}, 4], "tags": ["x", 1]},
        {"id": "8", "content_text": "a < b\n\nc", "language": "ar"},
        "not an entry",
    ]  # fmt: skip
    body = {"version": "https://jsonfeed.org/version/1.1", "language": "en", "items": items}

    one, two, three = feed.read(json.dumps(body).encode())

    assert one == Incoming(
        kind="feed",
        key="7",
        title="A",
        html="<p>a</p>",
        language="en",
        published=datetime(2026, 3, 4, tzinfo=UTC),
        authors=("N",),
        tags=("x",),
        base="https://paper.example/7",
    )
    assert isinstance(two, Incoming)
    assert (two.html, two.language) == ("<p>a &lt; b</p><p>c</p>", "ar")
    assert isinstance(three, SetAside)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BAD = [
    ("nothing", b""),
    ("a page", b"<!doctype html><title>x</title><p>y"),
    ("JSON", b'{"a": 1}'),
    ("broken JSON", b'{"version": '),
    ("deep JSON", b'{"a":' * 100_000),
    ("bytes", bytes(range(256))),
    ("too much", b" " * (feed.MAX_BYTES + 1)),
    ("a billion laughs", f'<!DOCTYPE l [<!ENTITY l0 "h">{LAUGHS}]><l>&l9;</l>'.encode()),
]


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in BAD])
def test_what_is_no_feed_is_refused_in_one_line(body: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        list(feed.read(body))

    assert "\n" not in str(caught.value)


def test_a_cut_feed_gives_what_it_holds() -> None:
    found = list(feed.read(RSS[:-90].encode()))

    assert isinstance(found[0], Incoming)
    assert found[0].title == "Один"


def test_entities_of_a_feed_read_no_file_and_do_not_grow() -> None:
    doctype = f'<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY l0 "h">{LAUGHS}]>'
    body = doctype + RSS.replace("<title>Один", "<title>Один &f; &l9;")

    found = list(feed.read(body.encode()))

    assert "root:" not in repr(found)
    assert len(repr(found)) < 5000
