"""Wiring: introduce the rooms to each other, and open a newsroom for work."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from mirror.opening import Beside, open_backend, open_reader
from mirror.readers import Stranger
from mirror.settings import MirrorSettings, to_mirror
from service.clock import SystemClock
from service.closing import blobs_of, close_texts, closing_of
from service.config import Config, load
from service.garbage import seldom
from service.keys.keychain import open_keys
from service.newsroom import Glance, Keys, Ledgers, Newsroom, Outlet
from store.articles import SqlArticles
from store.deeds import SqlDeeds
from store.drafts import SqlDrafts
from store.editions import SqlEditions
from store.engine import Ledger, open_ledger
from store.facts import SqlFacts
from store.groups import SqlGroups
from store.hint_files import SqlHintFiles
from store.holds import Holds
from store.incidents import SqlIncidents
from store.letters import SqlLetters
from store.lock import Lock
from store.made import SqlMade
from store.people import SqlPeople
from store.pool import SqlPool
from store.progresses import SqlProgresses
from store.sightings import SqlSightings
from store.thefts import SqlThefts
from store.translations import SqlTranslations
from store.turns import SqlTurns
from store.withdrawals import SqlWithdrawals
from tamizdat.closing import OPEN, Closing
from tamizdat.errors import LedgerError
from tamizdat.ledgers import Facts
from tamizdat.placement import MirrorId

SALT = "salt"
ROOT = "root id"


def state_folder(folder: Path, config: Config) -> str:
    """The ledger's address with its path made absolute; its folder is made where it is missing."""
    scheme, _, path = config.store.ledger.partition(":")
    if scheme != "sqlite":
        return config.store.ledger
    where = (folder / path).absolute()
    _make(where.parent)
    return f"sqlite:{where}"


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Newsroom]:
    """The newsroom in `folder`, locked against a second program until the block ends."""
    config = load(folder)
    async with AsyncExitStack() as stack:
        address = state_folder(folder, config)
        for lock in _locks(folder, address):
            stack.enter_context(Lock(lock))
        ledger = await open_ledger(address)
        stack.push_async_callback(ledger.close)
        holds = Holds(ledger=ledger)
        stack.push_async_callback(holds.close)
        salt = await salt_of(ledger)
        closing = await asyncio.to_thread(closing_of, folder, config, salt)
        ledgers = ledgers_of(ledger, closing)
        blobs = blobs_of(folder, config, closing)
        keys = await open_keys(folder / config.signing.keys, stack)
        await _same_root(ledgers, keys)
        stranger = await stack.enter_async_context(Stranger())
        room = Newsroom(
            folder=folder,
            config=config,
            ledgers=ledgers,
            blobs=blobs,
            clock=SystemClock(),
            keys=keys,
            outlets=await _outlets(folder, config, stranger, stack, ledgers.facts),
            scrub=ledger.scrub,
            salt=salt,
            closing=closing,
            holding=holds,
        )
        if closing is not OPEN:
            await close_texts(room, blobs)
        seldom()
        yield await room.as_it_stands()


@asynccontextmanager
async def locked(folder: Path) -> AsyncIterator[Config]:
    """The config of a newsroom in which no other program works until the block ends."""
    config = load(folder)
    with ExitStack() as stack:
        for lock in _locks(folder, state_folder(folder, config)):
            stack.enter_context(Lock(lock))
        yield config


@asynccontextmanager
async def beside(folder: Path) -> AsyncIterator[tuple[Config, Ledger]]:
    """The config and ledger of a newsroom in which another program may be working.

    For verbs of one short transaction that may run while `tamizdat serve` does.
    """
    config = load(folder)
    ledger = await open_ledger(state_folder(folder, config))
    try:
        await salt_of(ledger)
        yield config, ledger
    finally:
        await ledger.close()


