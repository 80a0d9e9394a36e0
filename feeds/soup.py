"""The soup: what an article's HTML means, found before it is cleaned.

The result is not safe yet; `feeds/cleaner.py` always comes after it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from feeds.elements import (
    BLOCKS,
    BOXES,
    DROPPED,
    FRAMES,
    INLINE,
    KEPT,
    NEED_TEXT,
    RENAMED,
    TURNED,
)
from feeds.incoming import PictureSource
from feeds.letters import balanced, legal, line, normal, way
from feeds.links import Embed, embed, inline, resolve, telegram
from feeds.pictures import Rebuilt, rebuild
from tamizdat.errors import SourceError
from tamizdat.language import direction

MAX_DEPTH = 200
"""Elements within elements."""
MAX_ELEMENTS = 30_000
MAX_PICTURES = 60
"""Pictures of one article that are kept."""
MAX_ALT = 300
MAX_REMOVED = 100
"""Lines of the list of what was removed."""

_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_STYLED_WAY = re.compile(r"direction\s*:\s*(rtl|ltr)", re.IGNORECASE)
_STYLED_SIZE = re.compile(r"(?:^|;|\s)(?:width|height)\s*:\s*([0-9.]+)px", re.IGNORECASE)
_SAYS_NOTHING = re.compile(
    r"[\w\s.()-]*\.(?:jpe?g|png|gif|webp|svg)|(?:img|dsc|image)[\W\d_]*", re.IGNORECASE
)
_BLANK = re.compile(r"[\s\u200b-\u200f\u2060\u00ad]*")
_SOURCES = ("src", "data-src", "data-lazy-src", "data-original", "data-orig-file")
MIN_PIXELS = 2
"""A picture that is no larger either way is there to count readers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What was found. In `html`, `pictures[n]` stands as `picture:n` with its text `alts[n]`."""

    html: str
    text: str
    pictures: tuple[Rebuilt, ...]
    alts: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class _Sweep:
    """One article on its way through the steps."""

    base: str | None
    source: PictureSource
    pictures: list[Rebuilt] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def note(self, what: str) -> None:
        if len(self.removed) < MAX_REMOVED:
            self.removed.append(line(what)[:200])


def meaning(
    html: str, *, language: str, title: str, base: str | None, pictures: PictureSource
) -> Meaning:
    """The article in `html`: paragraphs, links and pictures; what only a browser needs is gone.

    Headings start at h2, links are absolute and without trackers, blocks that run against
    `language` say so in `dir`. Raises SourceError where `html` is nested or split beyond reason.
    """
    soup = _parsed(html)
    sweep = _Sweep(base=base, source=pictures)
    _drop_unseen(soup, sweep)
    _link_frames(soup, sweep)
    _take_pictures(soup, sweep)
    _mend_links(soup, sweep)
    _rename(soup)
    _box(soup)
    _settle_letters(soup)
    _drop_empty(soup)
    _level_headings(soup, title)
    _turn(soup, direction(language))
    return Meaning(
        html=soup.decode(formatter="minimal"),
        text=_text(soup),
        pictures=tuple(sweep.pictures),
        alts=tuple(sweep.alts),
        removed=tuple(sweep.removed),
    )


def plain(html: str) -> str:
    """The text of a piece of HTML, as one line."""
    if "<" not in html and "&" not in html:
        return line(html)
    soup = _parsed(html)
    for tag in soup.find_all(DROPPED):
        tag.extract()
    return line(_text(soup))


def _parsed(html: str) -> BeautifulSoup:
    # The frame keeps the library from taking a short text for a file name or XML.
    soup = BeautifulSoup(f"<html><body>{legal(html)}</body></html>", "lxml")
    depths: dict[int, int] = {}
    for count, tag in enumerate(soup.find_all()):
        depths[id(tag)] = depths.get(id(tag.parent), 0) + 1
        if depths[id(tag)] > MAX_DEPTH or count > MAX_ELEMENTS:
            raise SourceError("text is HTML nested or split beyond reason: save it simpler")
    for text in soup.find_all(string=lambda text: isinstance(text, PreformattedString)):
        text.extract()
    return soup


def _drop_unseen(soup: BeautifulSoup, sweep: _Sweep) -> None:
    """Scripts, styles, forms and hidden text."""
    for tag in _living(soup.find_all("script")):
        post = telegram(_value(tag, "data-telegram-post"))
        if post:
            tag.replace_with(_link(soup, post, ""))
    for tag in _living(soup.find_all(DROPPED)):
        if tag.name not in {"head", "meta", "link", "title"}:
            sweep.note(tag.name)
        tag.extract()
    for tag in _living(soup.find_all()):
        if tag.has_attr("hidden") or _HIDDEN.search(_value(tag, "style")):
            sweep.note(f"hidden: {tag.get_text()[:60]}")
            tag.extract()


def _link_frames(soup: BeautifulSoup, sweep: _Sweep) -> None:
    """Frames of other sites become plain links with a caption."""
    for tag in _living(soup.find_all(FRAMES)):
        if tag.name == "embed":  # it holds nothing; the parser puts what follows into it
            tag.insert_after(*tag.contents)
        inner = tag.find(["source", "embed", "param"])
        source = inner if isinstance(inner, Tag) else tag
        place = next(
            (_value(one, name) for one in (tag, source) for name in ("src", "data", "data-src")
             if _value(one, name)),
            "",
        )  # fmt: skip
        found = None if _is_tracker(tag) else embed(place, sweep.base)
        sweep.note(f"{tag.name}: {place}")
        if found:
            tag.replace_with(_link(soup, found, _value(tag, "title")))
        else:
            tag.extract()


def _link(soup: BeautifulSoup, found: Embed, caption: str) -> Tag:
    anchor = soup.new_tag("a", href=found.href)
    anchor.string = " · ".join(part for part in (found.label, line(caption)) if part)
    paragraph = soup.new_tag("p")
    paragraph.append(anchor)
    return paragraph


def _take_pictures(soup: BeautifulSoup, sweep: _Sweep) -> None:
    """Pictures whose bytes can be had are rebuilt and numbered; of others the words stay."""
    for tag in _living(soup.find_all("img")):
        alt = line(_value(tag, "alt"))[:MAX_ALT]
        place = next((_value(tag, name) for name in _SOURCES if _value(tag, name)), "")
        rebuilt = None if _is_tracker(tag) else _rebuilt(tag, place, sweep)
        if rebuilt and max(rebuilt.width, rebuilt.height) > MIN_PIXELS:
            tag.attrs = {
                "src": f"picture:{len(sweep.pictures)}",
                "alt": alt,
                "width": str(rebuilt.width),
                "height": str(rebuilt.height),
            }
            sweep.pictures.append(rebuilt)
            sweep.alts.append(alt)
            continue
        sweep.note(f"tracker: {place}" if rebuilt or _is_tracker(tag) else f"picture: {place}")
        words = "" if rebuilt or _is_tracker(tag) or _SAYS_NOTHING.fullmatch(alt) else alt
        tag.replace_with(NavigableString(f"[{words}]" if words else ""))


def _rebuilt(tag: Tag, place: str, sweep: _Sweep) -> Rebuilt | None:
    if len(sweep.pictures) >= MAX_PICTURES:
        return None
    for src in dict.fromkeys([place, *(_value(tag, name) for name in _SOURCES)]):
        found = inline(src) if src[:5].lower() == "data:" else src and sweep.source(src)
        if isinstance(found, Rebuilt):
            return found
        if found:
            try:
                return rebuild(found)
            except SourceError as error:
                sweep.note(str(error))
    return None


def _is_tracker(tag: Tag) -> bool:
    sizes = [
        _value(tag, "width"),
        _value(tag, "height"),
        *_STYLED_SIZE.findall(_value(tag, "style")),
    ]
    return any(re.fullmatch(r"[012](?:\.\d+)?(?:px)?", size.strip()) for size in sizes if size)


def _mend_links(soup: BeautifulSoup, sweep: _Sweep) -> None:
    for tag in _living(soup.find_all("a")):
        if "footnote-backref" in tag.get_attribute_list("class"):
            tag.extract()
            continue
        href = _value(tag, "href")
        target = resolve(href, sweep.base)
        if target is None:
            if href and not href.startswith("#"):
                sweep.note(f"link: {href}")
            _dissolve(tag)
        else:
            tag["href"] = target


def _rename(soup: BeautifulSoup) -> None:
    """Elements that say how become elements that say what; all others leave their text behind."""
    level = min((int(tag.name[1]) for tag in soup.find_all(re.compile("^h[1-6]$"))), default=2)
    for tag in soup.find_all():
        styled = _STYLED_WAY.search(_value(tag, "style"))
        if styled and not tag.has_attr("dir"):
            tag["dir"] = styled.group(1).lower()
        if re.fullmatch("h[1-6]", tag.name):
            tag.name = f"h{min(6, int(tag.name[1]) - level + 2)}"
        tag.name = RENAMED.get(tag.name, tag.name)
        if tag.name in BOXES:
            tag.name = "div"
        elif tag.name not in KEPT or (tag.name == "span" and not _speaks(tag)):
            _dissolve(tag)


def _box(soup: BeautifulSoup) -> None:
    """Loose text gets paragraphs; boxes without a language or direction of their own dissolve."""
    for tag in reversed(soup.find_all()):
        if tag.name in INLINE and tag.name != "a" and _holds_block(tag):
            _dissolve(tag)
        elif tag.name == "figure" and not tag.find(["img", "table", "pre", "blockquote"]):
            tag.name = "div"
            for caption in tag.find_all("figcaption"):
                caption.name = "p"
        if tag.name not in {"div", "blockquote", "figure"}:
            continue
        if tag.name == "div" and not _holds_block(tag):
            tag.name = "p"
            continue
        _wrap_runs(soup, tag)
        if tag.name == "div" and not _speaks(tag):
            _dissolve(tag)
    _wrap_runs(soup, soup)


def _wrap_runs(soup: BeautifulSoup, box: Tag) -> None:
    """Each run of loose text in `box` becomes a paragraph."""
    children = list(box.contents)
    if not any(_is_loose(child, box) for child in children if not _is_blockish(child)):
        return
    # All children move behind each other in their order: the library finds the first one at once.
    for is_block, run in groupby(children, _is_blockish):
        pieces = list(run)
        place = box
        if not is_block and any(_is_loose(piece, box) for piece in pieces):
            place = soup.new_tag("p")
        for piece in pieces:
            place.append(piece)
        if place is not box:
            box.append(place)


def _is_blockish(piece: PageElement) -> bool:
    return isinstance(piece, Tag) and _is_block(piece)


def _is_loose(piece: PageElement, box: Tag) -> bool:
    """Whether `piece` of `box` asks for a paragraph: a picture in its figure does not."""
    if isinstance(piece, Tag):
        return not (box.name == "figure" and (piece.name == "img" or piece.find("img")))
    return bool(piece.get_text().strip())


def _settle_letters(soup: BeautifulSoup) -> None:
    """Every letter legal, direction marks paired within their paragraph."""
    groups: dict[int, list[NavigableString]] = {}
    for text in soup.find_all(string=True):
        block = text.find_parent(_is_block)
        groups.setdefault(id(block), []).append(text)
    for texts in groups.values():
        for text, settled in zip(texts, balanced([normal(one) for one in texts]), strict=True):
            if settled != text:
                text.replace_with(NavigableString(settled))
    for tag in soup.find_all():
        for name in ("alt", "title"):
            if tag.has_attr(name):
                tag[name] = line(_value(tag, name))


def _drop_empty(soup: BeautifulSoup) -> None:
    for tag in reversed(soup.find_all(NEED_TEXT)):
        if not tag.find(["img", "hr", "table"]) and _BLANK.fullmatch(tag.get_text()):
            if tag.name in {"span", "em", "strong", "s", "a"}:
                _dissolve(tag)
            else:
                tag.extract()


def _level_headings(soup: BeautifulSoup, title: str) -> None:
    """The title is not said twice; the first level that is left is h2."""
    first = next(iter(soup.find_all()), None)
    if isinstance(first, Tag) and first.name == "h2" and title and line(first.get_text()) == title:
        first.extract()
    headings = soup.find_all(re.compile("^h[2-6]$"))
    highest = min((int(tag.name[1]) for tag in headings), default=2)
    for tag in headings:
        tag.name = f"h{int(tag.name[1]) - highest + 2}"


def _turn(soup: BeautifulSoup, runs: str) -> None:
    """`dir` for each block most of whose letters run against what surrounds it."""
    for tag in soup.find_all(TURNED):
        around = tag.find_parent(dir=re.compile("^(ltr|rtl)$"))
        outer = _value(around, "dir") if around else runs
        own = way(tag.get_text())
        if not tag.has_attr("dir") and own and own != outer:
            tag["dir"] = own


def _text(soup: BeautifulSoup) -> str:
    """The text, a line for each block."""
    pieces: list[str] = []
    for one in soup.descendants:
        if isinstance(one, Tag):
            pieces.append("\n" if one.name in BLOCKS or one.name in {"div", "br"} else "")
        elif isinstance(one, NavigableString):
            pieces.append(str(one))
            ends = one.next_element
            parent = one.find_parent(_is_block)
            if parent and (ends is None or parent not in ends.parents):
                pieces.append("\n")
    return "\n".join(filter(None, map(line, "".join(pieces).split("\n"))))


def _living(tags: Iterable[Tag]) -> Iterator[Tag]:
    """Those of `tags` that still stand in the tree when their turn comes."""
    for tag in tags:
        if tag.find_parent("html") or tag.name == "html":
            yield tag


def _dissolve(tag: Tag) -> None:
    """The element goes, what it holds stays (the library's own way takes quadratic time)."""
    parent = tag.parent
    if parent is None:
        return
    at = parent.index(tag)
    for number, child in enumerate(list(tag.contents)):
        parent.insert(at + number, child)
    tag.extract()


def _holds_block(tag: Tag) -> bool:
    return tag.find(_is_block) is not None


def _is_block(tag: Tag) -> bool:
    return tag.name in BLOCKS or tag.name == "div" or (tag.name == "a" and _holds_block(tag))


def _speaks(tag: Tag) -> bool:
    """Whether the element says a language or a direction."""
    return tag.has_attr("lang") or tag.has_attr("dir")


def _value(tag: Tag, name: str) -> str:
    """The attribute as text, empty where it is not there."""
    found = tag.get(name)
    return found if isinstance(found, str) else ""
