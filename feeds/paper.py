"""The paper: what stays the same on every page; and an article as lists and feeds show it."""

from dataclasses import dataclass
from datetime import datetime

from feeds.letters import line
from tamizdat.article import ArticleId, Section

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
    """An article as the three kinds of feed tell it, to be spliced in."""

    card: Card
    atom: bytes
    rss: bytes
    json: bytes
