"""A page of HTML: the article in it, without the site around it."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml import html as pages

from feeds.incoming import Arrival, Incoming, PictureSource, SetAside, no_pictures
from feeds.letters import line
from feeds.sources import charset, dates, nearby
from tamizdat.errors import SourceError
from tamizdat.language import direction, tag

KIND = "html"
_SUFFIXES = (".html", ".htm", ".xhtml")
_AROUND = ("nav", "aside", "script", "style", "noscript", "template", "footer")
_TEXT = 80
"""A header or form with a paragraph of so many characters holds text: a preamble, or the page."""
_DATES = str.split(
    "article:published_time og:article:published_time datepublished date dc.date dc.date.issued"
    " dcterms.created dcterms.issued parsely-pub-date sailthru.date pubdate publishdate"
)
_CHANGES = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified")
_PROLOGUE = re.compile(r"\s*<\?xml[^>]{0,200}\?>")


def read(path: Path, *, language: str | None = None) -> Iterator[Arrival]:
    """The article of the file `path`, or of every HTML file below the folder `path`.

    `language` is for pages that do not say theirs. Raises SourceError where nothing is there.
    """
    root = path if path.is_dir() else path.parent
    files = nearby.texts(path, _SUFFIXES) if path.is_dir() else iter([path])
    known: dict[str, str] = {}
    for file in files:
        label = nearby.key(root, file)
        source = nearby.pictures(root, file)
        try:
            found = page(nearby.body(file), key=label, language=language, pictures=source)
        except SourceError as error:
            yield SetAside(kind=KIND, label=label, reason=str(error))
            continue
        if found.key in known:
            reason = f"says it is the same page as {known[found.key]}"
            yield SetAside(kind=KIND, label=label, reason=reason)
        else:
            known[found.key] = label
            yield found


def page(
    body: bytes,
    *,
    key: str,
    address: str | None = None,
    told: str | None = None,
    language: str | None = None,
    pictures: PictureSource = no_pictures,
) -> Incoming:
    """The article in the page `body`, found at the web `address` if any.

    `told` is the charset that a server named. The article is known by the address that the page
    calls its own, else by `address`, else by `key`. Raises SourceError where `body` is no page.
    """
    tree = _tree(charset.text(body, told=told, language=language))
    own = _own_address(tree, address)
    main = _main(tree)
    spoken = _language(tree, main) or language
    return Incoming(
        kind=KIND,
        key=own or key,
        title=_title(tree, main),
        html=_turned(_markup(main), _way(tree, main), spoken),
        language=spoken,
        published=_date(tree, _DATES) or _time(main),
        updated=_date(tree, _CHANGES),
        authors=tuple(filter(None, [_meta(tree, ["author", "article:author_name"])])),
        section_name=_meta(tree, ["article:section"]) or None,
        summary=_meta(tree, ["og:description", "description"]),
        base=own or address,
        pictures=pictures,
    )


def _tree(text: str) -> pages.HtmlElement:
    parser = pages.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    markup = _PROLOGUE.sub("", text).encode("utf-8", "replace")
    try:
        tree = pages.document_fromstring(markup, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise SourceError("is no page of HTML") from error
    if tree.find("body") is None:
        raise SourceError("is a page without a body")
    return tree


def _main(tree: pages.HtmlElement) -> pages.HtmlElement:
    """The part that holds the article: the only `article`, else `main`, else the body."""
    alone = [
        one for one in tree.iter("article") if next(one.iterancestors("article"), None) is None
    ]
    mains = list(tree.iter("main"))
    body: pages.HtmlElement = tree.find("body")
    found = alone[0] if len(alone) == 1 else mains[0] if mains else body
    for element in [one for one in found.iter(*_AROUND, "header", "form") if one is not found]:
        if element.tag in _AROUND or not _holds_text(element):
            element.drop_tree()
        elif element.tag == "form":
            element.drop_tag()  # some systems wrap the whole page in one form
    return found


def _holds_text(part: pages.HtmlElement) -> bool:
    """Whether it belongs to the text: the head of a site, or a form, has no long paragraphs."""
    return any(len(one.text_content().strip()) >= _TEXT for one in part.iter("p"))


def _markup(main: pages.HtmlElement) -> str:
    inner = "".join(pages.tostring(one, encoding="unicode") for one in main)
    return f"{_escaped(main.text or '')}{inner}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _turned(markup: str, runs: str, spoken: str | None) -> str:
    """`markup`, in a box with the page's direction where its language would not imply it."""
    try:
        implied = direction(tag(spoken)) if spoken else ""
    except SourceError:
        implied = ""
    return f'<div dir="{runs}">{markup}</div>' if runs and implied and runs != implied else markup


def _title(tree: pages.HtmlElement, main: pages.HtmlElement) -> str:
    """What the page calls its article; the window's title often names the site and comes last."""
    headlines = [line(one.text_content()) for one in main.iter("h1")] or [
        line(one.text_content()) for one in tree.iter("h1")
    ]
    headline = headlines[0] if len(headlines) == 1 else ""
    window = line(tree.findtext(".//title") or "")
    return _meta(tree, ["og:title"]) or headline or window


def _meta(tree: pages.HtmlElement, names: Sequence[str]) -> str:
    """The content of the first `meta` that bears one of `names`, in their order."""
    found: dict[str, str] = {}
    for one in tree.iter("meta"):
        for attribute in ("property", "name", "itemprop"):
            name = str(one.get(attribute) or "").lower()
            found.setdefault(name, line(str(one.get("content") or "")))
    return next((found[name] for name in names if found.get(name)), "")


def _date(tree: pages.HtmlElement, names: Sequence[str]) -> datetime | None:
    text = _meta(tree, names)
    return dates.iso(text) or dates.mail(text)


def _time(main: pages.HtmlElement) -> datetime | None:
    """The date of the first `time` element in the article that names one."""
    for one in main.iter("time"):
        if found := dates.iso(str(one.get("datetime") or "")):
            return found
    return None


def _language(tree: pages.HtmlElement, main: pages.HtmlElement) -> str | None:
    body = tree.find("body")
    places = (main, body, tree)
    spoken = (str(one.get("lang") or one.get("xml:lang") or "") for one in places)
    return next((one.strip() for one in spoken if one.strip()), None)


def _way(tree: pages.HtmlElement, main: pages.HtmlElement) -> str:
    ways = (str(one.get("dir") or "").lower() for one in (main, tree.find("body"), tree))
    return next((one for one in ways if one in {"ltr", "rtl"}), "")


def _own_address(tree: pages.HtmlElement, address: str | None) -> str | None:
    """The web address under which the page wants to be known."""
    links = [str(one.get("href") or "") for one in tree.iter("link")
             if str(one.get("rel") or "").lower() == "canonical"]  # fmt: skip
    try:
        own = urljoin(address or "", (links or [_meta(tree, ["og:url"])])[0].strip())
        parts = urlsplit(own)
    except ValueError:
        return address
    return own if parts.scheme in {"http", "https"} and parts.hostname else address
