"""Mailing: letters of what is published go to every gateway of the config."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from gateway.letter import Sender
from gateway.mailing import Issuer, Standing, Target, enqueue, send_all, status
from gateway.opening import open_gateway
from gateway.rounds import Desk, Rounds
from gateway.settings import GatewaySettings
from service.gathering import RUN_DAYS, RUN_MOST
from service.newsroom import Newsroom
from service.slip_gate import RootGate
from service.wiring import state_folder
from store.blobs import FolderBlobs
from store.engine import open_ledger
from store.letters import SqlLetters
from tamizdat.article import Article, ArticleId, decode
from tamizdat.placement import Exposure, MirrorState
from tamizdat.wire import Withdrawn

LETTERS = "state/letters"
"""The folder, in the newsroom's, where letters under way lie."""

MOST_WAYS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRoom:
    """A newsroom with the desk where its letters are kept and its gateways, opened."""

    room: Newsroom
    desk: Desk
    rounds: Sequence[Rounds]

    async def send(self, patience: timedelta) -> Sequence[Standing]:
        """Queue what is published and was never queued, send what is due, tell how all stands."""
        await self._forget_withdrawn()
        await enqueue(self.desk, _issuer(self.room), _targets(self.room), await self._articles())
        await send_all(self.rounds, self.desk, patience=patience)
        return await self.standing()

    async def standing(self) -> Sequence[Standing]:
        """How the letters stand, by gateway."""
        return await status(self.desk, [one.name for one in self.room.config.gateway])

    async def _articles(self) -> Sequence[Article]:
        """What was published within the current run and is not with every gateway, oldest first."""
        known = await self._known()
        start = self.room.clock.now() - timedelta(days=RUN_DAYS)
        articles = self.room.ledgers.articles
        languages = sorted({language for language, _ in await articles.lengths()})
        found: list[Article] = []
        for language in languages:
            for record in await articles.since(language, start, RUN_MOST):
                placed = record.page is not None and record.text is not None
                if placed and record.text and (record.id, record.revision) not in known:
                    body = await asyncio.to_thread(self.room.blobs.read, record.text)
                    found.append(decode(body))
        return sorted(found, key=lambda one: (one.published, one.id))

    async def _known(self) -> set[tuple[ArticleId, int]]:
        """Articles with a letter to every gateway."""
        each = [
            {(one.article, one.revision) for one in await self.desk.letters.of(gateway.name)}
            for gateway in self.room.config.gateway
        ]
        return set.intersection(*each) if each else set()

    async def _forget_withdrawn(self) -> None:
        gone = {record.id for record in await self.room.ledgers.articles.withdrawn()}
        for gateway in self.room.config.gateway:
            for one in await self.desk.letters.of(gateway.name):
                if one.article in gone:
                    await self.desk.letters.forget(one.article)


@asynccontextmanager
async def opened_mail(room: Newsroom) -> AsyncIterator[MailRoom]:
    """The mail room of `room`, until the block ends."""
    ledger = await open_ledger(state_folder(room.folder, room.config))
    session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)
    try:
        desk = Desk(
            letters=SqlLetters(ledger),
            blobs=FolderBlobs(room.folder / LETTERS),
            clock=room.clock,
            gate=RootGate(root=room.keys.root, withdrawn=await _withdrawn(room)),
        )
        rounds = [
            Rounds(one.name, open_gateway(one, room.folder, session), one.policy, desk)
            for one in room.config.gateway
        ]
        yield MailRoom(room=room, desk=desk, rounds=rounds)
    finally:
        await session.close()
        await ledger.close()


async def _withdrawn(room: Newsroom) -> Withdrawn | None:
    sealed = await room.ledgers.editions.withdrawals()
    return Withdrawn.parse(sealed.body, "withdrawn.json") if sealed else None


def _issuer(room: Newsroom) -> Issuer:
    root = room.keys.root
    return Issuer(signer=room.keys.release, channel=root.channel, root_version=root.version)


def _targets(room: Newsroom) -> Sequence[Target]:
    return [_target(room, one) for one in room.config.gateway]


def _target(room: Newsroom, settings: GatewaySettings) -> Target:
    return Target(
        name=settings.name,
        sender=Sender(name=room.config.newsroom.name, address=settings.sender),
        language=settings.language,
        pictures=settings.pictures,
        ways=_ways(room) if settings.ways else (),
    )


def _ways(room: Newsroom) -> tuple[str, ...]:
    """Addresses that anyone may learn: those of the first public mirrors in use."""
    mirrors = (outlet.mirror for outlet in room.outlets.values())
    return tuple(
        one.base
        for one in mirrors
        if one.base and one.exposure is Exposure.PUBLIC and one.state is MirrorState.ACTIVE
    )[:MOST_WAYS]
