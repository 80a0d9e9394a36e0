"""Two hundred letters in four scripts, to a rival gateway and to our own, while things go wrong."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from gateway.check import check
from gateway.foreign import parse
from gateway.mailing import enqueue, send_all, status
from gateway.opening import open_gateway
from gateway.rounds import Desk, Rounds
from gateway.settings import GatewaySettings
from gateway.words import MAX_CONTENT
from store.engine import Ledger, open_ledger
from tamizdat.article import SafeHtml
from tamizdat.errors import SourceError
from tamizdat.letter import GatewayId, LetterState
from tests.kit.office import Office, office
from tests.kit.post import TurnedClock, article, articles, desk, gate, issuer, target, written
from tests.kit.rival import READS, Faults, Rival
from tests.unit.signing.paper import Newsroom

LETTERS = 200
NAME = GatewayId("rival")
EACH_HOUR = 4
"""Readings an hour that we allow ourselves."""

FAULTS = Faults(
    cut_after={3, 40, 77, 150},
    cut_before={5, 60, 120},
    later={8, 9, 90, 170},
    swallowed={12, 55, 130},
    restart_at={20, 100},
)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = await open_ledger(f"sqlite:{tmp_path / 'ledger.db'}")
    yield opened
    await opened.close()


def settings(folder: Path, host: Rival | Office, **other: object) -> GatewaySettings:
    return GatewaySettings.model_validate(
        {
            "id": NAME,
            "host": "127.0.0.1",
            "port": host.smtp,
            "tls": "none",
            "to": written(folder, "to", host.address),
            "feed": written(folder, "feed", host.feed),
            "sender": "letters@heron.example",
            **other,
        }
    )


async def delivered(
    folder: Path, host: Rival | Office, clock: TurnedClock, desk_: Desk, count: int
) -> None:
    """Queue letters, and let the clock run until none is under way."""
    room = Newsroom()
    told = settings(folder, host, reads_per_hour=EACH_HOUR)
    big = replace(article(3, paragraphs=20), revision=1)
    texts = [big if one.id == big.id else one for one in articles(count)]
    queued = await enqueue(desk_, issuer(room), [target(NAME)], texts)
    assert queued == count
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        rounds = Rounds(NAME, open_gateway(told, folder, session), told.policy, desk_)
        await send_all([rounds], desk_, patience=timedelta(days=9), sleep=clock.sleep)


def worst_hour(reads: Sequence[datetime]) -> int:
    """The most readings within any hour."""
    hour = timedelta(hours=1)
    return max(sum(1 for other in reads if at <= other < at + hour) for at in reads)


@pytest.mark.timeout(120)
async def test_a_rival_with_bad_manners_gets_each_article_once(
    tmp_path: Path, ledger: Ledger
) -> None:
    clock, room = TurnedClock(), Newsroom()
    rival = Rival(clock=clock, faults=replace(FAULTS, too_big=40_000))
    work = desk(ledger, clock, room)

    async with rival.running():
        await delivered(tmp_path, rival, clock, work, LETTERS)
        standing = (await status(work, [NAME]))[0]
        postings = await work.letters.of(NAME)

    assert standing.states == {LetterState.VERIFIED: LETTERS}
    assert set(rival.taken.values()) == {1}
    assert len(rival.taken) == LETTERS
    assert rival.refused == 0
    assert worst_hour(rival.reads) <= EACH_HOUR < READS
    assert max(one.attempts for one in postings) == 2
    assert any(one.lean is None for one in postings)


@pytest.mark.timeout(120)
async def test_our_own_gateway_shows_each_article_once(tmp_path: Path, ledger: Ledger) -> None:
    clock, room = TurnedClock(), Newsroom()
    work = desk(ledger, clock, room)

    async with office(tmp_path, clock, FAULTS) as own:
        await delivered(tmp_path, own, clock, work, LETTERS)
        standing = (await status(work, [NAME]))[0]
        documents = await own.whole_feed()

    entries = [entry for body in documents for entry in parse(body).entries]
    proofs = {entry.id: check(entry, gate(room)) for entry in entries}
    assert standing.states == {LetterState.VERIFIED: LETTERS}
    assert set(proofs) == {one.urn for one in articles(LETTERS)}
    assert {one.state if one else None for one in proofs.values()} == {LetterState.VERIFIED}
    assert max(Counter(own.arrivals).values()) >= 2


async def test_a_feed_that_changes_words_verifies_nothing(tmp_path: Path, ledger: Ledger) -> None:
    clock, room = TurnedClock(), Newsroom()
    work = desk(ledger, clock, room)
    rival = Rival(clock=clock, change=("https://x.example/", "https://y.example/"))

    async with rival.running():
        await delivered(tmp_path, rival, clock, work, 8)
        standing = (await status(work, [NAME]))[0]

    assert standing.states == {LetterState.ALTERED: 8}
    assert standing.delivered == 0


async def test_an_article_too_long_for_a_letter_holds_up_no_other(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    clock, room = TurnedClock(), Newsroom()
    work = desk(ledger, clock, room)
    long = replace(article(1), html=SafeHtml("<p>" + "x" * (MAX_CONTENT - 1000) + "</p>"))

    queued = await enqueue(work, issuer(room), [target(NAME)], [article(0), long, article(2)])
    with pytest.raises(SourceError, match=long.id):
        await enqueue(work, issuer(room), [target(NAME)], [long])

    assert queued == 2
    assert long.id not in {one.article for one in await work.letters.of(NAME)}
    assert {getattr(one, "article", "") for one in caplog.records} == {long.id}


async def test_a_correction_overtakes_what_never_left(tmp_path: Path, ledger: Ledger) -> None:
    clock, room = TurnedClock(), Newsroom()
    work = desk(ledger, clock, room)
    await enqueue(work, issuer(room), [target(NAME)], articles(3))

    async with office(tmp_path, clock) as own:
        await enqueue(work, issuer(room), [target(NAME)], [article(1, revision=2)])
        told = settings(tmp_path, own)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            rounds = Rounds(NAME, open_gateway(told, tmp_path, session), told.policy, work)
            await send_all([rounds], work, patience=timedelta(days=9), sleep=clock.sleep)
        standing = (await status(work, [NAME]))[0]

    assert standing.states == {LetterState.VERIFIED: 3}
    assert not standing.failed
    assert len(own.arrivals) == 3


async def test_a_gateway_that_throws_all_away_delivers_nothing(
    tmp_path: Path, ledger: Ledger
) -> None:
    clock, room = TurnedClock(), Newsroom()
    work = desk(ledger, clock, room)
    rival = Rival(clock=clock, faults=Faults(swallowed=set(range(1000))))

    async with rival.running():
        await delivered(tmp_path, rival, clock, work, 8)
        standing = (await status(work, [NAME]))[0]

    assert standing.states == {LetterState.LOST: 8}
    assert rival.refused == 0
    assert worst_hour(rival.reads) <= EACH_HOUR
