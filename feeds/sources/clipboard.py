"""A clipboard: what Word, Google Docs, Telegram or a page left there, as HTML that says what.

The result is not safe yet; `feeds/pasting.py` sends it through the soup and the cleaner.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree
from lxml import html as pages

from feeds.letters import legal, line
from feeds.links import is_traced
from feeds.sources import officemarks
from feeds.sources.officemarks import classes, styled
from tamizdat.errors import SourceError

MAX_DEPTH = 190
"""Elements within elements; the parser itself stops at 256 and loses what follows."""
MAX_ELEMENTS = 30_000

_SPACES = re.compile(r"[ \t\u00a0]*\u00a0[ \t\u00a0]+|[ \t\u00a0]+\u00a0[ \t\u00a0]*")
_UNSEEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)")
_REVEALED = re.compile(r"<!\[[^\]<>]{0,200}\]>")
_BOLD = re.compile(r"bold(?:er)?|[6-9]00")
_PARTS = frozenset(str.split("p div body section article main blockquote center"))
_HEADINGS = frozenset(str.split("h1 h2 h3 h4 h5 h6"))
_FRAMES = frozenset(str.split("iframe frame embed object video audio applet portal fencedframe"))
_FIELDS = frozenset(str.split("input select textarea button"))
_ISLANDS = frozenset(("xml", "w:del", "w:deltext", "w:comment"))
_TELLS = frozenset(
    str.split(
        "from_name initials userpic userpic_wrap tgme_widget_message_user MessageMeta"
        " tgme_widget_message_author tgme_widget_message_meta tgme_widget_message_owner_name"
        " message-title sender-title"
    )
)
"""Where Telegram says who wrote a message, and when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tidied:
    """`removed` tells in words what was left out; `inside` counts pictures that came along."""

    html: str
    removed: tuple[str, ...]
    inside: int


@dataclass(slots=True)
class Findings:
    """What was found on the way, to be told in words."""

    counts: Counter[str] = field(default_factory=Counter)
    authors: dict[str, set[str]] = field(default_factory=dict)

    def note(self, what: str, author: str = "") -> None:
        """Once more of this, by somebody if it says so."""
        self.counts[what] += 1
        if author:
            self.authors.setdefault(what, set()).add(author)


def tidied(html: str, runs: str = "ltr") -> Tidied:
    """`html` without the marks of the program that it was copied from; lists and emphasis are real.

    `runs` is the direction of the text that it goes into: where all runs so, nothing says it. What
    was deleted, commented on or hidden in the document is gone. Raises SourceError where it is
    nested or split beyond reason.
    """
    body, found = _parsed(html), Findings()
    _drop_unseen(body, found)
    office = officemarks.settle(body, found.note)
    _count(body, found)
    _drop_senders(body, found)
    inside = _look_at_pictures(body, found)
    _emphasize(body)
    _part(body)
    for one in list(body.iter("form", "fieldset")):
        one.drop_tag()
    if office:
        for one in body.iter(etree.Element):
            one.attrib.pop("lang", None)  # that of the spelling checker, right or wrong
    _unsay(body, runs)
    inner = "".join(pages.tostring(one, encoding="unicode") for one in body)
    text = (body.text or "").replace("&", "&amp;").replace("<", "&lt;")
    return Tidied(
        html=_SPACES.sub(" ", f"{text}{inner}"), removed=tuple(_words(found)), inside=inside
    )


def _parsed(html: str) -> pages.HtmlElement:
    parser = pages.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    markup = f"<html><body>{_REVEALED.sub('', legal(html))}</body></html>"
    try:
        tree = pages.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise SourceError("what was pasted is no HTML: paste it as plain text") from error
    body: pages.HtmlElement = tree.find("body")
    deepest = depth = count = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        deepest = max(deepest, depth)
    if body is None or deepest > MAX_DEPTH or count > MAX_ELEMENTS:
        raise SourceError(
            "what was pasted is nested or split beyond reason: paste it as plain text"
        )
    for one in list(body.iter(etree.Element)):
        if one.tag in _ISLANDS:
            officemarks.drop(one)
        elif ":" in one.tag:
            one.drop_tag()  # a smart tag of Word: it says what a machine took the words for
    return body


def _drop_unseen(body: pages.HtmlElement, found: Findings) -> None:
    for one in list(body.iter(etree.Element)):
        if one is not body and ("hidden" in one.attrib or _UNSEEN.search(styled(one))):
            if line(one.text_content()):
                found.note("hidden")
            officemarks.drop(one)


def _count(body: pages.HtmlElement, found: Findings) -> None:
    """Note what the cleaner takes out in any case."""
    for one in body.iter(etree.Element):
        if one.tag == "script":
            found.note("script")
        elif one.tag in _FRAMES:
            found.note("frame")
        elif one.tag in _FIELDS:
            found.note("field")
        elif one.tag in {"svg", "math", "canvas"}:
            found.note("drawing")
        if one.tag in {"style", "font"} or {"style", "color", "bgcolor", "face"} & set(one.attrib):
            found.note("look")
        for _ in (name for name in one.attrib if str(name).startswith("on")):
            found.note("script")
        _count_link(one, found)


def _count_link(one: pages.HtmlElement, found: Findings) -> None:
    href = re.sub(r"[\x00-\x20]", "", str(one.get("href") or "")) if one.tag == "a" else ""
    if href.lower().startswith("javascript:"):
        found.note("script")
    elif is_traced(href):
        found.note("traced")
    if one.tag == "a" and "ping" in one.attrib:
        found.note("traced")