@asynccontextmanager
async def glanced(folder: Path) -> AsyncIterator[Glance]:
    """A look into a newsroom in which another program may be working; for verbs that only read."""
    async with beside(folder) as (config, ledger):
        closing = await asyncio.to_thread(closing_of, folder, config, await salt_of(ledger))
        ledgers = ledgers_of(ledger, closing)
        states = await ledgers.pool.states()
        mirrors = [to_mirror(one, folder) for one in config.mirror]
        yield Glance(
            ledgers=ledgers,
            blobs=blobs_of(folder, config, closing),
            mirrors=[replace(one, state=states.get(one.id, one.state)) for one in mirrors],
        )


async def deeds_of(folder: Path, config: Config, ledger: Ledger) -> SqlDeeds:
    """The log of deeds in a ledger that is open beside another program."""
    closing = await asyncio.to_thread(closing_of, folder, config, await salt_of(ledger))
    return SqlDeeds(ledger, closing)


async def salt_of(ledger: Ledger) -> bytes:
    """The key of all that is hidden in this newsroom."""
    salt = await SqlFacts(ledger).get(SALT)
    if salt is None:
        raise LedgerError(f"{ledger.where}: was not made by `tamizdat init`")
    return bytes.fromhex(salt)


async def _same_root(ledgers: Ledgers, keys: Keys) -> None:
    """LedgerError where the keys are another newsroom's: an edition of theirs ruins mirrors."""
    known = await ledgers.facts.get(ROOT)
    if known is None:
        await ledgers.facts.set(ROOT, keys.root_id)
    elif known != keys.root_id:
        raise LedgerError(
            f"the keys are those of root {keys.root_id[:16]}..., this newsroom's is "
            f"{known[:16]}...: put the right keys back"
        )


def _locks(folder: Path, address: str) -> Sequence[Path]:
    """What is locked: the folder, and a SQLite ledger, which two folders' configs may name."""
    _make(folder / "state")
    here = folder / "state" / "lock"
    scheme, _, path = address.partition(":")
    return (here, Path(f"{Path(path).resolve()}.lock")) if scheme == "sqlite" else (here,)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise LedgerError(f"{folder} cannot be made: {error.strerror}") from error


def ledgers_of(ledger: Ledger, closing: Closing = OPEN) -> Ledgers:
    """All ports of the ledger."""
    return Ledgers(
        articles=SqlArticles(ledger),
        drafts=SqlDrafts(ledger),
        progresses=SqlProgresses(ledger),
        translations=SqlTranslations(ledger),
        editions=SqlEditions(ledger),
        pool=SqlPool(ledger),
        facts=SqlFacts(ledger),
        withdrawals=SqlWithdrawals(ledger),
        sightings=SqlSightings(ledger),
        incidents=SqlIncidents(ledger),
        turns=SqlTurns(ledger),
        people=SqlPeople(ledger),
        deeds=SqlDeeds(ledger, closing),
        made=SqlMade(ledger),
        thefts=SqlThefts(ledger),
        groups=SqlGroups(ledger),
        hint_files=SqlHintFiles(ledger),
        letters=SqlLetters(ledger),
    )


async def _outlets(
    folder: Path, config: Config, stranger: Stranger, stack: AsyncExitStack, facts: Facts
) -> Mapping[MirrorId, Outlet]:
    outlets = [await open_outlet(one, folder, stranger, stack, facts) for one in config.mirror]
    return {one.mirror.id: one for one in outlets}


async def open_outlet(
    settings: MirrorSettings,
    folder: Path,
    stranger: Stranger,
    stack: AsyncExitStack,
    facts: Facts | None = None,
) -> Outlet:
    """A mirror with its backend and reader, until `stack` closes."""
    mirror = to_mirror(settings, folder)
    beside = Beside(stranger=stranger, facts=facts, clock=SystemClock()) if facts else None
    backend = open_backend(settings, folder, beside)
    stack.push_async_callback(backend.close)
    return Outlet(mirror=mirror, backend=backend, reader=open_reader(mirror, stranger))
