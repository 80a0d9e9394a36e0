"""Posting: our own email-to-feed gateway, hosted as the `[post]` block of the config says."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import (
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from feeds.cleaner import clean
from gateway.hosting import PostSettings, host_and_port
from gateway.inbox import Inbox, Limits, Store, receiving
from gateway.postmaster import sweep
from gateway.reading import Readings, serving
from service.clock import SystemClock
from service.config import Config
from service.door import door
from service.post.certified import certified
from service.wiring import beside
from store.articles import SqlArticles
from store.blobs import FolderBlobs
from store.engine import Ledger
from store.lock import Lock
from store.mailboxes import SqlMailboxes
from tamizdat.article import urn
from tamizdat.errors import ConfigError, LedgerError

POST = "state/post"
"""The folder, in the newsroom's, where letters that came in lie."""

LOCK = "state/post.lock"
"""Held by the one program that takes letters in."""

CHANGING = "state/post.changing"
"""Held for a moment by whoever opens a mailbox or deletes what no mailbox needs."""

OWED = "state/post.owed"
"""Lies there where something was deleted while another program takes letters in: it sweeps."""

TEND_SECONDS = 2
"""How often the host looks for what was withdrawn, and whether it owes a sweep."""

PATIENCE, PAUSE = 30, 0.1
"""Seconds that we wait for a lock which is held for a moment, and between two tries."""

HOST_PATIENCE = 2

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """Where letters come in and feeds go out: the ports taken, and the address readers use."""

    domain: str
    smtp: int
    http: int
    base: str


@asynccontextmanager
async def hosted(folder: Path) -> AsyncIterator[Hosted]:
    """Take letters in and show feeds until the block ends.

    It has its own lock and its own way to the ledger, so any other work may go on beside it.
    ConfigError where `[post]` is missing or cannot be listened at; LedgerError where another
    program takes letters in already.
    """
    async with AsyncExitStack() as stack:
        config, ledger = await stack.enter_async_context(beside(folder))
        post = post_of(config)
        stack.enter_context(await _locked(folder, LOCK, HOST_PATIENCE))
        store = store_of(folder, ledger)
        await _sweep(folder, store)
        stack.push_async_callback(_last, folder, store)
        found = await _listening(post, folder, store, stack)
        tending = await stack.enter_async_context(asyncio.TaskGroup())
        stack.callback(tending.create_task(_tend(folder, ledger, store)).cancel)
        yield found


def post_of(config: Config) -> PostSettings:
    """The `[post]` block; ConfigError where there is none."""
    if config.post is None:
        raise ConfigError(
            'post: the config has no [post] block: add one with `domain = "YOUR.DOMAIN"` '
            "(docs/operating.md)"
        )
    return config.post


def store_of(folder: Path, ledger: Ledger) -> Store:
    """Where letters that came in are kept."""
    return Store(
        mailboxes=SqlMailboxes(ledger),
        blobs=FolderBlobs(folder / POST),
        clock=SystemClock(),
        clean=clean,
    )


