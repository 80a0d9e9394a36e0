"""What an editor wrote, on its way through the intake that takes everything in."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from feeds.incoming import Incoming, PictureSource
from feeds.intake import OPENING, Taken, take
from feeds.letters import line
from feeds.links import inline
from feeds.pictures import Rebuilt
from feeds.sources.folder import html as from_markdown
from service.stories.rewording import text as words
from service.stories.standing import Standing
from tamizdat.article import Article, Picture
from tamizdat.digest import Digest
from tamizdat.errors import BlobMissingError, SourceError
from tamizdat.language import tag
from tamizdat.story import Written

KIND = "desk"

MAX_TYPED = 32 * 1024 * 1024
"""Characters of what is typed, new pictures within it included."""

_NUMBERED = re.compile(r"picture:([0-9]{1,4})")
_SHOWN = re.compile(r"(?:[^?#]*/)?pictures/([0-9a-f]{64})\.[a-z]{3,4}(?:[?#].*)?", re.DOTALL)
"""A picture as the desk shows it; browsers make a whole address of it when text is copied."""

_PASTED = re.compile(r"""<img\b[^<>]{0,2000}?\ssrc\s*=\s*(["'])(data:image/)""", re.IGNORECASE)


def taken(
    written: Written,
    before: Article | None,
    pictures: PictureSource,
    *,
    salt: bytes,
    key: str,
    language: str,
    now: datetime,
) -> Taken:
    """`written`, cleaned: a new story known by `key`, or the text of `before` anew.

    Of a text that there was before, the tags, an unchanged summary, and a section that is not
    named anew stay as they were. Raises SourceError, in one line, where it cannot be an article.
    """
    if len(written.text) > MAX_TYPED:
        raise SourceError(
            f"text and new pictures are over {MAX_TYPED // 1024**2} million characters: "
            "save after a few pictures, or make them smaller"
        )
    typed = from_markdown(written.text) if written.form == "markdown" else written.text
    html, pasted = without_pasted(typed)
    told = "" if before and _is_opening(written.summary, before) else written.summary
    came = Incoming(
        kind=KIND,
        key=key,
        title=written.title,
        html=html,
        language=language,
        authors=written.authors,
        section_name=written.section or None,
        summary=told,
        pictures=lambda src: inline(pasted[src]) if src in pasted else pictures(src),
    )
    made = take(came, salt=salt, default_language=None, now=now)
    return made if before is None else replace(made, article=_kept(made.article, before, written))


def language_of(written: Written, standing: Standing | None, default: str) -> str:
    """The language of what was written: that of what is out, else as it says, else as it was."""
    if standing and standing.released:
        return standing.released.language
    before = standing.article if standing else None
    return tag(written.language or (before.language if before else default))


def picture_source(
    before: Article | None, known: Mapping[Digest, Picture], read: Callable[[Digest], bytes]
) -> PictureSource:
    """Gives the pictures of one story by their number, or by the address the desk gave them.

    `known` are those that stand in the story; any other address gives nothing.
    """

    def give(src: str) -> Rebuilt | None:
        picture = _named(src.strip(), before, known)
        if picture is None:
            return None
        try:
            body = read(picture.sha256)
        except BlobMissingError:  # it had left the story, and was swept
            return None
        return Rebuilt(
            body=body,
            extension=picture.extension,
            width=picture.width,
            height=picture.height,
        )

    return give


def in_words(removed: Sequence[str]) -> tuple[str, ...]:
    """What was removed, each thing once, for an editor to read."""
    counts = Counter(map(_in_words, removed))
    return tuple(what if n == 1 else f"{what} ({n} times)" for what, n in counts.items())


def _in_words(what: str) -> str:
    kind, _, place = what.partition(": ")
    if kind == "picture" and place.startswith(("data:", "pasted:")):
        return "picture that was pasted"
    if kind == "picture" and (_SHOWN.match(place) or _NUMBERED.match(place)):
        return "picture that is not of this story"
    return what


def without_pasted(html: str) -> tuple[str, Mapping[str, str]]:
    """`html` with a short name for each picture within it, and the pictures by their names.

    The parser drops an attribute of over ten million characters: any photo of a good camera.
    """
    pieces: list[str] = []
    pasted: dict[str, str] = {}
    at = 0
    for hit in _PASTED.finditer(html):
        if hit.start() < at:
            continue
        end = html.find(hit.group(1), hit.end())
        if end < 0:
            break  # nothing closes it: looking again for each would take quadratic time
        name = f"pasted:{len(pasted)}"
        pasted[name] = html[hit.start(2) : end]
        pieces += [html[at : hit.start(2)], name]
        at = end
    return "".join([*pieces, html[at:]]), pasted


def _named(src: str, before: Article | None, known: Mapping[Digest, Picture]) -> Picture | None:
    if hit := _NUMBERED.fullmatch(src):
        number = int(hit.group(1))
        own = before.pictures if before else ()
        return own[number] if number < len(own) else None
    shown = _SHOWN.fullmatch(src)
    return known.get(Digest(shown.group(1))) if shown else None


def _kept(made: Article, before: Article, written: Written) -> Article:
    """`made` as the same story; a section of the same name keeps its address."""
    same = made.section and before.section and made.section.name == before.section.name
    unchanged = made.html == before.html and written.summary == before.summary
    return replace(
        made,
        id=before.id,
        section=before.section if same or made.section is None else made.section,
        tags=before.tags,
        summary=before.summary if unchanged else made.summary,
    )


def _is_opening(summary: str, before: Article) -> bool:
    """Whether `summary` is what the intake took from the opening: then it follows the text."""
    same = line(summary) == before.summary and len(before.summary) <= OPENING + 1
    opening = _squeezed(before.summary.removesuffix("…"))
    return same and _squeezed(words(before.html)).startswith(opening)


def _squeezed(text: str) -> str:
    return "".join(text.split())
