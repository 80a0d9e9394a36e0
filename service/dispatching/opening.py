"""Opening what several programs share: the queue of jobs, and a newsroom as a worker sees it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from mirror.readers import Stranger
from mirror.settings import MirrorSettings
from service.clock import SystemClock
from service.config import Config
from service.dispatching.hands import Hands
from service.dispatching.pen import keys_without_pen
from service.newsroom import Newsroom
from service.wiring import ROOT, SALT, beside, ledgers_of, open_outlet, state_folder
from store.blobs import FolderBlobs
from store.holds import Holds
from tamizdat.dispatching import Crew, Dispatcher, Job
from tamizdat.errors import ConfigError, LedgerError


class Queue(Dispatcher, Crew, Protocol):
    """Hands jobs out and does them."""


@asynccontextmanager
async def queue(folder: Path, config: Config, at_once: int = 1) -> AsyncIterator[Queue]:
    """The queue of jobs of a newsroom whose config names workers; ConfigError where it cannot be.

    LedgerError where the database cannot be had.
    """
    try:
        from store.jobs import open_jobs  # noqa: PLC0415 - it needs what the extra brings
    except ImportError as error:
        raise ConfigError(
            'dispatch.kind: "workers" needs Procrastinate: install tamizdat[pg]'
        ) from error
    async with open_jobs(
        state_folder(folder, config),
        at_once=at_once,
        per_minute=config.dispatch.per_minute,
        provider=provider_of(config),
    ) as jobs:
        yield jobs


@asynccontextmanager
async def hands(folder: Path) -> AsyncIterator[tuple[Hands, Holds]]:
    """What a worker does in the newsroom in `folder`, beside whoever else works there."""
    async with AsyncExitStack() as stack:
        config, ledger = await stack.enter_async_context(beside(folder))
        ledgers = ledgers_of(ledger)
        keys = keys_without_pen(folder / config.signing.keys)
        if await ledgers.facts.get(ROOT) != keys.root_id:
            raise LedgerError(
                "the roots in this folder are another newsroom's: copy the right ones"
            )
        holds = Holds(ledger=ledger)
        stack.push_async_callback(holds.close)
        stranger = await stack.enter_async_context(Stranger())
        outlets = [
            await open_outlet(one, folder, stranger, stack, ledgers.facts) for one in config.mirror
        ]
        room = Newsroom(
            folder=folder,
            config=config,
            ledgers=ledgers,
            blobs=FolderBlobs(folder / config.store.blobs),
            clock=SystemClock(),
            keys=keys,
            outlets={one.mirror.id: one for one in outlets},
            scrub=ledger.scrub,
            salt=bytes.fromhex(await ledgers.facts.get(SALT) or ""),
        )
        yield Hands(room=room, holding=holds), holds


def provider_of(config: Config) -> Callable[[Job], str]:
    """Whose machines a job writes to: the host of its mirror's endpoint; nobody's for a folder."""
    hosts = {one.id: _host(one) for one in config.mirror}
    return lambda job: hosts.get(job.ids[0], "") if job.duty.writes else ""


def _host(settings: MirrorSettings) -> str:
    if settings.backend == "folder":
        return ""
    return urlsplit(settings.endpoint or "").hostname or settings.region