def base_of(post: PostSettings, port: int) -> str:
    """The address under which readers find feeds, `/` last; `port` is the one taken."""
    if post.base:
        return post.base
    host, _ = host_and_port(post.http)
    if near(host) != host or not port:
        raise ConfigError(f"post.http: {post.http} is no address for readers: set post.base")
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def near(host: str) -> str:
    """How this machine reaches what listens at `host`: an address that stands for all is none."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not address.is_unspecified:
        return host
    return "::1" if address.version == 6 else "127.0.0.1"  # noqa: PLR2004 - of the protocol


@asynccontextmanager
async def changing(folder: Path) -> AsyncIterator[None]:
    """Alone, among all programs, in laying down or deleting bytes that no mailbox names."""
    with await _locked(folder, CHANGING, PATIENCE):
        yield


async def forget_withdrawn(folder: Path, ledger: Ledger) -> None:
    """Take what we withdrew out of every mailbox, and its bytes from the disk.

    The host does so by itself; this is for when none runs.
    """
    urns = await _withdrawn(ledger)
    if urns and await SqlMailboxes(ledger).withdraw(urns):
        await tidy(folder, store_of(folder, ledger))


async def tidy(folder: Path, store: Store) -> None:
    """Delete the bytes that no mailbox needs: here, or by the program that takes letters in."""
    with ExitStack() as stack:
        try:
            stack.enter_context(Lock(folder / LOCK))
        except LedgerError:
            with _explained(folder / OWED):
                await asyncio.to_thread((folder / OWED).touch, 0o600)
            return
        await _sweep(folder, store)


async def _locked(folder: Path, name: str, patience: float) -> ExitStack:
    """A lock, taken as soon as whoever holds it for a moment lets go."""
    (folder / "state").mkdir(parents=True, exist_ok=True, mode=0o700)
    stack = ExitStack()
    for left in reversed(range(int(patience / PAUSE))):
        try:
            stack.enter_context(Lock(folder / name))
        except LedgerError:
            if not left:
                raise
            await asyncio.sleep(PAUSE)
        else:
            break
    return stack


async def _listening(
    post: PostSettings, folder: Path, store: Store, stack: AsyncExitStack
) -> Hosted:
    base_of(post, 1)  # what cannot be said is refused before a door opens
    limits, readings = Limits(), Readings("", store)
    tls = await asyncio.to_thread(certified, post, folder, "post")
    feeds = stack.enter_context(await asyncio.to_thread(door, "post.http", post.http))
    http = await stack.enter_async_context(serving(readings, feeds))
    readings.base = base_of(post, http)
    letters = receiving(
        Inbox(post.domain, store, limits),
        limits,
        stack.enter_context(await asyncio.to_thread(door, "post.smtp", post.smtp)),
        name=post.domain,
        tls=tls,
    )
    smtp = await stack.enter_async_context(letters)
    return Hosted(domain=post.domain, smtp=smtp, http=http, base=readings.base)


async def _tend(folder: Path, ledger: Ledger, store: Store) -> None:
    """Forget what is withdrawn, also where it comes in late, and sweep where it is owed."""
    known: object = None
    owes = False
    while True:
        with _put_off():
            urns = await _withdrawn(ledger)
            counts = [(one.number, one.count) for one in await store.mailboxes.all()]
            if urns and known != (urns, counts) and await store.mailboxes.withdraw(urns):
                owes = True  # also where the sweep fails, and cannot write down that it did
            known = (urns, counts)
            if owes:
                await _sweep(folder, store)
                owes = False
            await _settle(folder, store)
        await asyncio.sleep(TEND_SECONDS)


async def _last(folder: Path, store: Store) -> None:
    with _put_off():
        await _settle(folder, store)


@contextmanager
def _put_off() -> Iterator[None]:
    try:
        yield
    except LedgerError as error:
        log.warning("the post is tidied later", extra={"why": str(error)})


async def _withdrawn(ledger: Ledger) -> Sequence[str]:
    return sorted(urn(record.id) for record in await SqlArticles(ledger).withdrawn())


async def _settle(folder: Path, store: Store) -> None:
    """Sweep where it is owed."""
    if await asyncio.to_thread((folder / OWED).exists):
        await _sweep(folder, store)


async def _sweep(folder: Path, store: Store) -> None:
    owed = folder / OWED
    async with changing(folder):
        with _explained(owed):
            await asyncio.to_thread(owed.unlink, missing_ok=True)
            try:
                await sweep(store)
            except LedgerError:
                await asyncio.to_thread(owed.touch, 0o600)
                raise


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """An OSError about `path` leaves as a LedgerError: a full disk must not end the host."""
    try:
        yield
    except OSError as error:
        raise LedgerError(f"{path}: {error.strerror}: check the disk") from error
