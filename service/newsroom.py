"""A newsroom: one folder with its config, ledger, blobs and keys, opened for work."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from feeds.paper import Paper
from service.config import Config
from tamizdat.edition import Sealed
from tamizdat.incident import Incidents, Turns
from tamizdat.ledgers import Articles, Drafts, Editions, Facts, Pool, Withdrawals
from tamizdat.people import People
from tamizdat.placement import Mirror, MirrorId
from tamizdat.ports import Backend, Blobs, Clock, Reader, Signer
from tamizdat.sighting import Sightings
from tamizdat.wire import Root


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledgers:
    """The ledger, by noun."""

    articles: Articles
    drafts: Drafts
    editions: Editions
    pool: Pool
    facts: Facts
    withdrawals: Withdrawals
    sightings: Sightings
    incidents: Incidents
    turns: Turns
    people: People


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The roots, oldest first, as they were signed; and who signs in which role."""

    roots: tuple[Sealed, ...]
    root: Root
    root_id: str
    words: str
    release: Signer
    timestamp: Signer
    mirrors: Signer


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
    deletes what it does not name.
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
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def paper(self) -> Paper:
        """What stands on every page; its languages are those of the config."""
        part = self.config.newsroom
        return Paper(
            name=part.name,
            languages=part.languages,
            exit=part.exit,
            mail=part.mail,
            onion=part.onion,
            messenger=part.messenger,
            channel=self.keys.root.channel,
        )