def _drop_senders(body: pages.HtmlElement, found: Findings) -> None:
    """Of messages, the words stay; not who sent them, nor when."""
    for one in list(body.iter(etree.Element)):
        names = classes(one)
        if names & _TELLS or {"pull_right", "date"} <= names:
            found.note("sender")
            officemarks.drop(one)


def _look_at_pictures(body: pages.HtmlElement, found: Findings) -> int:
    """Note which pictures did not come along; gives how many did."""
    inside = 0
    for one in list(body.iter("img")):
        place, alt = str(one.get("src") or ""), str(one.get("alt") or "")
        if "emoji" in " ".join(classes(one)) and alt:
            one.tail = alt + (one.tail or "")
            officemarks.drop(one)
        elif place[:7].lower().startswith(("data:", "pasted:")) or "/pictures/" in place:
            inside += 1
        elif re.fullmatch(r"[012](?:px)?", str(one.get("width") or "")):
            found.note("pixel")
        elif re.match(r"https?:|//", place.strip(), re.IGNORECASE):
            found.note("elsewhere")
        else:
            found.note("left behind")
    return inside


def _emphasize(body: pages.HtmlElement) -> None:
    """Weight and slant by style become emphasis; an element that unsays its own goes."""
    for one in list(body.iter("b", "strong", "i", "em", "span", "font")):
        style = styled(one)
        weight = _value(style, "font-weight")
        slant = _value(style, "font-style")
        if (one.tag in {"b", "strong"} and weight in {"normal", "400"}) or (
            one.tag in {"i", "em"} and slant == "normal"
        ):
            one.drop_tag()
        elif one.tag in {"span", "font"}:
            _wrap(one, _meant(style, weight, slant))
    for heading in list(body.iter(*_HEADINGS)):
        for one in list(heading.iter("b", "strong")):
            one.drop_tag()


def _meant(style: str, weight: str, slant: str) -> Iterator[str]:
    """The elements that say what a style shows."""
    if _BOLD.fullmatch(weight):
        yield "strong"
    if slant in {"italic", "oblique"}:
        yield "em"
    raised = _value(style, "vertical-align")
    if raised in {"super", "sub"}:
        yield "sup" if raised == "super" else "sub"
    if "line-through" in _value(style, "text-decoration") + _value(style, "text-decoration-line"):
        yield "s"


def _wrap(one: pages.HtmlElement, names: Iterator[str]) -> None:
    for name in names:
        around = pages.Element(name)
        around.text, one.text = one.text, None
        around.extend(list(one))
        one.append(around)


def _part(body: pages.HtmlElement) -> None:
    """Two line breaks part paragraphs: an empty one stands between, which the soup takes out."""
    for one in list(body.iter("br")):
        before = one.getprevious()
        if before is None or before.tag != "br" or (before.tail or "").strip():
            continue
        block = next((up for up in one.iterancestors() if up.tag in _PARTS | _STANDS), None)
        if block is None or block.tag not in _PARTS:
            continue
        if block.tag == "p":
            block.tag = "div"
        officemarks.drop(before)
        one.tag = "p"


_STANDS = _HEADINGS | frozenset(str.split("li td th pre caption figcaption dt dd"))


def _unsay(body: pages.HtmlElement, runs: str) -> None:
    """A direction that holds anyway need not be said of every paragraph."""
    told = [one for one in body.iter(etree.Element) if "dir" in one.attrib]
    for one in told:
        one.set("dir", str(one.get("dir")).strip().lower())
    if all(one.get("dir") == runs for one in told):
        for one in told:
            del one.attrib["dir"]


def _value(style: str, name: str) -> str:
    """What a style says last of `name`: that holds."""
    hits = re.findall(rf"(?:^|;)\s*{name}\s*:\s*([^;]+)", style)
    return str(hits[-1]).replace("!important", "").strip() if hits else ""


def _words(found: Findings) -> Iterator[str]:
    for what, one, many in _TOLD:
        count = found.counts[what]
        if count:
            names = sorted(found.authors.get(what, ()))
            by = f" by {', '.join(names[:3])}{' and others' if names[3:] else ''}" if names else ""
            yield (one if count == 1 else many.format(count)) + by


_TOLD = (
    ("deleted", "1 passage that was deleted in the document",
     "{} passages that were deleted in the document"),
    ("comment", "1 comment", "{} comments"),
    ("hidden", "hidden text in 1 place", "hidden text in {} places"),
    ("sender", "who sent the message, and when", "who sent the messages, and when"),
    ("script", "1 script", "{} scripts"),
    ("elsewhere", "1 picture from elsewhere", "{} pictures from elsewhere"),
    ("left behind", "1 picture that did not come along: add it with Picture",
     "{} pictures that did not come along: add them with Picture"),
    ("pixel", "1 pixel that counts readers", "{} pixels that count readers"),
    ("traced", "tracking in 1 link", "tracking in {} links"),
    ("frame", "1 frame from elsewhere", "{} frames from elsewhere"),
    ("field", "1 field of a form", "{} fields of forms"),
    ("drawing", "1 drawing", "{} drawings"),
    ("look", "colours and fonts", "colours and fonts"),
)  # fmt: skip
"""What is told of each kind of finding, of one and of many, the gravest first."""
