"""Figures: the pictures of an article, put where its text has kept a place for them."""

import re
from collections.abc import Callable

from markupsafe import Markup

from tamizdat.article import Article, Picture

_PLACE = re.compile(r"<img(?:\s+[a-zA-Z-]+(?:=\"[^\"]*\")?)*\s*/?>")
_SOURCE = re.compile(r"\ssrc=\"picture:([0-9]{1,4})\"")
_HEADING = re.compile(r"<(/?)h([2-5])(?=[\s>])")

_IMAGE = Markup('<img src="{}" alt="{}" width="{}" height="{}"{}>')

Draw = Callable[[Picture], Markup]
"""Makes the mark-up of one picture."""


def placed(article: Article, draw: Draw) -> Markup:
    """The article's text with its pictures drawn; a place that names no picture is left out."""

    def one(match: re.Match[str]) -> str:
        source = _SOURCE.search(match[0])
        number = int(source[1]) if source else len(article.pictures)
        return str(draw(article.pictures[number])) if number < len(article.pictures) else ""

    return Markup(_PLACE.sub(one, article.html))  # noqa: S704 - SafeHtml, and what `draw` escaped


def image(picture: Picture, source: str) -> Markup:
    """A picture at `source` that loads when it is near, and keeps its room until then."""
    return _IMAGE.format(
        source, picture.alt, picture.width, picture.height, Markup(" loading=lazy decoding=async")
    )


def feed_image(picture: Picture, source: str) -> Markup:
    """A picture at `source`, with none but the attributes that news readers know."""
    return _IMAGE.format(source, picture.alt, picture.width, picture.height, "")


def caption(picture: Picture, word: str) -> Markup:
    """What stands for a picture in a text-only edition."""
    text = f"{word}: {picture.alt}" if picture.alt else word
    return Markup("<span>[{}]</span>").format(text)


def lowered(html: Markup) -> Markup:
    """`html` with each heading one level lower, to stand under the title of its article."""
    text = _HEADING.sub(lambda match: f"<{match[1]}h{int(match[2]) + 1}", html)
    return Markup(text)  # noqa: S704 - only the numbers of headings changed
