"""A story: an article as editors see it at the desk, from first words to withdrawal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from tamizdat.article import ArticleId, SafeHtml
from tamizdat.board import Leg
from tamizdat.progress import CONSOLE, UNWRITTEN, Progress
from tamizdat.state import StoryState


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A story in a list. The title of a withdrawn story is gone, so it is empty.

    `progress` tells who approved it and when its time comes.
    """

    id: ArticleId
    language: str
    title: str
    state: StoryState
    revision: int
    at: datetime
    progress: Progress = UNWRITTEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What an editor typed or pasted. Nothing in it is trusted.

    `form` tells how to read `text`; pictures in it are `data:` addresses, or `picture:n` of the
    story as it was. `language` and `section` matter for a new story only. `correction` is the line
    that tells readers of what is out already why it was corrected; empty: as it was.
    """

    title: str
    text: str
    form: Literal["html", "markdown"]
    language: str
    summary: str = ""
    authors: tuple[str, ...] = ()
    section: str = ""
    correction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story as it stands, cleaned. `path` is its address on a mirror, None before release.

    `removed` tells, in words, what cleaning took out of what was typed last; `unrecalled`, of a
    withdrawn story, what nobody can call back. `watched` are names that the newsroom watches for,
    in the words of the text; `sent_back` is who gave it back to its author, and what they said.
    """

    card: Card
    html: SafeHtml
    summary: str
    authors: tuple[str, ...]
    section: str
    pictures: tuple[str, ...]
    """Paths of its pictures below the desk's picture address, in the order of `picture:n`."""
    path: str | None = None
    removed: tuple[str, ...] = ()
    correction: str = ""
    unrecalled: tuple[str, ...] = ()
    watched: tuple[str, ...] = field(default=(), repr=False)
    sent_back: tuple[int, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How a released story (or its correction or withdrawal) gets out, live.

    `legs` are in order: released, built and signed, on mirrors, in gateways' feeds. `places` name
    each mirror and gateway with `None` (under way), or the seconds since release when it was
    verified there; `refusals` name those that failed and why, in one line.
    """

    id: ArticleId
    revision: int
    began: datetime
    legs: tuple[Leg, ...]
    places: tuple[tuple[str, float | None], ...]
    refusals: tuple[tuple[str, str], ...] = ()
    address: str | None = None
    """Where a reader finds it: on the first public mirror that holds it and has an address."""


class Newsdesk(Protocol):
    """What editors can do with stories. ConfigError and SourceError say in one line why not."""

    async def cards(self) -> Sequence[Card]:
        """Stories that are being written, then those that are out, newest first, at most 200."""
        ...

    async def story(self, article: ArticleId) -> Story | None:
        """One story."""
        ...

    async def save(
        self, article: ArticleId | None, written: Written, person: int = CONSOLE
    ) -> Story:
        """Clean what was written and keep it as the draft of `article` (None: of a new story).

        `person` is its author then, where anything changed. What was approved was another text.
        """
        ...

    async def discard(self, article: ArticleId) -> None:
        """Forget the draft. What was released stays as it is."""
        ...

    async def release(self, article: ArticleId, reason: str = "", person: int = CONSOLE) -> Story:
        """Release the draft: it goes out at once, where enough people approved it.

        `reason` is the line that readers see where it corrects an earlier revision.
        """
        ...

    async def withdraw(self, article: ArticleId, person: int) -> str | None:
        """Take it back everywhere, at once; None where that is under way.

        Else one sentence why it waits for a second person.
        """
        ...

    async def picture(self, sha256: str) -> tuple[bytes, str] | None:
        """The bytes of a picture of some story, and its media type."""
        ...

    async def arrival(self, article: ArticleId) -> Arrival | None:
        """How its newest release gets out, None where none is known."""
        ...
