"""Responding: readers' mail is answered as the `[responder]` block of the config says."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.inbox import Limits, receiving
from gateway.responder.limiter import Limiter
from gateway.responder.names import Names
from gateway.responder.outbox import Outbox
from gateway.responder.reception import Reception
from gateway.responder.responder import Lanes, Responder
from gateway.responder.settings import ResponderSettings
from gateway.sender import Post, forward
from mirror.distributor.asker import by_mail
from mirror.distributor.season import day_of
from mirror.settings import to_mirror
from service.clock import SystemClock
from service.config import Config
from service.door import door
from service.handing.master import master_of
from service.handing.settings import channel_of
from service.newsroom import Glance
from service.post.answer_keys import read_pairs
from service.post.group_lane import GroupLane
from service.post.lanes import SlowLane
from service.post.shelf import EditionShelf
from service.wiring import SALT, beside, ledgers_of
from store.blobs import FolderBlobs
from store.facts import SqlFacts
from store.lock import Lock
from tamizdat.errors import ConfigError, TamizdatError
from tamizdat.handout import Handout
from tamizdat.placement import Mirror

LOCK = "state/responder.lock"
"""Held by the one program that answers: two would answer twice as often."""

MAIL_BYTES = 1024 * 1024
"""The longest mail that comes in; most of those that long are dropped unread."""

KEYS_SECONDS = 60.0
"""How often the folder of keys is looked into."""

LAST_SECONDS = 5.0
"""How long answers that wait may take to leave when we stop."""

_WORDS = b"tamizdat hand-out 1"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Where mail comes in, and what became of it so far."""

    address: str
    port: int
    responder: Responder


@asynccontextmanager
async def responding(folder: Path, handout: Handout | None = None) -> AsyncIterator[Answering]:
    """Answer readers' mail until the block ends.

    It has its own lock and its own way to the ledger, so any other work may go on beside it.
    `handout` chooses mirrors instead of what the config says. ConfigError where `[responder]` is
    missing or wrong; LedgerError where another program answers already.
    """
    async with beside(folder) as (config, ledger):
        settings = responder_of(config)
        with Lock(folder / LOCK):
            mirrors = [to_mirror(one, folder) for one in config.mirror]
            blobs = FolderBlobs(folder / config.store.blobs)
            glance = Glance(ledgers=ledgers_of(ledger), blobs=blobs, mirrors=mirrors)
            groups = await _groups_of(folder, config, settings, glance)
            salt = bytes.fromhex(await SqlFacts(ledger).get(SALT) or "")
            responder = await _introduced(folder, config, settings, glance, handout or groups, salt)
            limits = Limits(letter_bytes=MAIL_BYTES)
            bound = await asyncio.to_thread(door, "responder.smtp", settings.smtp)
            taken = Reception(address=settings.address, take=responder.take)
            async with asyncio.TaskGroup() as group:
                parts = [
                    group.create_task(responder.outbox.run()),
                    group.create_task(_tend(responder, folder / settings.keys, groups)),
                ]
                async with receiving(taken, limits, bound, name=settings.domain) as port:
                    yield Answering(address=settings.address, port=port, responder=responder)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LAST_SECONDS):
                        await responder.outbox.emptied()
                for one in parts:
                    one.cancel()
                await _settle(groups)


def responder_of(config: Config) -> ResponderSettings:
    """The `[responder]` block; ConfigError where there is none."""
    if config.responder is None:
        raise ConfigError(
            'responder: the config has no [responder] block: add one with `address = "YOU@DOMAIN"` '
            "(docs/operating.md)"
        )
    return config.responder


async def _groups_of(
    folder: Path, config: Config, settings: ResponderSettings, glance: Glance
) -> GroupLane | None:
    """The groups that the config names for readers who write; None where it names none."""
    if settings.channel is None:
        return None
    channel = channel_of(config.channel, settings.channel)
    planted = bool(await glance.ledgers.groups.all())
    return GroupLane(
        channel=channel,
        master=await master_of(folder / config.signing.keys, planted=planted),
        groups=glance.ledgers.groups,
        pool=lambda: _pool(glance),
        public=SlowLane(pool=lambda: _pool(glance)),
    )


async def _introduced(
    folder: Path,
    config: Config,
    settings: ResponderSettings,
    glance: Glance,
    handout: Handout | None,
    salt: bytes,
) -> Responder:
    clock = SystemClock()
    public = SlowLane(pool=lambda: _pool(glance))
    post = Post(
        host=settings.host,
        port=settings.port,
        tls=settings.tls,
        to="",
        sender="",  # an answer that cannot be delivered comes back to nobody
        max_bytes=2 * settings.most_kilobytes * 1000 + MAIL_BYTES,
    )
    return Responder(
        settings=settings,
        shelf=EditionShelf(texts_of=glance, clock=clock, wanted=config.newsroom.languages),
        lanes=Lanes(handout=handout or public, public=public),
        names=await asyncio.to_thread(Names, settings.resolver),
        pairs=await asyncio.to_thread(read_pairs, folder / settings.keys),
        limiter=Limiter(settings.limits),
        outbox=Outbox(
            lambda batch: forward(post, batch),
            most=settings.queue,
            per_second=settings.per_second,
        ),
        clock=clock,
        asker_of=by_mail,
        key=hashlib.blake2b(_WORDS, key=salt).digest(),
    )


async def _pool(glance: Glance) -> Sequence[Mirror]:
    states = await glance.ledgers.pool.states()
    return [replace(one, state=states.get(one.id, one.state)) for one in glance.mirrors]


async def _settle(groups: GroupLane | None) -> None:
    """Write down how many learnt of a group's mirror; the next turn does where this cannot."""
    if groups is None:
        return
    try:
        await groups.settle(day_of(SystemClock().now()))
    except TamizdatError as error:
        log.warning("hand-outs are not counted yet", extra={"why": str(error)})


async def _tend(responder: Responder, keys: Path, groups: GroupLane | None) -> None:
    """Take up keys that were made, forget those that were given away, and count hand-outs."""
    while True:
        await asyncio.sleep(KEYS_SECONDS)
        await _settle(groups)
        try:
            responder.pairs = await asyncio.to_thread(read_pairs, keys)
        except TamizdatError as error:
            log.warning("the old keys sign on", extra={"why": str(error)})
