"""A preview: a story as readers would get it if it went out now, by the renderers themselves."""

from dataclasses import dataclass
from typing import Protocol

from tamizdat.article import ArticleId


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One way to read it. `title` is what a list of letters or entries shows; `fault` why not."""

    body: str
    title: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`page` are the bytes that a mirror would hold at `path`; its pictures lie beside it there.

    `turned` is the page in a language that runs from right to left, its own words as they are.
    `text` is the edition without pictures. `entry` is what a feed carries, as HTML whose pictures
    are at their paths on a mirror, and `atom` its source.
    """

    path: str
    page: bytes
    turned: bytes
    text: bytes
    entry: Sheet
    atom: str
    letter: Sheet


class Previewing(Protocol):
    """Shows a story before anybody has it."""

    async def preview(self, article: ArticleId) -> Preview | None:
        """The story as it is saved now; None where there is none, or it was withdrawn."""
        ...
