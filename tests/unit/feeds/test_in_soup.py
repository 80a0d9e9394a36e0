"""What an article's HTML means."""

import base64
from io import BytesIO

import pytest
from PIL import Image

from feeds.cleaner import clean
from feeds.incoming import PictureSource, no_pictures
from feeds.links import embed, resolve
from feeds.pictures import Rebuilt
from feeds.soup import Meaning, meaning, plain
from tamizdat.errors import SourceError


def read(
    html: str,
    *,
    language: str = "en",
    title: str = "",
    base: str | None = "https://paper.example/2026/story",
    pictures: PictureSource = no_pictures,
) -> Meaning:
    return meaning(html, language=language, title=title, base=base, pictures=pictures)


def png(width: int = 30, height: int = 20) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


MEANINGS = [
    # what came                                         what it means
    ("loose text", "<p>loose text</p>"),
    ("<b>a</b> <i>b</i>", "<p><strong>a</strong> <em>b</em></p>"),
    ("<font color=red>a</font><center>b</center>", "<p>a</p><p>b</p>"),
    ("<p>a</p><p>&nbsp;</p><p><br></p><p></p>", "<p>a</p>"),
    ("<h1>a</h1><h3>b</h3>", "<h2>a</h2><h4>b</h4>"),
    ("<h4>a</h4><h6>b</h6>", "<h2>a</h2><h4>b</h4>"),
    ("<div><div><p>a</p></div>b</div>", "<p>a</p><p>b</p>"),
    ('<div lang="fr"><p>a</p><p>b</p></div>', '<div lang="fr"><p>a</p><p>b</p></div>'),
    ("<b><p>a</p></b>", "<p>a</p>"),
    ("<!-- c --><p>a<!-- wp:x --></p>", "<p>a</p>"),
    ("<p hidden>a</p><p style='display: none'>b</p>c", "<p>c</p>"),
    ("<blockquote>a<cite>b</cite></blockquote>", "<blockquote><p>a<cite>b</cite></p></blockquote>"),
    ("<script>x</script><style>y</style><form>z</form>a", "<p>a</p>"),
    ("<p><a href='#n1'>a</a> <a href='javascript:x'>b</a></p>", "<p>a b</p>"),
    ("a &lt;b&gt; &amp; c", "<p>a &lt;b&gt; &amp; c</p>"),
    ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
    ("<u>a</u><strike>b</strike><tt>c</tt>", "<p>a<s>b</s><code>c</code></p>"),
]


@pytest.mark.parametrize(("html", "means"), MEANINGS)
def test_markup_becomes_meaning(html: str, means: str) -> None:
    assert read(html).html == means


def test_the_title_is_not_said_twice() -> None:
    assert read("<h1>The  title</h1><p>a</p>", title="The title").html == "<p>a</p>"


def test_blocks_that_run_the_other_way_say_so() -> None:
    found = read("<p>English</p><p>فارسی می‌نویسم</p><ul><li>سلام</li><li>English</li></ul>")

    assert found.html == (
        '<p>English</p><p dir="rtl">فارسی می‌نویسم</p>'
        '<ul><li dir="rtl">سلام</li><li>English</li></ul>'
    )
    assert read("<p>English</p><p>فارسی</p>", language="fa").html == (
        '<p dir="ltr">English</p><p>فارسی</p>'
    )


def test_a_styled_direction_is_kept_as_one() -> None:
    found = read("<p style='color:red;direction:rtl'>abc</p>")

    assert clean(found.html) == '<p dir="rtl">abc</p>'


def test_direction_marks_are_paired_within_their_paragraph() -> None:
    found = read("<p>\u2067a<b>b\u2069</b></p><p>c\u2067</p><p>\u202ed\u2069</p>")

    assert found.html == "<p>\u2067a<strong>b\u2069</strong></p><p>c</p><p>d</p>"


def test_controls_and_surrogates_do_not_pass_as_references() -> None:
    assert read("<p>a&#1;b\ud800c&#xfffe;d\x0be</p>").text == "abcde"


LINKS = [
    ("/a?utm_source=x&b=1&fbclid=2#c", "https://paper.example/a?b=1#c"),
    ("https://a.example/?gclid=1&yclid=2&mc_cid=3&igshid=4", "https://a.example/"),
    ("https://a.example/?q=a%20b&empty=", "https://a.example/?q=a%20b&empty="),
    ("https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2F&h=1", "https://a.example/"),
    ("https://me:secret@a.example/x", "https://a.example/x"),
    ("mailto:desk@a.example?subject=x", "mailto:desk@a.example"),
    ("//a.example/x", "https://a.example/x"),
    ("javascript:alert(1)", None),
    ("data:text/html,x", None),
    ("http://[::1", None),
    ("#top", None),
    ("www.a.example/x", "https://www.a.example/x"),
    ("https://a.example/<b>", None),
    ('https://a.example/"x', None),
    ("https://a.example/\nx", None),
    ("", None),
]


