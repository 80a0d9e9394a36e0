"""The ledger's ports, one for each noun. Facts only: no title, text or name stands in a ledger."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.edition import Sealed, SealedEdition, SealedPointer, Stamp
from tamizdat.placement import Lying, MirrorId, MirrorState

ListKey = tuple[str, str]
"""(language, section slug); the slug is empty for the list of the whole language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the ledger knows of a released article.

    `text` is the blob of its newest revision. `page` and `entry` (the blob of the text that it, and
    its place in lists and feeds, were made of) are those of the newest edition, None before the
    first. Of a withdrawn article only the id, the language and the month of publication remain:
    `text`, `page`, `entry` and `section` are None and `withdrawn` tells when.
    """

    id: ArticleId
    revision: int
    language: str
    section: str | None
    published: datetime
    text: Digest | None
    page: Stamp | None
    entry: Digest | None
    withdrawn: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What an edition made of a record: written back when the edition is sealed."""

    id: ArticleId
    revision: int
    page: Stamp
    entry: Digest | None


class Articles(Protocol):
    """Released articles, and the lists they stand in."""

    async def find(self, ids: Sequence[ArticleId]) -> Mapping[ArticleId, Record]:
        """Those of `ids` that were ever released, the withdrawn ones included."""
        ...

    async def release(self, records: Sequence[Record]) -> None:
        """Take new articles and new revisions, in this order, all or none.

        A new article gets the next position in the list of its language and of its section; a
        revision keeps its positions, and where its section changed it gets one in the new section
        and loses that in the old. Each is marked changed. LedgerError where one is withdrawn.
        """
        ...

    async def withdraw(self, article: ArticleId, on: datetime) -> Record:
        """Forget all but id, language and month; its positions stay empty. Marked changed.

        Idempotent. LedgerError where the id was never released. Gives what was known before.
        """
        ...

    async def bury(self, record: Record) -> None:
        """Record a withdrawn article that was released elsewhere; nothing where the id is known.

        It takes a position in the list of its language, which stays empty. Marked changed.
        LedgerError where it is not withdrawn, or has a text.
        """
        ...

    async def changed(self) -> Sequence[Record]:
        """Those that the newest edition does not yet show as they are."""
        ...

    async def mark_all_changed(self) -> None:
        """All articles need rendering again (the templates changed)."""
        ...

    async def newest(self, key: ListKey, count: int) -> Sequence[Record]:
        """The newest by publication (then id), newest first; withdrawn ones left out."""
        ...

    async def newest_of_each(self, keys: Sequence[ListKey], count: int) -> Sequence[Record]:
        """The newest of each list, as `newest` has them, one list after the other."""
        ...

    async def since(self, language: str, start: datetime, count: int) -> Sequence[Record]:
        """Those published at or after `start`, newest first, at most `count`, none withdrawn."""
        ...

    async def listed(self, key: ListKey, first: int, last: int) -> Sequence[tuple[int, Record]]:
        """Those at positions `first` to `last` (from 1, both included), withdrawn ones left out."""
        ...

    async def positions(
        self, ids: Sequence[ArticleId]
    ) -> Mapping[ArticleId, Sequence[tuple[ListKey, int]]]:
        """Where each stands (also the withdrawn)."""
        ...

    async def lengths(self) -> Mapping[ListKey, int]:
        """The last position of every list."""
        ...

    async def withdrawn(self) -> Sequence[Record]:
        """All withdrawn articles, by id."""
        ...

    async def texts(self) -> Sequence[Record]:
        """Every record that is not withdrawn (for a sweep or a full rebuild), by id."""
        ...


class Drafts(Protocol):
    """Working texts: at most one for each article id."""

    async def put(self, article: ArticleId, language: str, text: Digest, at: datetime) -> None:
        """Keep (or replace) the draft of this id."""
        ...

    async def get(self, article: ArticleId) -> Digest | None:
        """The draft's blob."""
        ...

    async def all(self) -> Sequence[tuple[ArticleId, str, Digest, datetime]]:
        """Every draft, oldest first."""
        ...

    async def texts(self) -> Collection[Digest]:
        """The blobs of all drafts, and of texts that approval was asked for."""
        ...

    async def swap(self, before: Digest, after: Digest) -> None:
        """Name another blob wherever one is named: it says the same."""
        ...

    async def drop(self, article: ArticleId) -> None:
        """Forget the draft."""
        ...


