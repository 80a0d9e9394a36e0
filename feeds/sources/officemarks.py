"""Marks of an office program in HTML: lists, notes, comments and tracked changes, as Word has them.

Google Docs and LibreOffice mark some of it their own way; it is settled here as well.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree
from lxml import html as pages

MAX_LEVEL = 8
MAX_AUTHOR = 60

_LIST = re.compile(r"mso-list\s*:\s*l[0-9]+\s+level([0-9]{1,2})")
_IGNORED = re.compile(r"mso-list\s*:\s*ignore")
_COUNTS = re.compile(r"\(?(?:[0-9\u0660-\u0669\u06f0-\u06f9]{1,4}|[^\W\d_]{1,5})[.)\u060c\u3001]")
_COMMENT = re.compile(r"mso-element\s*:\s*comment")
_REMARK = re.compile(r"#(?:_msocom_|cmnt)[0-9]{1,5}")
_ANCHOR = re.compile(r"#(?:_msocom_|_msoanchor_|cmnt)")
_AUTHOR = re.compile(r"mso-comment-author\s*:\s*\\?[\"']?([^\"';]+)", re.IGNORECASE)
_NOTE = re.compile(r"\[?([0-9]{1,4}|[ivxlc]{1,7}|\*{1,3})\]?")
_COMMENTS = frozenset(
    str.split(
        "MsoCommentReference MsoCommentText MsoCommentSubject msocomtxt msocomanchor msocomoff"
    )
)
_QUOTES = frozenset(("MsoQuote", "MsoIntenseQuote"))
_OFFICE = re.compile(r"^Mso|^mso")
_GOOGLE = "docs-internal-guid"

Told = Callable[[str, str], None]
"""Notes one finding, and by whom."""


def settle(body: pages.HtmlElement, note: Told) -> bool:
    """Make the marks real HTML, or nothing; whether an office program wrote it."""
    office = any(_is_office(one) for one in body.iter(etree.Element))
    _drop_deleted(body, note)
    _drop_comments(body, note)
    _mend_notes(body)
    _list_paragraphs(body)
    _nest_lists(body)
    for one in list(body.iter("p")):
        if one.get("role") == "presentation":  # Google's, within each point of a list
            one.drop_tag()
        elif "MsoTitle" in classes(one):
            one.tag = "h1"
        elif classes(one) & _QUOTES:
            one.tag = "blockquote"
    return office


def classes(one: pages.HtmlElement) -> frozenset[str]:
    """Its class names."""
    return frozenset(str(one.get("class") or "").split())


def styled(one: pages.HtmlElement) -> str:
    """Its style, in small letters."""
    return str(one.get("style") or "").lower()


def drop(one: pages.HtmlElement) -> None:
    """Take it out with all that it holds; what follows it stays."""
    if one.getparent() is not None:
        one.drop_tree()


def _is_office(one: pages.HtmlElement) -> bool:
    return (
        "mso-" in styled(one)
        or any(_OFFICE.match(name) for name in classes(one))
        or _GOOGLE in str(one.get("id") or "")
    )


def _drop_deleted(body: pages.HtmlElement, note: Told) -> None:
    """What an author took out must not come back; what was put in stays as any text."""
    for one in list(body.iter(etree.Element)):
        if one.tag == "del" or "msoDel" in classes(one):
            note("deleted", _author(one))
            drop(one)
        elif one.tag == "ins" and one.getparent() is not None:
            one.drop_tag()


def _author(one: pages.HtmlElement) -> str:
    named = unquote(str(one.get("cite") or "")).removeprefix("mailto:")
    return " ".join(named.split())[:MAX_AUTHOR]


def _drop_comments(body: pages.HtmlElement, note: Told) -> None:
    """Remarks between those who wrote it are not for readers; what they are about stays."""
    everything = list(body.iter(etree.Element))
    hrefs = [str(one.get("href") or "") for one in everything]
    authors = [
        " ".join(hit.group(1).split())[:MAX_AUTHOR]
        for one in everything
        if (hit := _AUTHOR.search(str(one.get("style") or "")))
    ]
    for number, _ in enumerate(sorted({href for href in hrefs if _REMARK.fullmatch(href)})):
        note("comment", authors[number] if number < len(authors) else "")
    for one, href in zip(everything, hrefs, strict=True):
        if href.startswith("#cmnt_ref"):  # in the box below a document of Google's
            box = next(one.iterancestors("div"), None)
            drop(one if box is None else box)
        elif _ANCHOR.match(href):
            around = one.getparent()
            drop(around if around is not None and around.tag == "sup" else one)
        elif _COMMENT.search(styled(one)) or classes(one) & _COMMENTS:
            drop(one)


def _mend_notes(body: pages.HtmlElement) -> None:
    """The anchor of a footnote is its number, raised."""
    for one in list(body.iter("a")):
        hit = _NOTE.fullmatch(" ".join(one.text_content().split()))
        if hit is None or not str(one.get("href") or "").startswith("#"):
            continue
        for inner in list(one):
            inner.drop_tree()
        one.text = hit.group(1)
        one.attrib.clear()
        one.tag = "span" if next(one.iterancestors("sup"), None) is not None else "sup"


@dataclass(slots=True)
class _Open:
    """A list that is being filled, at its level."""

    level: int
    element: pages.HtmlElement


def _list_paragraphs(body: pages.HtmlElement) -> None:
    """Paragraphs that only look like points of a list become one."""
    opened: list[_Open] = []
    last: pages.HtmlElement | None = None
    for one in list(body.iter("p")):
        hit = _LIST.search(styled(one))
        if hit is None:
            continue
        if last is None or one.getprevious() is not last or (last.tail or "").strip():
            opened = []
        level = min(int(hit.group(1)), MAX_LEVEL)
        name = "ol" if _COUNTS.fullmatch(_taken_marker(one)) else "ul"
        last = _put(one, level, name, opened)


def _taken_marker(one: pages.HtmlElement) -> str:
    """The sign before a point of a list, taken out of it."""
    for mark in list(one.iter("span")):
        if _IGNORED.search(styled(mark)):
            text = " ".join(mark.text_content().split())
            drop(mark)
            return text
    return ""


def _put(one: pages.HtmlElement, level: int, name: str, opened: list[_Open]) -> pages.HtmlElement:
    """Move a paragraph into the list it belongs to; gives the outermost list."""
    while opened and (
        opened[-1].level > level or (opened[-1].level == level and opened[-1].element.tag != name)
    ):
        opened.pop()
    if not opened or opened[-1].level < level:
        made = pages.Element(name)
        if opened:
            opened[-1].element[-1].append(made)
        else:
            one.addprevious(made)
        opened.append(_Open(level, made))
    outermost = opened[0].element
    outermost.tail, one.tail = one.tail, None
    one.tag = "li"
    opened[-1].element.append(one)
    return outermost


def _nest_lists(body: pages.HtmlElement) -> None:
    """A list right within a list belongs to the point before it."""
    for one in list(body.iter("ul", "ol")):
        before = one.getprevious()
        around = one.getparent()
        if around is not None and around.tag in {"ul", "ol"} and before is not None:
            tail, one.tail = one.tail, None
            before.append(one)
            before.tail = tail
