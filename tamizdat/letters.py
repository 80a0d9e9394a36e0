"""The ledger's ports for mail: letters on their way out, mailboxes of our own gateway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.letter import GatewayId, LetterState, Posting


class Letters(Protocol):
    """Letters to gateways, and how often each feed was read."""

    async def queue(self, postings: Sequence[Posting]) -> None:
        """Record new letters, all or none; one that is known already stays as it is."""
        ...

    async def update(self, postings: Sequence[Posting]) -> None:
        """Record what became of known letters, all or none."""
        ...

    async def of(
        self, gateway: GatewayId, articles: Sequence[ArticleId] | None = None
    ) -> Sequence[Posting]:
        """Every letter to a gateway, oldest first; of these articles only where any are named."""
        ...

    async def counts(self, gateway: GatewayId) -> Mapping[LetterState, int]:
        """How many letters to a gateway are in each state; states without any are left out."""
        ...

    async def failed(self, gateway: GatewayId) -> Sequence[Posting]:
        """Those letters to a gateway that were altered or lost, oldest first."""
        ...

    async def open(self, gateway: GatewayId) -> Sequence[Posting]:
        """Those letters to a gateway that are not final, oldest first."""
        ...

    async def forget(self, articles: Sequence[ArticleId]) -> None:
        """Drop every letter of these articles (they were withdrawn)."""
        ...

    async def bodies(self) -> Sequence[Digest]:
        """The blobs that letters which are not final still need."""
        ...

    async def reads(self, gateway: GatewayId, start: datetime) -> Sequence[datetime]:
        """When its feed was read since `start`, oldest first."""
        ...

    async def record_read(self, gateway: GatewayId, at: datetime) -> None:
        """Its feed is about to be read. Readings of over a day before are forgotten."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mailbox of our own gateway. Its write and read ids are kept as digests only.

    `label` is the blob of the feed's title. `keep_all` shows every revision of an article as an
    entry of its own. `count` is the newest position; `length` are the bytes of its entries.
    """

    number: int
    write: Digest
    read: Digest
    label: Digest
    keep_all: bool
    opened: datetime
    count: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A letter that was taken in: `position` counts from 1 in its mailbox.

    `message` is a digest of its Message-ID; `urn` names its entry, `revision` is 0 where the
    letter told none; `at` is when it came, `sha256` the blob of the entry.
    """

    position: int
    message: Digest
    urn: str
    revision: int
    at: datetime
    sha256: Digest
    length: int


class Mailboxes(Protocol):
    """Mailboxes of our own gateway, and what lies in them."""

    async def open(self, mailbox: Mailbox) -> Mailbox:
        """Record a new mailbox; its number is given here."""
        ...

    async def by_write(self, write: Digest) -> Mailbox | None:
        """The mailbox that letters to this id belong to."""
        ...

    async def by_read(self, read: Digest) -> Mailbox | None:
        """The mailbox whose feed has this id."""
        ...

    async def all(self) -> Sequence[Mailbox]:
        """Every mailbox, oldest first."""
        ...

    async def close(self, number: int) -> None:
        """Forget a mailbox and all that lies in it."""
        ...

    async def keep(self, number: int, letter: Kept) -> bool:
        """Take a letter in at the next position; False where its message or revision is known."""
        ...

    async def knows(self, number: int, letter: Kept) -> bool:
        """Whether a letter's message or revision was taken in before."""
        ...

    async def withdraw(self, urns: Sequence[str]) -> int:
        """Forget every entry with one of these urns, in all mailboxes; gives their number.

        The positions of others stay.
        """
        ...

    async def listed(self, number: int, first: int, last: int) -> Sequence[Kept]:
        """The letters at positions `first` to `last` (both included), oldest first."""
        ...

    async def came_since(self, number: int, start: datetime) -> int:
        """How many letters came at or after `start`."""
        ...

    async def bodies(self) -> Sequence[Digest]:
        """Every blob that mailboxes need."""
        ...
