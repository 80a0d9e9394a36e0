"""A deed: what somebody did, noted for ever. No name, title or text stands in it.

Each row of the log holds a digest over the row before and itself, so that a row which was changed
or cut out shows. Pure: how rows are spelled and checked; the log itself is a port.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from tamizdat import canonical
from tamizdat.article import ArticleId
from tamizdat.digest import Digest, digest
from tamizdat.errors import SourceError

BEGINNING = Digest("0" * 64)
"""Stands for the row before the first one."""


class What(StrEnum):
    """What was done."""

    SIGNED_IN = "signed in"
    SLOWED = "guesses refused"  # somebody guessed the password of `about`; no address is known
    JOINED = "joined"
    APPROVED = "approved"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    BYLINE = "byline switched"
    ROLE = "role changed"
    ENDED = "sessions ended"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One row. `person` is who did it (CONSOLE: at the command line; None: the clock, a stranger).

    `about` is the person to whom it was done.
    """

    at: datetime
    what: What
    person: int | None = None
    article: ArticleId | None = None
    about: int | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is not UTC:
            raise ValueError("times are UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A deed as it stands in the log; None where it is closed under a key that is not here."""

    number: int
    sha256: Digest
    deed: Deed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A row as it is checked: its number, its bytes as they lie there, and its digest."""

    number: int
    body: bytes
    sha256: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came of a check. `broken` is the first number that does not fit; None: all do.

    `last` is the newest digest: written down elsewhere, it proves later that no row after it went.
    """

    count: int
    last: Digest
    broken: int | None = None


class Deeds(Protocol):
    """The log: rows are added and read, never changed."""

    async def note(self, *deeds: Deed) -> None:
        """Add a row for each, all or none."""
        ...

    async def newest(self, count: int, before: int | None = None) -> Sequence[Row]:
        """The newest rows with a number below `before`, newest first."""
        ...

    async def checked(self, seen: Digest | None = None) -> Checked:
        """Go through all rows; `seen`, a digest written down before, must stand among them."""
        ...


def encode(deed: Deed) -> bytes:
    """The bytes of a deed, always the same ones."""
    told: canonical.Json = {
        "at": int(deed.at.timestamp()),
        "what": deed.what.value,
        "person": deed.person,
        "article": deed.article,
        "about": deed.about,
    }
    return canonical.encode(told)


def decode(body: bytes) -> Deed:
    """The deed in `body`; FormatError or SourceError where it is none."""
    told = canonical.decode(body, "deed")
    try:
        article = told["article"]
        return Deed(
            at=datetime.fromtimestamp(_number(told["at"]), UTC),
            what=What(str(told["what"])),
            person=None if told["person"] is None else _number(told["person"]),
            article=None if article is None else ArticleId(str(article)),
            about=None if told["about"] is None else _number(told["about"]),
        )
    except (KeyError, ValueError) as error:
        raise SourceError(f"a row of the log is no deed: {type(error).__name__}") from None


def linked(before: Digest, number: int, body: bytes) -> Digest:
    """The digest of a row, after the digest of the row before."""
    return digest(f"{before}\n{number}\n".encode() + body)


def follow(links: Iterable[Link], seen: Digest | None = None) -> Checked:
    """Check the chain from its beginning."""
    last, count, met = BEGINNING, 0, seen is None
    for link in links:
        expected = linked(last, count + 1, link.body)
        if link.number != count + 1 or link.sha256 != expected:
            return Checked(count=count, last=last, broken=count + 1)
        last, count, met = expected, count + 1, met or expected == seen
    return Checked(count=count, last=last, broken=None if met else count + 1)


def _number(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("is no number")
