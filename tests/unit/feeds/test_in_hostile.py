"""Five hundred hostile texts, by every way in: nothing runs, nothing is asked, the text stays."""

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from html import escape

import pytest
from lxml import html as pages

from feeds.incoming import Arrival, Incoming
from feeds.intake import Taken, take
from feeds.sources import docx, feed, folder, ghost, html, letter, wordpress, wxr
from tests.kit.docx import docx as document
from tests.kit.docx import paragraph, run
from tests.kit.export import Post, export
from tests.kit.hostile import COUNT, SPY, TEXTS, Hostile, corpus
from tests.unit.feeds.test_in_intake import NOW
from tests.unit.feeds.test_in_letter import message

LIVE = {"script", "style", "iframe", "object", "embed", "svg", "math", "form", "input", "link"}
LIVE |= {"meta", "base", "video", "audio", "template", "noscript", "body", "portal"}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff]")


def taken(arrivals: Iterable[Arrival]) -> Taken:
    (one,) = arrivals
    assert isinstance(one, Incoming), one
    return take(one, salt=b"s", default_language="en", now=NOW)


def is_calm(markup: str) -> bool:
    """Whether nothing in it runs, loads or hides, by another parser than the cleaner's."""
    for one in pages.fragments_fromstring(f"<div>{markup}</div>")[0].iter():
        names = {str(name).lower() for name in one.attrib}
        if one.tag in LIVE or any(name.startswith(("on", "style", "id")) for name in names):
            return False
        loads = {
            name for name in names if name in {"src", "srcset", "poster", "background", "ping"}
        }
        href = str(one.get("href") or "https:")
        if (loads and not str(one.get("src")).startswith("picture:")) or not href.startswith(
            ("https:", "http:", "mailto:")
        ):
            return False
    return True


def kept(found: Taken, text: str) -> bool:
    article = found.article
    return text in f"{article.title}\n{article.html}"


def a_page(one: Hostile) -> Iterable[Arrival]:
    return iter([html.page(f"<title>x</title><body>{one.html}".encode(), key="a")])


def a_feed(one: Hostile) -> Iterator[Arrival]:
    told = escape(_NOT_XML.sub("", one.html))
    item = f"<item><guid>a</guid><title>x</title><description>{told}</description></item>"
    return feed.read(f"<rss version='2.0'><channel>{item}</channel></rss>".encode())


def a_json_feed(one: Hostile) -> Iterator[Arrival]:
    told = {"version": "https://jsonfeed.org/version/1.1"}
    return feed.read(
        json.dumps({**told, "items": [{"id": "a", "content_html": one.html}]}).encode()
    )


def an_export(one: Hostile) -> Iterator[Arrival]:
    text = one.html.replace("]]>", "")
    return wxr.read(io.BytesIO(export(Post(number=1, title="x", text=text))))


def a_wordpress(one: Hostile) -> Iterator[Arrival]:
    post = {"id": 1, "link": "https://a.example/", "content": {"rendered": one.html}}
    return wordpress.read(json.dumps([{**post, "title": {"rendered": one.html}}]).encode())


def a_ghost(one: Hostile) -> Iterator[Arrival]:
    post = {"uuid": "a", "title": "x", "html": one.html, "feature_image_caption": one.html}
    return ghost.read(json.dumps({"data": {"posts": [post]}}).encode())


def a_letter(one: Hostile) -> Iterator[Arrival]:
    made = message("x")
    made.add_alternative(one.html.replace("\x00", ""), subtype="html")
    return letter.read(made.as_bytes())


def a_markdown(one: Hostile) -> Iterable[Arrival]:
    text = folder.html(f"{one.text}\n\n{one.html}")
    return iter([Incoming(kind="folder", key="a", title="x", html=text)])


def a_document(one: Hostile) -> Iterable[Arrival]:
    told = escape(_NOT_XML.sub("", one.html))
    link = f'<w:hyperlink r:id="rId9">{run(told)}</w:hyperlink>'
    body = paragraph(run(escape(one.text))) + paragraph(link)
    return iter([docx.document(document(body, links={"rId9": "javascript:ran()"}), key="a")])


def a_paste(one: Hostile) -> Iterable[Arrival]:
    return iter([Incoming(kind="desk", key="a", title="x", html=one.html)])


WAYS = [a_paste, a_page, a_feed, a_json_feed, an_export, a_wordpress, a_ghost, a_letter,
        a_markdown, a_document]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_nothing_runs_or_loads_and_the_text_stays(
    way: Callable[[Hostile], Iterable[Arrival]],
) -> None:
    hostile = corpus()[:: 1 if way is a_paste else 5]

    found = [(one, taken(way(one))) for one in hostile]

    assert [one.html for one, made in found if not is_calm(made.article.html)] == []
    assert [one.html for one, made in found if not kept(made, one.text)] == []
    assert all(made.pictures == () for _, made in found)


def test_the_corpus_is_as_large_as_it_says_and_always_the_same() -> None:
    first, again, other = corpus(), corpus(), corpus(seed=2)

    assert len(first) == COUNT
    assert first == again != other
    assert {one.text for one in first} == set(TEXTS)
    assert sum(SPY.upper() in one.html.upper() for one in first) > COUNT / 3


def test_what_would_run_is_seen_by_the_test() -> None:
    assert not is_calm("<p onclick=x>a</p>")
    assert not is_calm("<img src='https://a.example/'>")
    assert not is_calm("<a href='javascript:x'>a</a>")
    assert is_calm("<p dir='rtl'>a <a href='https://a.example/'>b</a></p>")
