"""Letters while a program runs: at once, each once, and nobody waits for a gateway that hangs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from gateway.mailer import LONGEST_REST, Mailer, rest
from gateway.mailing import status
from gateway.opening import open_gateway
from gateway.plan import Policy, begun
from gateway.rounds import Desk, Rounds, letter_of
from service.clock import SystemClock
from store.blobs import MemoryBlobs
from store.engine import Ledger, open_ledger
from store.letters import SqlLetters
from tamizdat.errors import LedgerError
from tamizdat.letter import FeedPage, GatewayId, Handed, Letter, LetterState, Posting, Reply
from tamizdat.ports import Gateway
from tests.integration.test_gateway_faults import (
    EACH_HOUR,
    FAULTS,
    LETTERS,
    NAME,
    settings,
    worst_hour,
)
from tests.kit.mailing import Ear, queueing, running, turning, watched
from tests.kit.office import HOST, Office, office
from tests.kit.post import TurnedClock, articles, desk, gate
from tests.kit.rival import READS, Faults, Rival
from tests.unit.signing.paper import Newsroom

QUEUED, SENT, VERIFIED = LetterState.QUEUED, LetterState.SENT, LetterState.VERIFIED
FAST = {"reads_per_hour": 1800, "letters_per_second": 20}


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = await open_ledger(f"sqlite:{tmp_path / 'ledger.db'}")
    yield opened
    await opened.close()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as opened:
        yield opened


def now_desk(ledger: Ledger, room: Newsroom) -> Desk:
    """A desk by the clock on the wall."""
    return Desk(
        letters=SqlLetters(ledger), blobs=MemoryBlobs(), clock=SystemClock(), gate=gate(room)
    )


def rounds_to(
    folder: Path, host: Rival | Office, session: aiohttp.ClientSession, work: Desk, **other: object
) -> Rounds:
    told = settings(folder, host, **other)
    return Rounds(NAME, open_gateway(told, folder, session), told.policy, work)


@pytest.mark.timeout(180)
async def test_a_rival_gets_each_of_two_hundred_letters_once_within_its_budget(
    tmp_path: Path, ledger: Ledger, session: aiohttp.ClientSession
) -> None:
    clock, room, ear = TurnedClock(), Newsroom(), Ear(LETTERS)
    work, _ = watched(desk(ledger, clock, room), ear)
    rival = Rival(clock=clock, faults=FAULTS)

    async with rival.running():
        rounds = rounds_to(tmp_path, rival, session, work, reads_per_hour=EACH_HOUR)
        queue = queueing(work, room, [NAME], articles(LETTERS))
        async with running(Mailer([rounds], work, queue, wait=turning(clock))):
            await ear.all()

    assert [states[-1] for states in ear.of(NAME)] == [VERIFIED] * LETTERS
    assert set(rival.taken.values()) == {1}
    assert len(rival.taken) == LETTERS
    assert rival.refused == 0
    assert worst_hour(rival.reads) <= EACH_HOUR < READS


@pytest.mark.timeout(180)
async def test_our_own_gateway_shows_each_of_two_hundred_letters_once(
    tmp_path: Path, ledger: Ledger, session: aiohttp.ClientSession
) -> None:
    clock, room, ear = TurnedClock(), Newsroom(), Ear(LETTERS)
    work, _ = watched(desk(ledger, clock, room), ear)

    async with office(tmp_path, clock, FAULTS) as own:
        rounds = rounds_to(tmp_path, own, session, work, reads_per_hour=EACH_HOUR)
        queue = queueing(work, room, [NAME], articles(LETTERS))
        async with running(Mailer([rounds], work, queue, wait=turning(clock))):
            await ear.all()
        reads = await work.letters.reads(NAME, clock.at - timedelta(days=1))
        (box,) = await own.store.mailboxes.all()
        kept = await own.store.mailboxes.listed(box.number, 1, box.count)

    assert [states[-1] for states in ear.of(NAME)] == [VERIFIED] * LETTERS
    assert sorted(one.urn for one in kept) == sorted(one.urn for one in articles(LETTERS))
    assert worst_hour(reads) <= EACH_HOUR


async def test_letters_amid_a_kill_arrive_once_and_within_seconds_where_none_is_taken_twice(
    tmp_path: Path, ledger: Ledger, session: aiohttp.ClientSession
) -> None:
    room, ear = Newsroom(), Ear(10)
    work, _ = watched(now_desk(ledger, room), ear)
    queue = queueing(work, room, [NAME], articles(10))

    async with office(tmp_path, SystemClock()) as own:
        told = settings(tmp_path, own)
        await queue()
        under_way = [begun(one, work.clock.now()) for one in await work.letters.open(NAME)]
        await work.letters.update(under_way)
        letters = [letter_of(one, work.blobs.read(one.sha256)) for one in under_way[:5]]
        answers = await open_gateway(told, tmp_path, session).send(letters)
        # killed here: five left, five did not, and of none is it known
        rounds = rounds_to(tmp_path, own, session, work, **FAST, deduplicates=True)
        async with running(Mailer([rounds], work, queue)), asyncio.timeout(30):
            await ear.all()
        (box,) = await own.store.mailboxes.all()
        kept = await own.store.mailboxes.listed(box.number, 1, box.count)

    assert {one.reply for one in answers} == {Reply.TAKEN}
    assert [states[-1] for states in ear.of(NAME)] == [VERIFIED] * 10
    assert sorted(one.urn for one in kept) == sorted(one.urn for one in articles(10))
    assert len(own.arrivals) == 10


async def test_each_state_is_told_once_in_order_and_bytes_are_cleaned_up(
    tmp_path: Path, ledger: Ledger, session: aiohttp.ClientSession
) -> None:
    room, ear = Newsroom(), Ear(3)
    work, _ = watched(now_desk(ledger, room), ear)
    cleaned = asyncio.Event()
    blobs = _Telling(cleaned)
    work = replace(work, blobs=blobs)

    async with office(tmp_path, SystemClock()) as own:
        mailer = Mailer(
            [rounds_to(tmp_path, own, session, work, **FAST)],
            work,
            queueing(work, room, [NAME], articles(3)),
        )
        async with running(mailer), asyncio.timeout(30):
            await ear.all()
            await cleaned.wait()

    assert ear.of(NAME) == [[QUEUED, SENT, VERIFIED]] * 3
    assert ear.times == sorted(ear.times)
    assert blobs.bodies == {}


class _Telling(MemoryBlobs):
    """Blobs that say when the last of them went."""

    def __init__(self, empty: asyncio.Event) -> None:
        super().__init__()
        self._empty, self._loop = empty, asyncio.get_running_loop()

    def keep_only(self, wanted: object) -> int:
        gone = super().keep_only(wanted)  # type: ignore[arg-type]
        if gone and not self.bodies:
            self._loop.call_soon_threadsafe(self._empty.set)
        return gone


async def test_a_gateway_that_hangs_holds_up_no_other_and_no_end(
    tmp_path: Path, ledger: Ledger, session: aiohttp.ClientSession
) -> None:
    room, ear, came = Newsroom(), Ear(5), asyncio.Event()
    work, _ = watched(now_desk(ledger, room), ear)

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        await reader.read()
        writer.close()

    mute_server = await asyncio.start_server(mute, HOST, 0)
    async with mute_server, office(tmp_path, SystemClock()) as own:
        hung = settings(tmp_path, own, port=mute_server.sockets[0].getsockname()[1], id="hung")
        gateway = open_gateway(hung, tmp_path, session)
        rounds = [
            Rounds(hung.name, gateway, hung.policy, work),
            rounds_to(tmp_path, own, session, work, **FAST),
        ]
        queue = queueing(work, room, ["hung", NAME], articles(5))
        async with running(Mailer(rounds, work, queue)), asyncio.timeout(30):
            await came.wait()
            await ear.all()
            began = asyncio.get_running_loop().time()
        ended = asyncio.get_running_loop().time() - began

    assert ear.of(NAME) == [[QUEUED, SENT, VERIFIED]] * 5
    assert ear.of("hung") == [[QUEUED, SENT]] * 5
    assert ended < 1


async def test_a_new_program_goes_on_with_letters_under_way_and_sends_none_twice(
    tmp_path: Path, ledger: Ledger, session: aiohttp.ClientSession
) -> None:
    clock, room, first, second = TurnedClock(), Newsroom(), Ear(99), Ear(10)
    bare, sent = desk(ledger, clock, room), asyncio.Event()

    async def until_sent(event: asyncio.Event, _: float) -> None:
        sent.set()
        await event.wait()

    async with office(tmp_path, clock) as own:
        work, _ = watched(bare, first)
        rounds = rounds_to(tmp_path, own, session, work)
        queue = queueing(work, room, [NAME], articles(10))
        async with running(Mailer([rounds], work, queue, wait=until_sent)):
            await asyncio.wait_for(sent.wait(), 30)
        clock.at += timedelta(seconds=5)
        work, _ = watched(bare, second)
        rounds = rounds_to(tmp_path, own, session, work)
        queue = queueing(work, room, [NAME], articles(10))
        async with running(Mailer([rounds], work, queue, wait=turning(clock))):
            await second.all()

    assert first.of(NAME) == [[QUEUED, SENT]] * 10
    assert second.of(NAME) == [[VERIFIED]] * 10
    assert len(own.arrivals) == len(set(own.arrivals)) == 10


async def test_what_is_published_later_goes_as_soon_as_the_mailer_is_woken(
    tmp_path: Path, ledger: Ledger, session: aiohttp.ClientSession
) -> None:
    room, ear, texts = Newsroom(), Ear(1), [*articles(1)]
    work, _ = watched(now_desk(ledger, room), ear)

    async with office(tmp_path, SystemClock()) as own:
        mailer = Mailer(
            [rounds_to(tmp_path, own, session, work, **FAST)],
            work,
            queueing(work, room, [NAME], texts),
        )
        async with running(mailer):
            await ear.all()
            ear.done.clear()
            ear.enough = 2
            texts.extend(articles(2)[1:])
            began = asyncio.get_running_loop().time()
            mailer.wake()
            await ear.all()
            took = asyncio.get_running_loop().time() - began

    assert ear.of(NAME) == [[QUEUED, SENT, VERIFIED]] * 2
    assert took < 10


@dataclass
class Held:
    """A gateway in memory that holds letters back until it is told to go on."""

    taken: list[Letter] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, letters: Sequence[Letter]) -> Sequence[Handed]:
        self.came.set()
        await self.go_on.wait()
        self.taken.extend(letters)
        return [Handed(reply=Reply.NEVER, detail="550") for _ in letters]

    async def read(self) -> FeedPage | None:
        return None


_: type[Gateway] = Held


async def test_a_withdrawn_article_is_forgotten_also_while_its_letter_is_in_hand(
    ledger: Ledger,
) -> None:
    clock, room, ear, held = TurnedClock(), Newsroom(), Ear(2), Held()
    work, letters = watched(desk(ledger, clock, room), ear)
    texts, forgotten = [*articles(3)], asyncio.Event()
    gone = texts[1]

    async def queue() -> int:
        if gone not in texts:
            await letters.forget([gone.id])
            forgotten.set()
        return await queueing(work, room, [NAME], texts)()

    mailer = Mailer([Rounds(NAME, held, Policy(), work)], work, queue)
    async with running(mailer), asyncio.timeout(30):
        await held.came.wait()
        texts.remove(gone)
        mailer.wake()
        await forgotten.wait()
        held.go_on.set()
        await ear.all()
    left = await work.letters.of(NAME)

    assert [one.article for one in left] == [one.id for one in texts]
    assert ear.heard[NAME, gone.id, 1] == [QUEUED, SENT]
    assert {one.article for one in held.taken if letters.wanted(one)} == {one.id for one in texts}


class Hiccups(SqlLetters):
    """Letters in a ledger that fails at some calls, as one on a busy disk does."""

    def __init__(self, ledger: Ledger, failing: set[int]) -> None:
        super().__init__(ledger)
        self._failing, self._calls = failing, 0

    async def open(self, gateway: GatewayId) -> Sequence[Posting]:
        self._hiccup()
        return await super().open(gateway)

    async def update(self, postings: Sequence[Posting]) -> None:
        self._hiccup()
        await super().update(postings)

    async def queue(self, postings: Sequence[Posting]) -> None:
        self._hiccup()
        await super().queue(postings)

    def _hiccup(self) -> None:
        self._calls += 1
        if self._calls in self._failing:
            raise LedgerError("ledger is locked by another program")


@pytest.mark.parametrize("failing", [{1, 2, 3}, {4}, {5}, {6}, {7}, {8}, set(range(2, 30, 3))])
async def test_a_ledger_that_hiccups_loses_no_letter_and_sends_none_twice(
    tmp_path: Path,
    ledger: Ledger,
    session: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
    failing: set[int],
) -> None:
    clock, room, ear = TurnedClock(), Newsroom(), Ear(10)
    shaky = replace(desk(ledger, clock, room), letters=Hiccups(ledger, failing))
    work, _ = watched(shaky, ear)

    async with office(tmp_path, clock) as own:
        rounds = rounds_to(tmp_path, own, session, work)
        queue = queueing(work, room, [NAME], articles(10))
        async with running(Mailer([rounds], work, queue, wait=turning(clock))):
            await ear.all()
        standing = (await status(work, [NAME]))[0]
        (box,) = await own.store.mailboxes.all()

    assert standing.states == {VERIFIED: 10}
    assert box.count == 10
    told = "\n".join(str(one.__dict__) for one in caplog.records)
    assert "locked by another program" in told
    assert not [word for word in (own.write, own.read, "heron.example") if word in told]
    assert not [one for one in caplog.records if one.levelno > logging.WARNING]


async def test_a_bug_is_not_survived(ledger: Ledger) -> None:
    work, _ = watched(desk(ledger, TurnedClock(), Newsroom()), Ear(1))

    async def queue() -> int:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as caught:
        await asyncio.wait_for(Mailer([], work, queue).run(), 10)

    assert isinstance(caught.value.exceptions[0], ZeroDivisionError)


def test_what_fails_is_tried_again_less_and_less_often() -> None:
    assert [rest(n) for n in (1, 2, 3, 9, 99)] == [1, 2, 4, 256, LONGEST_REST]


async def test_letters_lost_on_the_way_are_told_as_lost(
    tmp_path: Path, ledger: Ledger, session: aiohttp.ClientSession
) -> None:
    clock, room, ear = TurnedClock(), Newsroom(), Ear(4)
    work, _ = watched(desk(ledger, clock, room), ear)
    rival = Rival(clock=clock, faults=Faults(swallowed=set(range(1000))))

    async with rival.running():
        rounds = rounds_to(tmp_path, rival, session, work)
        queue = queueing(work, room, [NAME], articles(4))
        async with running(Mailer([rounds], work, queue, wait=turning(clock))):
            await ear.all()

    assert ear.of(NAME) == [[QUEUED, SENT, LetterState.LOST]] * 4
    assert rival.refused == 0
