"""A draft: a working text, and whether an editor has changed it since its source said it."""

from dataclasses import dataclass

from tamizdat import article as articles
from tamizdat import canonical
from tamizdat.article import Article
from tamizdat.digest import Digest, is_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An article not yet released.

    `edited` tells that an editor wrote or changed it here. `source` is then the digest of what a
    source had said before (see service/stories/origins.py), None where it began here or from what
    is out.
    """

    article: Article
    edited: bool = False
    source: Digest | None = None


def encode(draft: Draft) -> bytes:
    """The draft for the blobs: also an article, for whoever reads it as one."""
    plain = articles.encode(draft.article)
    if not draft.edited:
        return plain
    return canonical.encode({**canonical.decode(plain, "draft"), "edited": draft.source or ""})


def decode(body: bytes) -> Draft:
    """The draft in `body`; FormatError where it is none."""
    article = articles.decode(body)
    edited = canonical.decode(body, "draft").get("edited")
    source = Digest(edited) if isinstance(edited, str) and is_digest(edited) else None
    return Draft(article=article, edited=edited is not None, source=source)
