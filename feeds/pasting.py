"""A paste: what an editor brought over the clipboard, cleaned, and what was left out, in words."""

import re
from dataclasses import dataclass

from feeds.incoming import PictureSource
from feeds.intake import MAX_RAW, cleaned
from feeds.pictures import Rebuilt
from feeds.soup import meaning
from feeds.sources.clipboard import tidied
from tamizdat.article import SafeHtml
from tamizdat.errors import SourceError
from tamizdat.language import direction

_BLOCKS = "p|h[2-6]|[uo]l|dl|table|pre|blockquote|figure|hr"
_ALONE = re.compile(rf"<p>((?:(?!<(?:{_BLOCKS})\b).)*)</p>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paste:
    """In `html`, `pictures[n]` stands as `picture:n`. `removed` tells what was left out."""

    html: SafeHtml
    pictures: tuple[Rebuilt, ...]
    removed: tuple[str, ...]


def paste(html: str, *, language: str, pictures: PictureSource) -> Paste:
    """`html` from a clipboard, for a text in `language`, as our cleaner lets it through.

    One paragraph comes back as the words in it: it may be pasted within another. SourceError where
    it is too long, or split beyond reason.
    """
    if len(html) > MAX_RAW:
        raise SourceError(f"what was pasted is over {MAX_RAW // 1024**2} million characters")
    tidy = tidied(html, direction(language))
    found = meaning(tidy.html, language=language, title="", base=None, pictures=pictures)
    safe, order = cleaned(found.html, len(found.pictures))
    alone = _ALONE.fullmatch(safe.strip())
    lost = tidy.inside - len(order)
    return Paste(
        html=cleaned(alone.group(1), len(order))[0] if alone else safe,
        pictures=tuple(found.pictures[n] for n in order),
        removed=(*tidy.removed, *_lost(lost)),
    )


def _lost(count: int) -> tuple[str, ...]:
    if count <= 0:
        return ()
    return ("1 broken picture" if count == 1 else f"{count} broken pictures",)
