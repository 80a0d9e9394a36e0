import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from feeds.paper import Entry
from feeds.syndication import (
    EMPTY,
    _entry,
    _head,
    atom,
    content,
    entry_bytes,
    json_feed,
    rss,
)
from tamizdat.article import Article, SafeHtml
from tamizdat.language import direction
from tamizdat.paths import PLACEHOLDER
from tests.unit.feeds import press

A = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

every_language = pytest.mark.parametrize("language", press.LANGUAGES)


@dataclass(frozen=True)
class Feeds:
    atom: bytes
    rss: bytes
    json: bytes

    @property
    def items(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = json.loads(self.json)["items"]
        return found


def articles(language: str) -> list[Article]:
    return [
        press.article(language, 0, authors=("A. & B.", "C <D>"), tags=("harbour", "courts")),
        press.illustrated(language, 1),
        press.article(language, 2, title="BBC: سلام دنیا", summary="", section=None),
    ]


def composed(language: str, entries: list[Entry] | None = None) -> Feeds:
    paper = press.paper(language)
    kept = [press.entry(one) for one in articles(language)] if entries is None else entries
    return Feeds(
        atom=atom(paper, language, kept),
        rss=rss(paper, language, kept),
        json=json_feed(paper, language, kept),
    )


@every_language
def test_a_strict_reader_reads_both_xml_feeds(language: str) -> None:
    feeds = composed(language)

    parsed = [feedparser.parse(feeds.atom), feedparser.parse(feeds.rss)]

    assert [one.bozo for one in parsed] == [False, False]
    assert [one.version for one in parsed] == ["atom10", "rss20"]
    assert [one.encoding.lower() for one in parsed] == ["utf-8", "utf-8"]


@every_language
def test_the_three_feeds_say_the_same(language: str) -> None:
    feeds = composed(language)
    in_atom, in_rss = feedparser.parse(feeds.atom).entries, feedparser.parse(feeds.rss).entries

    told = [(one.id, one.title, one.link, one.published_parsed[:6]) for one in in_atom]

    assert told == [(one.id, one.title, one.link, one.published_parsed[:6]) for one in in_rss]
    assert told == [
        (one["id"], one["title"], one["url"], _day(one["date_published"])) for one in feeds.items
    ]
    texts = [one["content_html"] for one in feeds.items]
    assert texts == [node.text for node in etree.fromstring(feeds.atom).iter(f"{A}content")]
    assert texts == [node.text for node in etree.fromstring(feeds.rss).iter(CONTENT)]


def _day(text: str) -> tuple[int, ...]:
    return datetime.fromisoformat(text).timetuple()[:6]


@every_language
def test_atom_has_what_the_standard_demands(language: str) -> None:
    root = etree.fromstring(composed(language).atom)

    # RFC 4287, 4.1.1 and 4.1.2
    for node in (root, *root.iter(f"{A}entry")):
        assert [len(node.findall(A + name)) for name in ("id", "title", "updated")] == [1, 1, 1]
        assert node.get(LANG) == language
    assert root.find(f"{A}author/{A}name") is not None
    assert root.find(f".//{A}email") is None
    ids = [node.text for node in root.iter(f"{A}id")]
    assert len(set(ids)) == len(ids)
    assert all(str(one).startswith("urn:uuid:") for one in ids)


@every_language
def test_atom_links_have_rel_type_and_language(language: str) -> None:
    root = etree.fromstring(composed(language).atom)

    links = {
        (str(node.get("rel")), str(node.get("type")), str(node.get("href")), node.get("hreflang"))
        for node in root.findall(f"{A}link")
    }
    own = [dict(node.attrib) for node in root.findall(f"{A}entry/{A}link")]

    base = PLACEHOLDER + language
    assert links == {
        ("self", "application/atom+xml", f"{base}/atom.xml", language),
        ("alternate", "text/html", f"{base}/index.html", language),
    }
    assert own == [
        {
            "rel": "alternate",
            "type": "text/html",
            "href": PLACEHOLDER + one.path,
            "hreflang": language,
        }
        for one in articles(language)
    ]


@every_language
def test_a_feed_tells_the_ways_that_last_to_who_has_nothing_else(language: str) -> None:
    feeds, paper = composed(language), press.paper(language)
    told = [
        etree.fromstring(feeds.atom).findtext(f"{A}subtitle"),
        etree.fromstring(feeds.rss)[0].findtext("description"),
        json.loads(feeds.json)["description"],
    ]

    for text in told:
        assert str(paper.mail) in str(text)
        assert str(paper.onion) in str(text)


@every_language
def test_rss_has_what_the_standard_demands(language: str) -> None:
    channel = etree.fromstring(composed(language).rss)[0]

    assert [channel.findtext(name) for name in ("language", "link")] == [
        language,
        f"{PLACEHOLDER}{language}/index.html",
    ]
    assert channel.findtext("description")
    own = channel.find(f"{A}link[@rel='self']")
    assert own is not None
    assert own.get("href") == f"{PLACEHOLDER}{language}/rss.xml"
    for item in channel.findall("item"):
        assert item.findtext("description")
        assert [node.get("isPermaLink") for node in item.findall("guid")] == ["false"]
        assert item.find("author") is None
        assert parsedate_to_datetime(str(item.findtext("pubDate"))).utcoffset() is not None
    names = [[node.text for node in one.findall(CREATOR)] for one in channel.findall("item")]
    assert names == [["A. & B.", "C <D>"], [], []]


def test_json_has_what_the_standard_demands() -> None:
    # JSON Feed 1.1
    feed = json.loads(composed("fa").json)

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{PLACEHOLDER}fa/feed.json"
    assert feed["language"] == "fa"
    assert feed["authors"] == [{"name": press.NAMES["fa"]}]
    assert all(
        {"id", "url", "title", "content_html", "summary"} <= set(one) for one in feed["items"]
    )


@every_language
def test_every_address_in_a_feed_is_whole(language: str) -> None:
    feeds = composed(language)

    addresses = re.findall(
        r'(?:src|href)="([^"]*)"', "".join(x["content_html"] for x in feeds.items)
    )

    assert addresses
    assert all(address.startswith(("https://", "http://", "mailto:")) for address in addresses)


@every_language
def test_the_text_keeps_its_direction_in_readers_that_know_no_languages(language: str) -> None:
    texts = [one["content_html"] for one in composed(language).items]

    start = f'<div dir="{direction(language)}" lang="{language}">'
    assert all(text.startswith(start) and text.endswith("</div>") for text in texts)


def test_a_title_that_mixes_directions_is_led_by_a_mark() -> None:
    assert composed("fa").items[2]["title"].startswith("\u200f")
    assert composed("en").items[2]["title"].startswith("\u200e")


def test_a_feed_was_updated_when_its_newest_entry_was() -> None:
    late = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
    entries = [press.entry(press.article()), press.entry(press.article(number=1, updated=late))]

    feeds = composed("en", entries)

    assert etree.fromstring(feeds.atom).findtext(f"{A}updated") == "2027-01-02T03:04:05+00:00"
    assert b"<lastBuildDate>Sat, 02 Jan 2027 03:04:05 +0000</lastBuildDate>" in feeds.rss


def test_an_empty_feed_is_a_feed() -> None:
    feeds = composed("en", [])

    assert feedparser.parse(feeds.atom).bozo is False
    assert feedparser.parse(feeds.rss).bozo is False
    assert feeds.items == []
    assert EMPTY.isoformat().encode() in feeds.atom


@every_language
def test_splicing_gives_what_feedgen_gives_at_once(language: str) -> None:
    made = articles(language)
    entries = [press.entry(one) for one in made]
    spliced = composed(language, entries)

    paper = press.paper(language)
    in_atom = _head(paper, language, entries, f"{language}/atom.xml", "application/atom+xml")
    in_rss = _head(paper, language, entries, f"{language}/rss.xml", "application/rss+xml")
    for one in made:
        in_atom.add_entry(_entry(one, content(one)), order="append")
        in_rss.add_entry(_entry(one, content(one)), order="append")

    assert _canonical(spliced.atom) == _canonical(in_atom.atom_str())
    assert _canonical(spliced.rss) == _canonical(in_rss.rss_str())
    assert spliced.items == [json.loads(one.json) for one in entries]


def _canonical(body: bytes) -> str:
    return str(etree.canonicalize(body.decode().partition("?>")[2].strip()))


def test_the_same_articles_make_the_same_bytes() -> None:
    assert composed("fa") == composed("fa")


def test_a_feed_tells_nothing_of_who_made_it() -> None:
    feeds = composed("en")

    text = (feeds.atom + feeds.rss + feeds.json).lower()
    text = text.replace(str(press.paper().mail).encode(), b"")  # that one is for readers

    assert b"generator" not in text
    assert b"feedgen" not in text
    assert b"press.example" not in text
    assert b"@" not in text


def test_a_correction_keeps_the_name_and_moves_the_time() -> None:
    first = press.article()
    later = press.article(
        revision=2, correction="x", title="Other", updated=datetime(2027, 1, 1, tzinfo=UTC)
    )

    before, after = composed("en", [press.entry(first)]), composed("en", [press.entry(later)])

    assert before.items[0]["id"] == after.items[0]["id"]
    assert before.items[0]["date_published"] == after.items[0]["date_published"]
    assert before.items[0]["date_modified"] < after.items[0]["date_modified"]


anything = st.text(alphabet=st.characters(exclude_categories=())).filter(str.strip)


@settings(max_examples=80, deadline=None)
@given(words=anything, name=anything)
def test_no_words_make_a_feed_that_cannot_be_parsed(words: str, name: str) -> None:
    one = press.article(
        title=words,
        summary=words,
        authors=(name, words),
        tags=(words,),
        html=SafeHtml('<p>]]></p><img src="picture:0" alt="">'),
        pictures=(press.picture(alt=name),),
    )

    feeds = composed("en", [press.entry(one)])

    assert len(etree.fromstring(feeds.atom).findall(f"{A}entry")) == 1
    assert len(etree.fromstring(feeds.rss).findall("channel/item")) == 1
    assert len(feeds.items) == 1
    assert not re.search("[\u202d\u202e\ufffe\uffff]", feeds.atom.decode())


def test_one_bad_article_does_not_stop_the_feed() -> None:
    bad = press.article(title="\x00\ufffe", authors=("\u202e",), html=SafeHtml("<p>\x0b\ufffe</p>"))

    feeds = composed("en", [press.entry(bad), press.entry(press.article(number=1))])

    assert [one["title"] for one in feeds.items] == ["…", press.TITLES["en"]]


def test_entries_of_one_article_are_made_alike_in_any_paper_order() -> None:
    one = press.article("fa")

    assert entry_bytes(press.paper("fa", ("fa",)), one) == entry_bytes(press.paper("fa"), one)
