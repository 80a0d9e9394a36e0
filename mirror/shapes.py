"""Shapes: what kind of file a path names (formats 3), and so when it is put and deleted."""

import re
from enum import IntEnum

from tamizdat import paths
from tamizdat.errors import FormatError

_LANGUAGE = r"[a-z]{2,3}(?:-[A-Za-z0-9]+)*"
_SECTION = r"s-[^/]+"


class Shape(IntEnum):
    """The kinds of files, in the order of a push (formats 4.1)."""

    ROOT = 0
    MANIFEST = 1
    SHARD = 2
    OBJECT = 3  # and bundles
    FIXED = 4  # notices and help, and what we do not know: others may link to it
    ARTICLE = 5
    WITHDRAWN = 6
    LIST = 7
    SECTION = 8
    HERE = 9  # and hint files
    FEED = 10  # and `ways.html`, `bundles.html`
    FRONT = 11
    INDEX = 12
    POINTER = 13


_SHAPES = tuple(
    (re.compile(form), shape)
    for form, shape in (
        (r"root/.*", Shape.ROOT),
        (r"e/.*", Shape.MANIFEST),
        (r"s/.*", Shape.SHARD),
        (r"[ob]/.*", Shape.OBJECT),
        (r"withdrawn\.json.*", Shape.WITHDRAWN),
        (r"here\.json.*", Shape.HERE),
        (r"hints/.*", Shape.HERE),
        (r"latest\.json.*", Shape.POINTER),
        (r"index\.html", Shape.INDEX),
        (r"(?:.*/)?(?:ways|bundles)\.html", Shape.FEED),
        (rf"{_LANGUAGE}/index\.html", Shape.FRONT),
        (rf"{_LANGUAGE}/{_SECTION}/index\.html", Shape.SECTION),
        (rf"{_LANGUAGE}/(?:lists|{_SECTION})/[0-9]+\.html", Shape.LIST),
        (rf"{_LANGUAGE}/[0-9]{{4}}/[a-z2-7]{{13}}\.html", Shape.ARTICLE),
    )
)


_ASC = r"(?:\.[0-9A-Fa-f]+\.asc)?"
_OURS = re.compile(
    "|".join(
        (
            rf"root/[0-9]+\.json{_ASC}",
            rf"e/[0-9]+/manifest\.json{_ASC}",
            r"s/[0-9a-f]{64}\.json",
            r"o/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]+",
            r"b/[0-9a-f]{64}\.[a-z0-9.]+",
            rf"(?:withdrawn|here|latest|hints/[0-9a-f]{{8}})\.json{_ASC}",
            r"(?:index|ways|bundles)\.html",
            rf"{_LANGUAGE}/(?:index|withdrawn|check|safety)\.html",
            rf"{_LANGUAGE}/(?:lists|{_SECTION})/(?:index|[0-9]+)\.html",
            rf"{_LANGUAGE}/[0-9]{{4}}/[a-z2-7]{{13}}\.html",
            rf"{_LANGUAGE}/(?:{_SECTION}/)?(?:atom\.xml|rss\.xml|feed\.json)",
        )
    )
)


def ours(path: str) -> bool:
    """Whether `path` has a form that only we give: nothing else is deleted unless we named it."""
    try:
        return _OURS.fullmatch(paths.check(path)) is not None
    except FormatError:
        return False


def shape(path: str) -> Shape:
    """The kind of file that `path` names."""
    if paths.bears_address(path):
        return Shape.FEED
    for form, found in _SHAPES:
        if form.fullmatch(path):
            return found
    return Shape.FIXED
