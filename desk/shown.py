"""A story's text as the desk shows it: cleaned HTML with its pictures at the desk's own address."""

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from tamizdat.article import SafeHtml
from tamizdat.story import Story

PICTURES = "/pictures/"

_IMAGE = re.compile(r"<img(?:\s+[a-zA-Z-]+(?:=\"[^\"]*\")?)*\s*/?>")
_SOURCE = re.compile(r"\ssrc=\"picture:([0-9]{1,4})\"")
_ADDRESS = re.compile(r"\ssrc=\"([^\"]*)\"")
_TAG = re.compile(r"<[^<>]*>")


def shown(story: Story) -> Markup:
    """The text with its pictures; a place that names no picture is left out.

    An editor gets it so too: an address stays with its picture, a number goes to another one
    when a picture before it is taken out.
    """
    return placed(story.html, [PICTURES + name for name in story.pictures])


def placed(html: SafeHtml, sources: Sequence[str]) -> Markup:
    """`html` with each picture at its address in `sources`."""

    def one(match: re.Match[str]) -> str:
        source = _SOURCE.search(match[0])
        number = int(source[1]) if source else len(sources)
        if source is None or number >= len(sources):
            return ""
        return match[0].replace(source[0], f' src="{escape(sources[number])}"', 1)

    return Markup(_IMAGE.sub(one, html))  # noqa: S704 - SafeHtml, and what was escaped


def addresses(story: Story) -> list[str]:
    """Where its pictures are, one for each place in the text, in order."""
    found = (_ADDRESS.search(image) for image in _IMAGE.findall(shown(story)))
    return [address[1] for address in found if address]


def nameless(html: str) -> int:
    """How many pictures have no words for those who cannot see them."""
    images: Sequence[str] = _IMAGE.findall(html)
    return sum(re.search(r"\salt=\"[^\"]*\S[^\"]*\"", image) is None for image in images)


def letters_of(html: str) -> str:
    """The text without its tags."""
    return _TAG.sub(" ", html)
