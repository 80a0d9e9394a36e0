"""The office: everything that the desk works with, handed down by the roof."""

from dataclasses import dataclass

from tamizdat.approving import Approving
from tamizdat.board import Evidence, Operations
from tamizdat.byline import Bylines
from tamizdat.deeds import Deeds
from tamizdat.paste import Pasting
from tamizdat.people import People
from tamizdat.ports import Clock
from tamizdat.preview import Previewing
from tamizdat.set_aside import SetAsides
from tamizdat.story import Newsdesk
from tamizdat.translation import Translating
from tamizdat.watch_list import WatchList


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What the desk works with.

    `salt` keys the digests of names. `languages` are the paper's, the first one first. `address` is
    the public origin (`https://desk.example`), None where only this machine opens the desk.
    `zone` is the editors' time zone, as `Europe/Riga`, where nobody names another. `told` are the
    people who learn that somebody was forced to sign in; empty: all but writers.
    """

    people: People
    deeds: Deeds
    clock: Clock
    newsdesk: Newsdesk
    approving: Approving
    operations: Operations
    evidence: Evidence
    pasting: Pasting
    previewing: Previewing
    watch_list: WatchList
    set_asides: SetAsides
    bylines: Bylines
    translating: Translating
    salt: bytes
    languages: tuple[str, ...]
    newsroom: str
    address: str | None = None
    zone: str = "UTC"
    told: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if not self.languages:
            raise ValueError("a newsroom writes in one language at least")