@pytest.mark.parametrize(("href", "target"), LINKS)
def test_a_link_is_absolute_and_free_of_trackers(href: str, target: str | None) -> None:
    assert resolve(href, "https://paper.example/2026/story") == target


def test_a_relative_link_without_base_leaves_its_words() -> None:
    assert read('<p><a href="b.html">b</a></p>', base=None).html == "<p>b</p>"


EMBEDS = [
    ("//www.youtube.com/embed/Ab-1?autoplay=1", "YouTube", "https://www.youtube.com/watch?v=Ab-1"),
    ("https://www.youtube-nocookie.com/embed/x", "YouTube", "https://www.youtube.com/watch?v=x"),
    ("https://player.vimeo.com/video/123?h=1", "Vimeo", "https://vimeo.com/123"),
    ("https://t.me/paper/42?embed=1", "Telegram", "https://t.me/paper/42"),
    ("https://platform.twitter.com/embed/Tweet.html?id=7", "Twitter", "https://twitter.com/i/status/7"),
    ("https://maps.example/x", "maps.example", "https://maps.example/x"),
]  # fmt: skip


@pytest.mark.parametrize(("src", "label", "href"), EMBEDS)
def test_an_embed_is_a_plain_link(src: str, label: str, href: str) -> None:
    found = embed(src)

    assert found is not None
    assert (found.label, found.href) == (label, href)


def test_a_frame_becomes_a_captioned_link() -> None:
    found = read('<iframe src="https://www.youtube.com/embed/x" title="Day one"></iframe>')

    assert found.html == '<p><a href="https://www.youtube.com/watch?v=x">YouTube · Day one</a></p>'
    assert found.removed == ("iframe: https://www.youtube.com/embed/x",)


def test_a_telegram_widget_becomes_a_link() -> None:
    found = read(
        '<script async data-telegram-post="paper/7" src="https://t.example/w.js"></script>'
    )

    assert found.html == '<p><a href="https://t.me/paper/7">Telegram</a></p>'


def test_a_picture_with_bytes_is_numbered() -> None:
    found = read(
        '<figure><img src="a.png" alt="A  street" onerror=x><figcaption>c</figcaption></figure>',
        pictures={"a.png": png()}.get,
    )

    assert found.html == (
        '<figure><img alt="A street" height="20" src="picture:0" width="30"/>'
        "<figcaption>c</figcaption></figure>"
    )
    assert found.alts == ("A street",)


def test_a_picture_within_the_page_is_taken() -> None:
    src = "data:image/png;base64," + base64.b64encode(png()).decode()

    assert len(read(f'<img src="{src}">').pictures) == 1


def test_a_picture_that_was_rebuilt_before_keeps_its_bytes() -> None:
    before = Rebuilt(body=b"as it was", extension="jpg", width=30, height=20)

    assert read('<img src="a">', pictures={"a": before}.get).pictures == (before,)


def test_of_a_remote_picture_the_words_stay() -> None:
    found = read('<p><img src="https://a.example/1.jpg" alt="Two men wait"></p>')

    assert found.html == "<p>[Two men wait]</p>"
    assert found.removed == ("picture: https://a.example/1.jpg",)


@pytest.mark.parametrize("alt", ["", "IMG_2041.JPG", "dsc 0001", "photo.png"])
def test_words_that_say_nothing_do_not_stay(alt: str) -> None:
    assert read(f'<p>a <img src="https://a.example/1.jpg" alt="{alt}"></p>').text == "a"


@pytest.mark.parametrize(
    "tag", ['width="1" height="1"', 'style="width:1px;height:1px"', 'width="0"', 'height="2px"']
)
def test_a_tracker_pixel_leaves_nothing(tag: str) -> None:
    found = read(f'<p>a<img src="https://t.example/p" alt="Read me" {tag}></p>')

    assert found.html == "<p>a</p>"
    assert found.removed == ("tracker: https://t.example/p",)


def test_a_small_file_is_a_tracker_too() -> None:
    assert read('<p>a<img src="p"></p>', pictures={"p": png(1, 1)}.get).pictures == ()


def test_a_picture_that_is_none_leaves_its_words() -> None:
    found = read('<img src="a.png" alt="A street">', pictures={"a.png": b"<svg/>"}.get)

    assert found.html == "<p>[A street]</p>"
    assert "no sound JPEG" in found.removed[0]


def test_a_foreign_marker_is_no_picture() -> None:
    assert "<img" not in clean(read('<img src="picture:0">').html)


def test_nesting_beyond_reason_is_refused() -> None:
    with pytest.raises(SourceError, match="nested"):
        read("<div>" * 5000 + "x")


def test_the_text_has_a_line_for_each_block() -> None:
    assert read("<h2>a</h2><p>b <b>c</b></p><ul><li>d</li></ul>").text == "a\nb c\nd"


def test_plain_text_of_html() -> None:
    assert plain("A &amp; B <i>c</i><script>x</script>") == "A & B c"
    assert plain("Ceci n&#8217;est pas") == "Ceci n’est pas"
