"""An article: released, cleaned text. A correction is its next revision, never another article."""

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NewType, cast

from tamizdat import canonical
from tamizdat.digest import Digest, digest
from tamizdat.errors import FormatError

ArticleId = NewType("ArticleId", str)
"""13 characters of lower-case base32: 65 bits of a keyed hash of where the article came from."""

SafeHtml = NewType("SafeHtml", str)
"""HTML that left `feeds/cleaner.py`; nothing else makes it, and nothing edits it afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture rebuilt from pixels. Its bytes lie in the blobs under `sha256`."""

    sha256: Digest
    extension: str
    length: int
    width: int
    height: int
    alt: str

    @property
    def path(self) -> str:
        """Where it lies on a mirror (formats 3.7)."""
        return f"o/{self.sha256[:2]}/{self.sha256}.{self.extension}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the paper: `slug` stands in addresses, `name` on pages."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One revision of one article, as it is released (a draft is an article not yet released).

    In `html`, the n-th picture stands as `<img src="picture:n" ...>`, n counting from 0.
    `published` and `language` are those of the first revision for ever: the address rests on them.
    """

    id: ArticleId
    revision: int
    language: str
    title: str
    html: SafeHtml
    summary: str
    authors: tuple[str, ...]
    section: Section | None
    tags: tuple[str, ...]
    published: datetime
    updated: datetime
    pictures: tuple[Picture, ...]
    correction: str = ""

    def __post_init__(self) -> None:
        if self.revision < 1:
            raise ValueError("a revision counts from 1")
        if self.published.tzinfo is not UTC or self.updated.tzinfo is not UTC:
            raise ValueError("times are UTC")
        if not self.title.strip():
            raise ValueError("an article has a title")

    @property
    def path(self) -> str:
        """Where its page lies on a mirror: the same for every revision (formats 3.5)."""
        return f"{self.language}/{self.published.year:04d}/{self.id}.html"

    @property
    def urn(self) -> str:
        """The name that feeds use: no host in it, the same for every revision and mirror."""
        return urn(self.id)

    def says_the_same(self, other: "Article") -> bool:
        """Whether two revisions differ in nothing that a reader would see."""
        return (
            replace(
                self,
                revision=other.revision,
                published=other.published,
                updated=other.updated,
                correction=other.correction,
            )
            == other
        )


def article_id(salt: bytes, kind: str, key: str) -> ArticleId:
    """The id of what `kind` of source calls `key`; `salt` (of the newsroom) keeps `key` private."""
    mac = hmac.new(salt, f"{kind}\0{key}".encode("utf-8", "surrogatepass"), hashlib.sha256)
    return ArticleId(base64.b32encode(mac.digest()).decode().lower()[:13])


def urn(article: ArticleId) -> str:
    """`urn:uuid:` of an article id (UUID version 5 under the null namespace)."""
    return uuid.uuid5(uuid.UUID(int=0), article).urn


def encode(article: Article) -> bytes:
    """The article as canonical JSON, for the blobs."""
    section = article.section
    return canonical.encode(
        {
            "id": article.id,
            "revision": article.revision,
            "language": article.language,
            "title": article.title,
            "html": article.html,
            "summary": article.summary,
            "authors": list(article.authors),
            "section": [section.slug, section.name] if section else None,
            "tags": list(article.tags),
            "published": int(article.published.timestamp()),
            "updated": int(article.updated.timestamp()),
            "pictures": [
                [p.sha256, p.extension, p.length, p.width, p.height, p.alt]
                for p in article.pictures
            ],
            "correction": article.correction,
        }
    )


def decode(body: bytes) -> Article:
    """The article in `body`, which `encode` made; FormatError where it did not."""
    fields = cast("dict[str, object]", canonical.decode(body, "article"))
    try:
        section = cast("list[str] | None", fields["section"])
        return Article(
            id=ArticleId(cast("str", fields["id"])),
            revision=cast("int", fields["revision"]),
            language=cast("str", fields["language"]),
            title=cast("str", fields["title"]),
            html=SafeHtml(cast("str", fields["html"])),
            summary=cast("str", fields["summary"]),
            authors=tuple(cast("list[str]", fields["authors"])),
            section=Section(slug=section[0], name=section[1]) if section else None,
            tags=tuple(cast("list[str]", fields["tags"])),
            published=datetime.fromtimestamp(cast("int", fields["published"]), UTC),
            updated=datetime.fromtimestamp(cast("int", fields["updated"]), UTC),
            pictures=tuple(
                Picture(sha256=p[0], extension=p[1], length=p[2], width=p[3], height=p[4], alt=p[5])
                for p in cast("list[tuple[Digest, str, int, int, int, str]]", fields["pictures"])
            ),
            correction=cast("str", fields["correction"]),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise FormatError("article", digest(body)[:12], "is no article of ours") from error
