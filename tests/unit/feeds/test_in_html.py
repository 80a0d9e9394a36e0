"""Pages of HTML in folders."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from feeds.incoming import Incoming, SetAside
from feeds.sources import charset, html
from tamizdat.errors import SourceError

PAGE = """<!doctype html><html lang="fa" dir="rtl"><head><meta charset="utf-8">
<title>خبر | روزنامه</title>
<meta property="article:published_time" content="2026-03-04T01:00:00+01:00">
<meta name="author" content="زهرا"><meta name="description" content="کوتاه"></head>
<body><header><nav>menu</nav><h1>روزنامه</h1></header><aside>ad</aside>
<article><h1>خبر امروز</h1><p>می‌روم</p><footer>foot</footer></article><footer>f</footer>
<script>1</script></body></html>"""


def only(path: Path, *, language: str | None = None) -> Incoming:
    (found,) = html.read(path, language=language)
    assert isinstance(found, Incoming)
    return found


def page(text: str) -> Incoming:
    return html.page(text.encode(), key="x.html")


def test_a_page_gives_its_article(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE, "utf-8")

    found = only(tmp_path / "a.html")

    assert (found.key, found.language, found.title) == ("a.html", "fa", "خبر امروز")
    assert found.published == datetime(2026, 3, 4, tzinfo=UTC)
    assert (found.authors, found.summary) == (("زهرا",), "کوتاه")
    assert found.html == "<h1>خبر امروز</h1><p>می‌روم</p>"


def test_a_page_without_an_article_gives_its_body() -> None:
    found = page(
        "<body><nav>n</nav>loose <b>text</b><main></main></body>".replace("<main></main>", "")
    )

    assert "loose" in found.html
    assert "<nav>" not in found.html
    assert found.published is None


def test_several_articles_are_one_text_and_a_preamble_stays() -> None:
    preamble = "Whereas no head of a site would ever hold a sentence as long as this one, it stays."

    found = page(
        f"<header><p>{preamble}</p></header><article>one</article><article>two</article>"
        "<footer>f</footer>"
    )

    assert preamble in found.html
    assert "one" in found.html
    assert "two" in found.html


def test_a_page_within_one_form_is_not_lost() -> None:
    text = "A long sentence, as only an article would hold it, and never a box to search in. " * 2

    found = page(f"<form><input name=q><p>{text}</p></form><form><p>Subscribe</p></form>")

    assert text in found.html
    assert "Subscribe" not in found.html


TITLES = [
    ('<meta property="og:title" content="A"><title>B</title><h1>C</h1>', "A"),
    ("<title>B</title><h1>C</h1>", "C"),
    ("<title>B</title><h1>C</h1><h1>D</h1>", "B"),
    ("<title>B</title><p>x", "B"),
    ("<p>x", ""),
]


@pytest.mark.parametrize(("head", "title"), TITLES)
def test_the_title_is_the_headline_before_the_window_title(head: str, title: str) -> None:
    assert page(head).title == title


def test_a_direction_that_the_language_does_not_imply_is_kept() -> None:
    found = page('<html lang="en" dir="rtl"><body><p>a</p></body></html>')

    assert found.html.strip() == '<div dir="rtl"><p>a</p></div>'


def test_the_address_that_a_page_calls_its_own_is_its_key() -> None:
    found = page('<link rel="canonical" href="https://paper.example/1"><p>a')

    assert (found.key, found.base) == ("https://paper.example/1", "https://paper.example/1")


CHARSETS = [
    ("utf-8", b"\xef\xbb\xbf<p>", "\u043f", None),
    ("utf-16", b"", "\u043f", None),
    ("windows-1251", b'<meta charset="windows-1251"><p>', "п", None),
    ("koi8-r", b'<meta http-equiv=content-type content="text/html; charset=koi8-r"><p>', "п", None),
    ("utf-8", b"<p>", "می‌روم", None),
    ("windows-1251", b'<html lang="ru"><p>', "привет", None),
    ("windows-1256", b"<p>", "سلام", "ar"),
    ("windows-1252", b'<meta charset="iso-8859-1"><p>', "“é”", None),
    ("windows-1252", b'<meta charset="no-such-thing"><p>', "é", None),
    ("windows-1252", b'<meta charset="zlib"><p>', "é", None),
]


@pytest.mark.parametrize(("name", "head", "text", "language"), CHARSETS)
def test_the_charset_is_found(name: str, head: bytes, text: str, language: str | None) -> None:
    body = head + text.encode(name)

    assert charset.text(body, language=language).endswith(text)


def test_a_folder_is_read_in_order_without_links_and_hidden_files(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    (folder / "b").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    for name in ("z.html", "a.htm", "b/c.HTML", ".h.html", ".hidden/x.html", "note.txt"):
        (folder / name).write_text(f"<p>{name}", "utf-8")
    (tmp_path / "outside.html").write_text("<p>secret", "utf-8")
    (folder / "link.html").symlink_to(tmp_path / "outside.html")
    (folder / "loop").symlink_to(folder)

    found = list(html.read(folder))

    assert [one.key for one in found if isinstance(one, Incoming)] == [
        "a.htm",
        "b/c.HTML",
        "z.html",
    ]


def test_a_page_that_is_none_does_not_stop_the_rest(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"")
    (tmp_path / "b.html").write_text("<p>b", "utf-8")

    aside, found = html.read(tmp_path)

    assert aside == SetAside(kind="html", label="a.html", reason="is no page of HTML")
    assert isinstance(found, Incoming)


def test_two_pages_with_one_address_do_not_shadow_each_other(tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_text('<link rel=canonical href="https://a.example/"><p>x', "utf-8")

    _, aside = html.read(tmp_path)

    assert isinstance(aside, SetAside)
    assert aside.reason == "says it is the same page as a.html"


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    (found,) = html.read(tmp_path / "none.html")

    assert isinstance(found, SetAside)
    with pytest.raises(SourceError):
        html.page(b"", key="x")


def test_pictures_come_from_beside_the_page_and_never_from_outside(tmp_path: Path) -> None:
    out, folder = BytesIO(), tmp_path / "site" / "news"
    folder.mkdir(parents=True)
    Image.new("RGB", (9, 9)).save(out, "PNG")
    places = ("site/news/a b.png", "site/up.png", "outside.png", "site/news/.hidden.png")
    for place in places:
        (tmp_path / place).write_bytes(out.getvalue())
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    (folder / "a.html").write_text("<p>a", "utf-8")

    give = only(tmp_path / "site").pictures

    assert give("a%20b.png?x=1") == out.getvalue()
    assert give("../up.png") == out.getvalue()
    outside = str(tmp_path / "outside.png")
    refused = [
        "../../outside.png",
        "link.png",
        outside,
        ".hidden.png",
        "",
        "..\\up.png",
        "none.png",
    ]
    refused += ["https://a.example/a.png", "//a.example/a.png", "a\0b", f"file:{outside}", "."]
    refused += ["%2e%2e/%2e%2e/outside.png"]
    assert [give(src) for src in refused] == [None] * len(refused)
