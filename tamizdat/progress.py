"""Progress: how far a story is on its way out, who approved it, and when its time comes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from tamizdat import canonical
from tamizdat.article import Article, ArticleId
from tamizdat.digest import Digest, digest
from tamizdat.ledgers import Record
from tamizdat.state import StoryState

CONSOLE = 0
"""Whoever works at the command line, as a person: nobody at the desk has this number."""


PENDING = frozenset({StoryState.WAITING, StoryState.CLOCK, StoryState.HELD})
"""States between an author's last word and readers."""


class Why(StrEnum):
    """Why a story is held."""

    DOUBT = "doubt"  # a person held it
    LATE = "late"  # its time came while nothing ran, too long ago
    JUMP = "jump"  # the machine's clock was set forward
    UNAPPROVED = "unapproved"  # its time came before its approvals
    FAILED = "failed"  # its time came, and it could not be released


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Somebody read exactly this and says that it may go out."""

    person: int
    content: Digest
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where one story stands. `content` is what is written now, `out` what readers have.

    `author` is who changed `content` last, None where a source brought it. `due` is the time that
    somebody set for it: it counts only in the state CLOCK. `asked` and `before` are the blobs of
    the texts that approval was asked for, last and the time before: what an approver compares.
    """

    state: StoryState = StoryState.WRITING
    content: Digest | None = None
    author: int | None = None
    approvals: tuple[Approval, ...] = ()
    due: datetime | None = None
    why: Why | None = None
    out: Digest | None = None
    asked: Digest | None = None
    before: Digest | None = None

    def __post_init__(self) -> None:
        if self.due is not None and self.due.tzinfo is not UTC:
            raise ValueError("times are UTC")
        if any(one.content != self.content for one in self.approvals):
            raise ValueError("an approval is of what is written now")
        if (self.state is StoryState.HELD) != (self.why is not None):
            raise ValueError("what is held is held for a reason")
        if self.state is StoryState.CLOCK and self.due is None:
            raise ValueError("a clock has a time")
        if self.content is None and self.state in PENDING:
            raise ValueError("only what is written can be on its way out")

    @property
    def pen(self) -> StoryState:
        """What it is called to be written: a story, or the correction of one that is out."""
        return StoryState.CORRECTING if self.out else StoryState.WRITING

    def counted(self, allowed: Collection[int]) -> int:
        """How many approvals count: of distinct people who still may, and are not its author."""
        return len({a.person for a in self.approvals} & set(allowed) - {self.author})

    def written(self) -> "Progress":
        """The same story in its author's hands: nobody approves it, no clock runs."""
        return replace(self, state=self.pen, approvals=(), why=None)

    def resting(self, out: Digest | None) -> "Progress":
        """The same story with nothing being written; `out` is what readers have."""
        return Progress(state=StoryState.OUT if out else StoryState.WRITING, out=out)


UNWRITTEN = Progress()
"""Of a story of which nobody noted anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a newsroom asks for before anything goes out.

    `allowed` are the people whose approvals count. `frozen` are those who were forced to sign in:
    what they do is taken as from anybody, counts for nothing, and waits for a second person. A
    clock that strikes later than `grace` after its time asks instead of publishing; a clock of the
    machine that leaps forward by more than `leap` holds all that is on a clock.
    """

    approvals: int = 0
    allowed: frozenset[int] = frozenset()
    frozen: frozenset[int] = frozenset()
    grace: timedelta = timedelta(minutes=10)
    leap: timedelta = timedelta(minutes=2)

    def is_met(self, story: Progress) -> bool:
        """Whether enough people approved what is written."""
        return story.counted(self.allowed) >= self.approvals

    def frees(self, story: Progress, person: int) -> bool:
        """Whether it may go out by what this person does now."""
        return self.is_met(story) and (person not in self.frozen or self.is_seen(story))

    def is_seen(self, story: Progress) -> bool:
        """Whether somebody approved it who is free to."""
        return story.counted(self.allowed) >= max(1, self.approvals)

    def as_seen_by(self, person: int) -> "Policy":
        """What this newsroom seems to ask for, to somebody who was forced to sign in: one more."""
        if person not in self.frozen:
            return self
        return replace(self, approvals=self.approvals + 1, allowed=self.allowed | self.frozen)


def content_of(article: Article) -> Digest:
    """The digest that approvals are bound to: all that a reader would see, and nothing else."""
    section = article.section
    seen: canonical.Json = {
        "title": article.title,
        "html": article.html,
        "summary": article.summary,
        "authors": list(article.authors),
        "section": [section.slug, section.name] if section else None,
        "tags": list(article.tags),
        "language": article.language,
        "pictures": [[p.sha256, p.extension, p.alt] for p in article.pictures],
        "correction": article.correction,
    }
    return digest(canonical.encode(seen))


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A draft to be kept with a step: its blob, its language, and when it was saved."""

    blob: Digest
    language: str
    at: datetime


class Progresses(Protocol):
    """How far stories are, in the ledger. LedgerError where `before` is not what stands there."""

    async def get(self, article: ArticleId) -> Progress | None:
        """Of one story; None where nothing was noted."""
        ...

    async def find(self, articles: Sequence[ArticleId]) -> Mapping[ArticleId, Progress]:
        """Of those that something was noted of."""
        ...

    async def pending(self) -> Mapping[ArticleId, Progress]:
        """All that wait, are on a clock, or are held; by their time, those without one last."""
        ...

    async def step(
        self, article: ArticleId, before: Progress | None, after: Progress, text: Text | None = None
    ) -> None:
        """Note where it stands now; with `text`, keep that as its draft. All or nothing.

        Of a story at rest, where nothing is written, nothing is noted, and its draft is dropped.
        """
        ...

    async def release(
        self, article: ArticleId, before: Progress | None, after: Progress, record: Record
    ) -> None:
        """Release it: record, progress, and the draft dropped, in one transaction."""
        ...

    async def forget(self, article: ArticleId) -> None:
        """Keep nothing: no clock, no approval, no digest."""
        ...