class Editions(Protocol):
    """Sealed editions and pointers."""

    async def newest(self) -> SealedEdition | None:
        """The newest sealed edition."""
        ...

    async def get(self, number: int) -> SealedEdition | None:
        """One that is still known."""
        ...

    async def between(self, first: int, last: int) -> Sequence[SealedEdition]:
        """Those still known of `first` to `last`, oldest first, read at one stroke."""
        ...

    async def commit(
        self, edition: SealedEdition, rendered: Sequence[Rendered], changed: Sequence[Record]
    ) -> None:
        """Record a new edition and what it rendered, in one transaction.

        An article of `changed` is marked unchanged where its revision (or withdrawal) is still
        the one that was rendered. LedgerError where it does not follow the newest.
        """
        ...

    async def adopt(self, editions: Sequence[SealedEdition]) -> None:
        """Record editions that another copy of this newsroom sealed, all or none.

        LedgerError where one is not above those that are known, or they are no unbroken row.
        """
        ...

    async def forget_below(self, number: int) -> None:
        """Drop editions older than `number`."""
        ...

    async def newest_pointer(self) -> SealedPointer | None:
        """The newest signed pointer."""
        ...

    async def commit_pointer(self, pointer: SealedPointer, *, adopted: bool = False) -> None:
        """Record a new pointer (or one `adopted` from a mirror); only the newest two are kept."""
        ...

    async def withdrawals(self) -> Sealed | None:
        """The newest signed list of withdrawals."""
        ...

    async def commit_withdrawals(self, sealed: Sealed, *, adopted: bool = False) -> None:
        """Record a new list (or one `adopted` from a mirror); only the newest is kept."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """What is local to one mirror: `here.json` and `ways.html`."""

    here: Sealed
    ways: bytes


class Pool(Protocol):
    """What we know of mirrors beyond the config."""

    async def states(self) -> Mapping[MirrorId, MirrorState]:
        """States that differ from the config's, because a rotation set them."""
        ...

    async def set_state(self, mirror: MirrorId, state: MirrorState) -> None:
        """Set a mirror's state."""
        ...

    async def lying(self, mirror: MirrorId) -> Sequence[Lying]:
        """Editions that may lie on a mirror, oldest first."""
        ...

    async def set_lying(self, mirror: MirrorId, lying: Sequence[Lying]) -> None:
        """Replace what we know of it."""
        ...

    async def overlay(self, mirror: MirrorId) -> Overlay | None:
        """The newest overlay made for a mirror."""
        ...

    async def commit_overlay(
        self, mirror: MirrorId, overlay: Overlay, *, adopted: bool = False
    ) -> None:
        """Record an overlay (or one `adopted` from a mirror)."""
        ...

    async def placed(self, mirror: MirrorId) -> tuple[Digest, ...]:
        """Digests of the here file, withdrawals and pointer that were last read back, in order."""
        ...

    async def set_placed(self, mirror: MirrorId, digests: tuple[Digest, ...]) -> None:
        """Record what was read back."""
        ...


class Facts(Protocol):
    """Single facts by name: the newsroom's salt, when the last sweep was, which build is out."""

    async def get(self, name: str) -> str | None:
        """The fact."""
        ...

    async def set(self, name: str, value: str) -> None:
        """Record the fact."""
        ...


class Withdrawals(Protocol):
    """Requests to withdraw, so that a fourth by one person within an hour waits (formats 5.4).

    `person` is a keyed digest made by the caller: no name stands in the ledger.
    """

    async def count_since(self, person: str, start: datetime) -> int:
        """How many this person made at or after `start`."""
        ...

    async def record(self, person: str, at: datetime) -> None:
        """One more was carried out."""
        ...

    async def waiting(self, article: ArticleId) -> str | None:
        """Who asked for a withdrawal that waits."""
        ...

    async def wait(self, article: ArticleId, person: str, at: datetime) -> None:
        """Let a withdrawal wait for a second person."""
        ...

    async def stop_waiting(self, article: ArticleId) -> None:
        """It was carried out."""
        ...
