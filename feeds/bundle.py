"""A bundle: an edition, or its newest articles, as one file to pass by hand (formats 7).

Only bodies are made here; whoever signs adds the trailer. Sizes are padded (formats 7.5).
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from feeds import places
from feeds.deflate import Deflated, Press
from feeds.figures import Draw, caption, image, lowered, placed
from feeds.letters import line
from feeds.page import card, contents_page, safety_page, story, ways_page
from feeds.paper import Paper
from feeds.template import fill
from feeds.words import words_of
from feeds.zip import CENTRAL, DEFLATED, END, LOCAL, Member, laid, stored
from tamizdat import paths
from tamizdat.article import Article, Picture
from tamizdat.digest import Digest
from tamizdat.padding import padme

MAX_MEMBERS = 20_000
MAX_UNPACKED = 256 * 1024**2
"""A reader refuses a ZIP with more members or bytes (formats 7.4)."""

MAX_COMMENT = 65_535

PADDING = "padding.bin"

_PACKED = frozenset({"html", "json", "xml", "txt", "css"})
_OPEN, _CLOSE = b"<!--", b"-->\n"

_PRESS = Press()

Members = Sequence[tuple[str, bytes]]
"""Paths of a ZIP with their bytes."""


def padded(length: int, wider: int) -> int:
    """The Padmé length for `length`, or one of the next ones: `wider` steps further."""
    found = padme(length)
    for _ in range(wider):
        found = padme(found + 1)
    return found


def zip_body(members: Members, comment_length: int, wider: int = 0) -> bytes:
    """A ZIP that lacks only its comment of `comment_length` bytes; with it, its length is Padmé.

    `wider` asks for so many steps of padding more.
    The same members give the same bytes, in whatever order they come. Raises FormatError for a
    path that may not lie on a mirror, ValueError for too many members or one that is named twice.
    """
    ordered = sorted((paths.check(path), body) for path, body in members)
    names = {path for path, _ in ordered} | {PADDING}
    if len(names) != len(ordered) + 1:
        raise ValueError("a ZIP names each path once")
    if len(names) > MAX_MEMBERS:
        raise ValueError(f"a ZIP holds at most {MAX_MEMBERS} files")
    if sum(len(body) for _, body in ordered) > MAX_UNPACKED or comment_length > MAX_COMMENT:
        raise ValueError(f"a ZIP holds {MAX_UNPACKED} bytes, its comment {MAX_COMMENT} at most")
    laid_out = _members(ordered)
    bare = comment_length + _rest(ordered)
    bare += sum(LOCAL + len(one.name) + len(one.body) for one in laid_out)
    padding = stored(PADDING, bytes(padded(bare, wider) - bare))
    return laid([*laid_out, padding], comment_length)


def single_html(
    paper: Paper,
    language: str,
    articles: Sequence[Article],
    pictures: Mapping[Digest, bytes] | None,
) -> bytes:
    """All `articles` in one page, newest first as given; text only where `pictures` is None."""
    draw = _draw(pictures, words_of(language).texts["picture"])
    return fill(
        "single.html",
        "single",
        paper=paper,
        language=language,
        title=paper.name,
        stories=[story(article, lowered(placed(article, draw))) for article in articles],
    )


def html_body(page: bytes, trailer_length: int, wider: int = 0) -> bytes:
    """The single `page`, padded so that with a trailer its length is Padmé.

    The trailer's whole line (formats 7.1) has `trailer_length` bytes; `wider` asks for so many
    steps of padding more.
    """
    bare = page.rstrip(b"\n") + b"\n" + _OPEN
    length = len(bare) + len(_CLOSE) + trailer_length
    return bare + b" " * (padded(length, wider) - length) + _CLOSE


def run_members(
    paper: Paper,
    language: str,
    articles: Sequence[tuple[Article, bytes]],
    check: bytes,
    pictures: Mapping[Digest, bytes],
) -> Members:
    """What a ZIP holds of one language: `articles` newest first, each with its page's bytes.

    Pages lie as on a mirror, with the same bytes; `check` is the page that tells how to check.
    No link in it leads to a file that it does not hold. KeyError where a picture is missing.
    """
    only = replace(paper, languages=(language,))
    cards = [card(article, len(page)) for article, page in articles]
    front = places.front(language)
    found = {
        places.INDEX: contents_page(only, language, cards, places.INDEX),
        front: contents_page(only, language, cards, front),
        places.WAYS: ways_page(only, None, ()),
        places.check(language): check,
        places.safety(language): safety_page(paper, language),
    }
    for article, page in articles:
        found[article.path] = page
        found.update({one.path: pictures[one.sha256] for one in article.pictures})
    return sorted(found.items())


def _rest(members: Members) -> int:
    """Length of what follows the members: an empty padding, the directory, the end record."""
    names = [*(path for path, _ in members), PADDING]
    return LOCAL + len(PADDING) + sum(CENTRAL + len(name) for name in names) + END


def _members(ordered: Members) -> Sequence[Member]:
    """The members, those that can be smaller deflated."""
    texts = [body for path, body in ordered if path.rpartition(".")[2] in _PACKED]
    pressed = iter(_PRESS.deflate(texts))
    return [
        _deflated(path, next(pressed)) if path.rpartition(".")[2] in _PACKED else stored(path, body)
        for path, body in ordered
    ]


def _deflated(path: str, one: Deflated) -> Member:
    return Member(name=path, method=DEFLATED, body=one.packed, length=one.length, crc=one.crc)


def _draw(pictures: Mapping[Digest, bytes] | None, word: str) -> Draw:
    def one(picture: Picture) -> Markup:
        body = pictures.get(picture.sha256) if pictures is not None else None
        if body is None:
            return caption(replace(picture, alt=line(picture.alt)), word)
        media_type = paths.media_type(picture.path)
        return image(picture, f"data:{media_type};base64,{base64.b64encode(body).decode()}")

    return one
