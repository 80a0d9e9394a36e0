"""A newsroom: one folder with its config, ledger, blobs and keys, opened for work."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from feeds.paper import Paper
from service.config import Config
from service.dispatching.holding import FREE, Holding
from tamizdat.closing import OPEN, Closing
from tamizdat.deeds import Deeds
from tamizdat.edition import Sealed
from tamizdat.grove import Groups, HintFiles
from tamizdat.incident import Incidents, Turns
from tamizdat.ledgers import Articles, Drafts, Editions, Facts, Pool, Withdrawals
from tamizdat.letters import Letters
from tamizdat.people import People
from tamizdat.placement import Mirror, MirrorId, MirrorState
from tamizdat.ports import Backend, Blobs, Clock, Reader, Signer
from tamizdat.progress import Progresses
from tamizdat.sighting import Sightings
from tamizdat.theft import Made, Thefts
from tamizdat.translation import Translations
from tamizdat.wire import Root


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledgers:
    """The ledger, by noun."""

    articles: Articles
    drafts: Drafts
    progresses: Progresses
    translations: Translations
    editions: Editions
    pool: Pool
    facts: Facts
    withdrawals: Withdrawals
    sightings: Sightings
    incidents: Incidents
    turns: Turns
    people: People
    deeds: Deeds
    made: Made
    thefts: Thefts
    groups: Groups
    hint_files: HintFiles
    letters: Letters


class Texts(Protocol):
    """What reading a text takes: a newsroom, or a glance at one."""

    @property
    def ledgers(self) -> Ledgers:
        """The ledger, by noun."""
        ...

    @property
    def blobs(self) -> Blobs:
        """Files by hash."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What can be looked at in a newsroom while another program works there. It has no keys."""

    ledgers: Ledgers
    blobs: Blobs
    mirrors: Sequence[Mirror]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The roots, oldest first, as they were signed; and who signs in which role.

    `held` are the keys of role release that sign here; `lacking` is how many signatures of that
    role must come from people elsewhere.
    """

    roots: tuple[Sealed, ...]
    root: Root
    root_id: str
    words: str
    release: Signer
    timestamp: Signer
    mirrors: Signer
    held: frozenset[str] = frozenset()
    lacking: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A mirror with the way its owner and the way a stranger reaches it."""

    mirror: Mirror
    backend: Backend
    reader: Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """Everything that the river needs.

    `writing` is held while blobs are written that the ledger does not name yet, and while a sweep
    deletes what it does not name; `turning` while it is decided what becomes of the pool and of
    incidents, and that is recorded. `closing` closes drafts before they lie on a disk. Whoever
    writes to a mirror has it from `holding`, as others may on a ledger that several programs use.
    """

    folder: Path
    config: Config
    ledgers: Ledgers
    blobs: Blobs
    clock: Clock
    keys: Keys
    outlets: Mapping[MirrorId, Outlet]
    scrub: Callable[[], Awaitable[None]]
    salt: bytes
    closing: Closing = OPEN
    holding: Holding = FREE
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    turning: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def mirrors(self) -> Sequence[Mirror]:
        """The pool."""
        return [outlet.mirror for outlet in self.outlets.values()]

    def in_states(self, states: Mapping[MirrorId, MirrorState]) -> "Newsroom":
        """The same newsroom with its mirrors in these states, those that are not named as before.

        Backends, readers and locks stay the same ones.
        """
        outlets = {
            name: replace(one, mirror=replace(one.mirror, state=states.get(name, one.mirror.state)))
            for name, one in self.outlets.items()
        }
        return replace(self, outlets=outlets)

    async def as_it_stands(self) -> "Newsroom":
        """The same newsroom with its mirrors in the states that the ledger knows now."""
        return self.in_states(await self.ledgers.pool.states())

    @property
    def paper(self) -> Paper:
        """What stands on every page; its languages are those of the config."""
        return paper_of(self.config, self.keys.root.channel)


def paper_of(config: Config, channel: str) -> Paper:
    """What stands on every page of a newsroom with this config and channel."""
    part = config.newsroom
    return Paper(
        name=part.name,
        languages=part.languages,
        exit=part.exit,
        mail=part.mail,
        onion=part.onion,
        messenger=part.messenger,
        channel=channel,
    )
