"""Mailing: letters of what is published go to every gateway of the config."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from gateway.letter import Sender
from gateway.mailer import Mailer
from gateway.mailing import Issuer, Standing, Target, enqueue, send_all, status
from gateway.opening import open_gateway
from gateway.rounds import Desk, Rounds
from gateway.settings import GatewaySettings
from gateway.watched import Tell, WatchedLetters
from service.gathering import RUN_DAYS, RUN_MOST
from service.newsroom import Newsroom
from service.post.posting import forget_withdrawn
from service.post.slip_gate import NewestGate
from service.wiring import state_folder
from store.blobs import FolderBlobs
from store.engine import Ledger, open_ledger
from store.letters import SqlLetters
from tamizdat.article import Article, ArticleId, decode
from tamizdat.ledgers import Record
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
    gate: NewestGate
    ledger: Ledger

    def mailer(self) -> Mailer:
        """What keeps letters going while a program runs; wake it when something was published."""
        return Mailer(self.rounds, self.desk, self.queue)

    async def queue(self) -> int:
        """Queue what is published and was never queued, forget what was withdrawn."""
        self.gate.renew(await _withdrawals(self.room))
        await self._forget_withdrawn()
        if self.room.keys.lacking:
            return 0  # a slip that one person signed proves nothing where several must
        targets = _targets(await self.room.as_it_stands())
        return await enqueue(self.desk, _issuer(self.room), targets, await self._articles())

    async def send(self, patience: timedelta) -> Sequence[Standing]:
        """Queue what is to be queued, send what is due, tell how all stands."""
        await self.queue()
        await send_all(self.rounds, self.desk, patience=patience)
        return await self.standing()

    async def standing(self) -> Sequence[Standing]:
        """How the letters stand, by gateway."""
        return await status(self.desk, [one.name for one in self.room.config.gateway])

    async def _articles(self) -> Sequence[Article]:
        """What was published within the current run and a gateway lacks, oldest first."""
        start = self.room.clock.now() - timedelta(days=RUN_DAYS)
        articles = self.room.ledgers.articles
        found: list[Article] = []
        for language in sorted({language for language, _ in await articles.lengths()}):
            recent = await articles.since(language, start, RUN_MOST)
            for record in await self._lacking([one for one in recent if one.page]):
                if record.text:
                    body = await asyncio.to_thread(self.room.blobs.read, record.text)
                    found.append(decode(body))
        return sorted(found, key=lambda one: (one.published, one.id))

    async def _lacking(self, records: Sequence[Record]) -> Sequence[Record]:
        """Those that some gateway wants and has no letter of."""
        lacking: set[tuple[ArticleId, int]] = set()
        for gateway in self.room.config.gateway:
            wanted = [one for one in records if gateway.language in {None, one.language}]
            letters = await self.desk.letters.of(gateway.name, [one.id for one in wanted])
            lacking |= {(one.id, one.revision) for one in wanted}.difference(
                (one.article, one.revision) for one in letters
            )
        return [one for one in records if (one.id, one.revision) in lacking]

    async def _forget_withdrawn(self) -> None:
        await forget_withdrawn(self.room.folder, self.ledger)
        gone = [record.id for record in await self.room.ledgers.articles.withdrawn()]
        await self.desk.letters.forget(gone)


@asynccontextmanager
async def opened_mail(room: Newsroom, tell: Tell | None = None) -> AsyncIterator[MailRoom]:
    """The mail room of `room`, until the block ends; `tell` hears of each letter's new state."""
    ledger = await open_ledger(state_folder(room.folder, room.config))
    session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)
    try:
        letters = WatchedLetters(SqlLetters(ledger), room.clock, tell)
        gate = NewestGate(room.keys.root)
        gate.renew(await _withdrawals(room))
        desk = Desk(
            letters=letters,
            blobs=FolderBlobs(room.folder / LETTERS),
            clock=room.clock,
            gate=gate,
        )
        rounds = [
            Rounds(
                one.name,
                open_gateway(one, room.folder, session, wanted=letters.wanted),
                one.policy,
                desk,
            )
            for one in room.config.gateway
        ]
        yield MailRoom(room=room, desk=desk, rounds=rounds, gate=gate, ledger=ledger)
    finally:
        await session.close()
        await ledger.close()


async def _withdrawals(room: Newsroom) -> Withdrawn | None:
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
