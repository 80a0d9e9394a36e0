"""A theft: bytes that a key of ours signed and that we did not make, kept as evidence."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from tamizdat.digest import Digest
from tamizdat.edition import Sealed

MOST_TOLD = 20
"""So many open thefts are told at once, the newest; how many there are is told in any case."""


class SignedKind(StrEnum):
    """The kinds of signed files that lie on mirrors."""

    ROOT = "root"
    EDITION = "edition"
    POINTER = "pointer"
    WITHDRAWALS = "withdrawals"
    HERE = "here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where and when a theft was seen. `mirror` is empty for a copy that is no mirror of ours."""

    mirror: str
    vantage: str
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Theft:
    """One signed file that our ledger does not know, open until a person closed it.

    `sealed` holds its bytes and those signatures of ours that verify. `version` is its number among
    its kind, None where it tells none. `ours` is what we made under that number, where we did:
    then it is a fork. `spots` are oldest first.
    """

    number: int
    kind: SignedKind
    path: str
    version: int | None
    sealed: Sealed
    ours: Digest | None
    opened: datetime
    spots: tuple[Spot, ...]
    closed: datetime | None = None

    def __post_init__(self) -> None:
        if self.opened.tzinfo is not UTC or (self.closed and self.closed.tzinfo is not UTC):
            raise ValueError("times are UTC")

    @property
    def keys(self) -> tuple[str, ...]:
        """The fingerprints of the keys that signed it."""
        return tuple(one.fingerprint for one in self.sealed.signatures)


class Made(Protocol):
    """What we signed, remembered by digest for ever, also when the bytes are forgotten."""

    async def known(self, digests: Collection[Digest]) -> frozenset[Digest]:
        """Those of `digests` that we made."""
        ...

    async def under(self, kind: SignedKind, mirror: str, version: int) -> Digest | None:
        """What we made under that number; `mirror` is empty except for HERE."""
        ...

    async def begin(self, kind: SignedKind, mirror: str) -> int:
        """The first number from which on all that we made is remembered.

        It is 1, unless the ledger is older than this memory, or was restored from a backup. An
        empty `mirror` stands for all of them.
        """
        ...


class Thefts(Protocol):
    """Thefts in the ledger. Nothing deletes one."""

    async def keep(self, theft: Theft) -> Theft | None:
        """Record one, once for the same bytes: else only where and when it was seen again.

        Its number is given here, 0 stands for none. None where as many are kept as may be.
        """
        ...

    async def get(self, number: int) -> Theft | None:
        """One by its number."""
        ...

    async def unclosed(self, most: int = MOST_TOLD) -> Sequence[Theft]:
        """The newest of those that no person has closed, oldest first."""
        ...

    async def open_numbers(self) -> Sequence[int]:
        """The numbers of all that no person has closed, in order."""
        ...

    async def last_seen(self) -> Mapping[str, datetime]:
        """When a theft was last seen on each mirror, also one that is closed."""
        ...

    async def all(self) -> Sequence[Theft]:
        """Every one, oldest first."""
        ...

    async def highest(self, kind: SignedKind, below: int) -> int:
        """The highest version below that limit which a theft of this kind bears; 0 for none."""
        ...

    async def close(self, number: int, at: datetime) -> Theft:
        """A person dealt with it; LedgerError where there is none. Its evidence stays."""
        ...
