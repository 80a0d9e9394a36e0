"""Pastes: what Word, Google Docs, Telegram and pages put on a clipboard, and what must not live.

All is written by hand after how those programs mark their text. `SECRET` stands wherever a reader
must never get to: in what was deleted, remarked on, hidden.
"""

# ruff: noqa: E501, Q003, ISC004 - markup as those programs write it
import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.kit.hostile import _RUNS, SPY, TEXTS, Hostile

SECRET = "SECRETNAME"
COUNT = 500

_HEAD = (
    '<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta name=ProgId content=Word.Document>'
    '<link rel=File-List href="file:///C:/Users/Anna/clip_filelist.xml"><!--[if gte mso 9]><xml>'
    "<w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]--><style>"
    "@font-face {font-family:Calibri} p.MsoNormal {margin:0in}</style></head><body lang=EN-US>"
)
_FACE = "style='font-size:11.0pt;font-family:\"Calibri\",sans-serif;color:#1F3864'"
_POINT = (
    "<p class=MsoListParagraphCxSpMiddle style='text-indent:-.25in;mso-list:l{list} level{level}"
    " lfo1'><![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>"
    "{sign}<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp; </span></span></span>"
    "<![endif]><span lang=EN-GB>{text}<o:p></o:p></span></p>"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A paste, what it becomes, and what is said of it."""

    name: str
    html: str
    becomes: str
    removed: tuple[str, ...] = ()


def point(text: str, sign: str = "·", level: int = 1, number: int = 0) -> str:
    """A paragraph that Word dresses as a point of a list."""
    return _POINT.format(list=number, level=level, sign=sign, text=text)


def word(body: str) -> str:
    """A document as Word puts it on the clipboard."""
    return f"{_HEAD}<!--StartFragment-->\r\n{body}\r\n<!--EndFragment--></body></html>"


def docs(body: str) -> str:
    """A document as Google Docs puts it on the clipboard."""
    guid = "docs-internal-guid-5b1c"
    return (
        f'<meta charset=\'utf-8\'><b style="font-weight:normal;" id="{guid}">{body}</b>'
        '<br class="Apple-interchange-newline">'
    )


def run(text: str, style: str = "") -> str:
    """A stretch of text in Google Docs."""
    plain = "font-size:11pt;font-family:Arial;color:#000000;background-color:transparent"
    return f'<span style="{plain};font-weight:400;font-style:normal;{style}">{text}</span>'


SAMPLES = (
    Sample("Word: paragraphs", word(f"<p class=MsoNormal><span {_FACE}>Plain <b>strong</b>"
           " <i>slanted</i><o:p></o:p></span></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
           "<p class=MsoNormal>Next</p>"),
           "<p>Plain <strong>strong</strong> <em>slanted</em></p><p>Next</p>",
           ("colours and fonts",)),
    Sample("Word: a list in a list", word(point("One") + point("Within", "o", 2) + point("Two")),
           "<ul><li>One<ul><li>Within</li></ul></li><li>Two</li></ul>", ("colours and fonts",)),
    Sample("Word: numbers", word(point("One", "1.") + point("Two", "2)") + point("a", "a.", 2)),
           "<ol><li>One</li><li>Two<ol><li>a</li></ol></li></ol>", ("colours and fonts",)),
    Sample("Word: two lists", word(point("One") + "<p class=MsoNormal>Between</p>" + point("Two")),
           "<ul><li>One</li></ul><p>Between</p><ul><li>Two</li></ul>", ("colours and fonts",)),
    Sample("Word: a list that skips a level", word(point("One") + point("Deep", "§", 3)
           + point("Two")),
           "<ul><li>One<ul><li>Deep</li></ul></li><li>Two</li></ul>", ("colours and fonts",)),
    Sample("Word: title, heading, quotation",
           word("<p class=MsoTitle>Title</p><h1 style='color:blue'><b>Part</b></h1>"
                "<p class=MsoIntenseQuote>Said</p>"),
           "<h2>Title</h2><h2>Part</h2><blockquote><p>Said</p></blockquote>",
           ("colours and fonts",)),
    Sample("Word: tracked changes",
           word("<p class=MsoNormal>It was <del cite=\"mailto:Anna%20P\" datetime=\"2026-11-20\">"
                f"{SECRET}</del><ins cite=\"mailto:Boris\">on Monday</ins>"
                f"<span class=msoDel>{SECRET}</span>.</p>"),
           "It was on Monday.",
           ("2 passages that were deleted in the document by Anna P", "colours and fonts")),
    Sample("Word: a comment",
           word("<p class=MsoNormal><a style='mso-comment-reference:AP_1;mso-comment-date:20261120'>"
                "The clerk</a><span class=MsoCommentReference><a class=msocomanchor id=\"_anchor_1\""
                " onmouseover=\"msoCommentShow('_anchor_1')\" href=\"#_msocom_1\" name=\"_msoanchor_1\">"
                "[AP1]</a></span> left.</p><div style='mso-element:comment-list'><hr><div"
                " style='mso-element:comment'><div id=\"_com_1\" class=msocomtxt><span"
                " style='mso-comment-author:\"Anna Petrova\"'></span><p class=MsoCommentText>"
                f"Her name is {SECRET}</p></div></div></div>"),
           "The clerk left.", ("1 comment by Anna Petrova", "colours and fonts")),
    Sample("Word: a footnote",
           word("<p class=MsoNormal>Said<a style='mso-footnote-id:ftn1' href=\"#_ftn1\""
                " name=\"_ftnref1\"><span class=MsoFootnoteReference><![if !supportFootnotes]>[1]"
                "<![endif]></span></a>.</p><div style='mso-element:footnote-list'><hr><div"
                " style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText><a href=\"#_ftnref1\">"
                "[1]</a> On Monday.</p></div></div>"),
           "<p>Said<sup>1</sup>.</p><hr><p><sup>1</sup> On Monday.</p>",
           ("colours and fonts",)),
    Sample("Word: smart tags", word("<p class=MsoNormal>In <st1:City w:st=\"on\"><st1:place>Riga"
           "</st1:place></st1:City> today</p>"), "In Riga today",
           ("colours and fonts",)),
    Sample("Word: hidden text", word(f"<p class=MsoNormal>Seen<span style='mso-hide:all'>{SECRET}"
           f"</span><span style='display:none'>{SECRET}</span></p>"), "Seen",
           ("hidden text in 2 places", "colours and fonts")),
    Sample("Word: a picture on its disk",
           word("<p class=MsoNormal>Here<!--[if gte vml 1]><v:shape><v:imagedata"
                " src=\"file:///C:/Users/Anna/image001.png\"/></v:shape><![endif]--><![if !vml]><img"
                " width=300 src=\"file:///C:/Users/Anna/image001.png\"><![endif]></p>"),
           "Here", ("1 picture that did not come along: add it with Picture",
           "colours and fonts")),
    Sample("Word: Persian",
           word("<p class=MsoNormal dir=RTL style='text-align:right'><span lang=FA style='font-family:"
                "\"B Nazanin\"'>می‌خواهم</span><span dir=LTR></span><span lang=FA> بدانم</span></p>"),
           '<p dir="rtl">می‌خواهم بدانم</p>', ("colours and fonts",)),
    Sample("Word: a table", word("<table class=MsoTableGrid border=1 style='border:none'><tr><td"
           " width=100 style='width:3in'><p class=MsoNormal>A<o:p></o:p></p></td><td><p"
           " class=MsoNormal>B</p></td></tr></table>"),
           "<table><tbody><tr><td><p>A</p></td><td><p>B</p></td></tr></tbody></table>",
           ("colours and fonts",)),
    Sample("Docs: weight and slant", docs(f'<p dir="ltr">{run("a ")}{run("b", "font-weight:700;")}'
           f'{run("c", "font-style:italic;")}{run("d", "text-decoration:line-through;")}'
           f'{run("2", "vertical-align:super;")}</p>'),
           "a <strong>b</strong><em>c</em><s>d</s><sup>2</sup>", ("colours and fonts",)),
    Sample("Docs: a link through Google",
           docs('<p dir="ltr"><a href="https://www.google.com/url?q=https://a.example/x%3Fp%3D1&amp;'
                f'sa=D&amp;source=editors&amp;usg=AOv" style="text-decoration:none">{run("x")}</a></p>'),
           '<a href="https://a.example/x?p=1" rel="noreferrer noopener nofollow">x</a>',
           ("tracking in 1 link", "colours and fonts")),
    Sample("Docs: a list in a list",
           docs('<ul style="margin:0"><li dir="ltr" aria-level="1"><p dir="ltr" role="presentation">'
                f'{run("One")}</p></li><ul><li dir="ltr" aria-level="2"><p role="presentation">'
                f'{run("Within")}</p></li></ul><li><p role="presentation">{run("Two")}</p></li></ul>'),
           "<ul><li>One<ul><li>Within</li></ul></li><li>Two</li></ul>", ("colours and fonts",)),
    Sample("Docs: comments",
           docs('<p>Said<sup><a href="#cmnt1" id="cmnt_ref1">[a]</a></sup>.</p><div'
                ' style="border:1px solid black"><p><a href="#cmnt_ref1" id="cmnt1">[a]</a>'
                f"<span>{SECRET}</span></p></div>"),
           "Said.", ("1 comment", "colours and fonts")),
    Sample("Telegram: an exported message",
           '<div class="message default clearfix" id="message7"><div class="pull_left userpic_wrap">'
           '<div class="userpic userpic3"><div class="initials">A</div></div></div><div class="body">'
           f'<div class="pull_right date details" title="20.11.2026 12:05:31">12:05</div>'
           f'<div class="from_name">{SECRET}</div><div class="text">First line<br>second<br><br>Next'
           ' <a href="https://t.me/c?utm_source=x">here</a></div></div></div>',
           '<p>First line<br>second</p><p>Next <a href="https://t.me/c" rel="noreferrer noopener'
           ' nofollow">here</a></p>',
           ("who sent the messages, and when", "tracking in 1 link")),
    Sample("Telegram: a face", '<span class="text">Yes <img class="emoji emoji-small" alt="✅"'
           ' src="blob:https://web.telegram.org/1"> and so</span>', "Yes ✅ and so"),
    Sample("a page",
           '<h1 style="font-weight:700">Title</h1><p>A<span style="color: rgb(0, 0, 0); float: none;'
           ' display: inline !important;"> b</span></p><img src="https://a.example/p.jpg" alt="">'
           '<img src="https://count.example/p.gif" width=1 height=1><script>1</script>'
           '<a href="https://a.example/?utm_source=n&amp;id=2" onclick="x()">go</a>'
           '<iframe src="https://www.youtube.com/embed/abc"></iframe>',
           '<h2>Title</h2><p>A b</p><p><a href="https://a.example/?id=2" rel="noreferrer noopener'
           ' nofollow">go</a></p><p><a href="https://www.youtube.com/watch?v=abc" rel="noreferrer'
           ' noopener nofollow">YouTube</a></p>',
           ("2 scripts", "1 picture from elsewhere", "1 pixel that counts readers",
            "tracking in 1 link", "1 frame from elsewhere", "colours and fonts")),
    Sample("a page in one form", "<form action=/x><p>Words</p><input name=q><p>More</p></form>",
           "<p>Words</p><p>More</p>", ("1 field of a form",)),
    Sample("a word within a line", "<span>just <b>this</b></span>", "just <strong>this</strong>"),
    Sample("LibreOffice: a footnote",
           '<p>Said<a class="sdfootnoteanc" name="sdfootnote1anc" href="#sdfootnote1sym"><sup>1</sup>'
           '</a></p><div id="sdfootnote1"><p class="sdfootnote"><a class="sdfootnotesym"'
           ' href="#sdfootnote1anc">1</a> On Monday.</p></div>',
           "<p>Said<sup>1</sup></p><p><sup>1</sup> On Monday.</p>"),
)  # fmt: skip

_TRICKS = (
    f"<p class=MsoNormal><del cite='mailto:A'>{SECRET}<img src='{{spy}}' onerror={{run}}></del></p>",
    f"<span class=msoDel onclick={{run}}>{SECRET}</span>",
    f"<div style='mso-element:comment-list'><p>{SECRET}</p><script>{{run}}</script></div>",
    f"<p class=MsoCommentText onmouseover={{run}}>{SECRET}</p>",
    f"<span style='mso-hide:all'>{SECRET}<img src='{{spy}}'></span>",
    f"<span style='DISPLAY : none'>{SECRET}</span>",
    f"<span style='display:none!important' onclick={{run}}>{SECRET}</span>",
    f"<p hidden>{SECRET}<script>{{run}}</script></p>",
    f"<xml><w:DocumentProperties>{SECRET}<script>{{run}}</script></w:DocumentProperties></xml>",
    f"<!--[if gte mso 9]><xml>{SECRET}<script>{{run}}</script></xml><![endif]-->",
    "<!--[if !vml]--><img src='{spy}' onload={run}><!--[endif]-->",
    "<v:shape><v:imagedata src='{spy}' o:href='{spy}'/></v:shape>",
    "<v:rect><v:fill src='{spy}' type=frame/></v:rect>",
    "<o:OLEObject Type=Embed ProgID=x ObjectID='{spy}'></o:OLEObject>",
    "<link rel=File-List href='{spy}'><link rel=themeData href='{spy}'>",
    "<link rel=Edit-Time-Data href='{spy}'><link rel=dataStoreItem href='{spy}'>",
    "<p style='mso-list:l0 level1 lfo1' onclick={run}><span style='mso-list:Ignore'"
    " onclick={run}>·</span>point</p>",
    "<p style='background:url({spy});mso-list:l0 level999999999 lfo1'>far</p>",
    "<b style='font-weight:normal' id='docs-internal-guid-1' onpaste={run}></b>",
    "<img src='data:image/svg+xml,<svg onload={run}><image href=\"{spy}\"/></svg>'>",
    "<img src='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+'>",
    "<img src='data:text/html,<script>{run}</script>' onerror={run}>",
    "<img src=\"data:image/png;base64,AAAA\" srcset='{spy} 2x' onerror={run}>",
    '<img src="data:image/png;base64,AAAA\' onerror={run}">',
    "<img class=emoji alt='<img src={spy} onerror={run}>' src='{spy}'>",
    "<a href='https://www.google.com/url?q=javascript:{run}'>go</a>",
    "<a href='https://www.google.com/url?q=data:text/html,{run}'>go</a>",
    "<a href='#_ftn1' onclick={run}>[1]</a><a href='#cmnt1' onclick={run}>[a]</a>",
    "<div class=message><div class=from_name onclick={run}>" + SECRET + "</div></div>",
    "<tg-spoiler onclick={run}>dark</tg-spoiler><tg-emoji emoji-id={spy}>x</tg-emoji>",
    "<p>one<br><br onclick={run}>two<br><br><img src='{spy}'></p>",
)
_CLOTHES = (
    lambda text, bad: word(f"<p class=MsoNormal><span lang=FA>{text}<o:p></o:p></span></p>{bad}"),
    lambda text, bad: word(point("One") + point(text) + bad),
    lambda text, bad: word(f"{bad}<p class=MsoNormal><ins cite='mailto:B'>{text}</ins></p>"),
    lambda text, bad: docs(f'<p dir="ltr">{run(text, "font-weight:700;")}</p>{bad}'),
    lambda text, bad: docs(f"{bad}<ul><li>{run(text)}</li><ul><li>{run('deep')}</li></ul></ul>"),
    lambda text, bad: f'<div class="message"><div class="text">{text}<br><br>x</div>{bad}</div>',
    lambda text, bad: f"<article><h2>Head</h2><p>{text}</p>{bad}</article>",
    lambda text, bad: f"<table><tr><td>{text}</td><td>{bad}</td></tr></table>",
    lambda text, bad: f"<div><div><p>{text}{bad}</p></div></div>",
)

ROWS: Sequence[str] = (*_TRICKS, *_RUNS)
"""Ways to run, to call home or to keep what must go."""


def pastes(seed: int = 7, count: int = COUNT) -> Sequence[Hostile]:
    """Hostile pastes, the same for the same seed; each row is in it several times."""
    dice = random.Random(seed)  # noqa: S311 - a corpus, no secret
    made = []
    for number in range(count):
        bad = ROWS[number % len(ROWS)] + (dice.choice(ROWS) if number >= len(ROWS) else "")
        bad = bad.replace("{run}", f"window.ran={number}").replace("{spy}", f"{SPY}?{number}")
        bad = bad.replace("{{", "{").replace("}}", "}")
        text = dice.choice(TEXTS)
        made.append(Hostile(dice.choice(_CLOTHES)(text, bad), text))
    return made
