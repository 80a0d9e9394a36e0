"""The paper: what stays the same on every page; and what is remembered of a rendered article."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from feeds.letters import line
from tamizdat import canonical
from tamizdat.article import ArticleId, Section
from tamizdat.digest import digest
from tamizdat.errors import FormatError

BLANK = "about:blank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The newsroom as its readers see it.

    `languages` are those that have articles, the default first. `exit` is where "Leave this page"
    leads. `mail`, `onion` and `messenger` are the ways to reach us that last.
    """

    name: str
    languages: tuple[str, ...]
    exit: str = BLANK
    mail: str | None = None
    onion: str | None = None
    messenger: str | None = None
    channel: str

    def __post_init__(self) -> None:
        if not line(self.name):
            raise ValueError("a paper has a name")
        if not self.languages:
            raise ValueError("a paper has a language")
        if self.exit != BLANK and not self.exit.startswith("https://"):
            raise ValueError(f"exit leads to an https address or to {BLANK}")

    @property
    def language(self) -> str:
        """The language of the pages that belong to no language."""
        return self.languages[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An article as it stands in lists. `kilobytes` counts the page and its pictures."""

    id: ArticleId
    path: str
    title: str
    summary: str
    section: Section | None
    published: datetime
    updated: datetime
    corrected: bool
    minutes: int
    kilobytes: int
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Everything that lists and feeds need of one article, so that it is rendered once."""

    card: Card
    atom: bytes
    rss: bytes
    json: bytes

    def encode(self) -> bytes:
        """The entry as canonical JSON, for the blobs."""
        card, section = self.card, self.card.section
        return canonical.encode(
            {
                "id": card.id,
                "path": card.path,
                "title": card.title,
                "summary": card.summary,
                "section": [section.slug, section.name] if section else None,
                "published": int(card.published.timestamp()),
                "updated": int(card.updated.timestamp()),
                "corrected": card.corrected,
                "minutes": card.minutes,
                "kilobytes": card.kilobytes,
                "language": card.language,
                "atom": self.atom.decode(),
                "rss": self.rss.decode(),
                "json": self.json.decode(),
            }
        )

    @classmethod
    def decode(cls, body: bytes) -> "Entry":
        """The entry in `body`, which `encode` made; FormatError where it did not."""
        fields = canonical.decode(body, "entry")
        try:
            return cls(
                card=_card(fields),
                atom=cast("str", fields["atom"]).encode(),
                rss=cast("str", fields["rss"]).encode(),
                json=cast("str", fields["json"]).encode(),
            )
        except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
            raise FormatError("entry", digest(body)[:12], "is no entry of ours") from error


def _card(fields: dict[str, canonical.Json]) -> Card:
    section = cast("list[str] | None", fields["section"])
    return Card(
        id=ArticleId(cast("str", fields["id"])),
        path=cast("str", fields["path"]),
        title=cast("str", fields["title"]),
        summary=cast("str", fields["summary"]),
        section=Section(slug=section[0], name=section[1]) if section else None,
        published=datetime.fromtimestamp(cast("int", fields["published"]), UTC),
        updated=datetime.fromtimestamp(cast("int", fields["updated"]), UTC),
        corrected=cast("bool", fields["corrected"]),
        minutes=cast("int", fields["minutes"]),
        kilobytes=cast("int", fields["kilobytes"]),
        language=cast("str", fields["language"]),
    )
