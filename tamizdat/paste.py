"""A paste: what an editor brought over the clipboard, cleaned before it stands anywhere."""

from dataclasses import dataclass
from typing import Protocol

from tamizdat.article import ArticleId, SafeHtml


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """In `html`, `pictures[n]` stands as `picture:n`; `removed` tells in words what was left out.

    A picture is a path below the desk's picture address where the story has it already, else a
    `data:` address of the pixels alone.
    """

    html: SafeHtml
    pictures: tuple[str, ...]
    removed: tuple[str, ...]


class Pasting(Protocol):
    """Cleans what is pasted. SourceError says in one line why it cannot be taken."""

    async def pasted(self, html: str, language: str, article: ArticleId | None) -> Pasted:
        """`html` from a clipboard, for the text of `article` (None: a new one) in `language`."""
        ...
