"""A letter: one revision of one article, as it goes by mail to one email-to-feed gateway."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, NewType

from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.edition import Signature
from tamizdat.record import Record, counting, fits
from tamizdat.wire import Number, Sha256, SignedFile

GatewayId = NewType("GatewayId", str)

MAX_LISTED = 20
"""Articles that one slip vouches for (formats 8.5)."""


class LetterState(StrEnum):
    """Where a letter stands. Only `verified` counts as delivered."""

    QUEUED = "queued"  # stored; the gateway does not have it
    SENT = "sent"  # handed over, or perhaps handed over; not yet seen in the feed
    SEEN = "seen"  # an entry that should be it stands in the feed
    VERIFIED = "verified"  # the feed alone proved it to be ours, unchanged
    ALTERED = "altered"  # it stands in the feed with other words
    LOST = "lost"  # given up


FINAL = frozenset({LetterState.VERIFIED, LetterState.ALTERED, LetterState.LOST})
"""States that nothing follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The exact bytes that go to a gateway, made once and kept before the first send."""

    gateway: GatewayId
    article: ArticleId
    revision: int
    message_id: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What the ledger knows of a letter. Its bytes lie in the blobs under `sha256`.

    `lean` is a smaller form of the same letter, for a gateway that refuses the size of the first.
    `attempts` counts handings-over that may have succeeded, `refusals` those that were put off.
    `tried` is the start of the newest attempt; `unsure` tells that its end is not known. `looks`
    counts whole readings of the feed since then that did not show it. `due` is when a queued
    letter may go. `entry` is the gateway's own id of it. `detail` is a code, never a text.
    """

    gateway: GatewayId
    article: ArticleId
    revision: int
    urn: str
    message_id: str
    sha256: Digest
    length: int
    lean: Digest | None
    state: LetterState
    queued: datetime
    due: datetime
    tried: datetime | None = None
    unsure: bool = False
    attempts: int = 0
    refusals: int = 0
    looks: int = 0
    entry: str | None = None
    detail: str = ""

    def __post_init__(self) -> None:
        if self.revision < 1:
            raise ValueError("a revision counts from 1")
        if self.queued.tzinfo is not UTC or self.due.tzinfo is not UTC:
            raise ValueError("times are UTC")

    @property
    def final(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in FINAL


class Reply(StrEnum):
    """What came of handing a letter over."""

    TAKEN = "taken"  # 2xx after the letter; proves nothing yet
    LATER = "later"  # 4xx, or no connection: it does not have the letter
    TOO_BIG = "too-big"  # 552, or over the size it announces
    NEVER = "never"  # 5xx
    UNSURE = "unsure"  # the connection ended after DATA: it may have the letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """The end of an attempt; `detail` is the gateway's code or one word, never its text."""

    reply: Reply
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of a gateway's feed: its own id, the title and the content, as HTML."""

    id: str
    title: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """What a reading of a gateway's feed gave; None in place of it where it failed."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Record):
    """One article on a slip."""

    urn: Annotated[str, fits(r"urn:uuid:[0-9a-f-]{36}")]
    revision: Number
    sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSlip(SignedFile):
    """What proves letters: the canonical texts of up to 20 articles (formats 8.5)."""

    limit: ClassVar[int] = 4 * 1024
    clause: ClassVar[str] = "8.5"

    type: Literal["letters"] = "letters"
    root_version: Number
    articles: Annotated[tuple[Listed, ...], counting(1, MAX_LISTED)]

    def lists(self, urn: str, revision: int, sha256: Digest) -> bool:
        """Whether it vouches for this text of this revision."""
        return any((o.urn, o.revision, o.sha256) == (urn, revision, sha256) for o in self.articles)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSlip:
    """The exact bytes of a slip, and the signatures over them."""

    body: bytes
    signatures: Sequence[Signature]
