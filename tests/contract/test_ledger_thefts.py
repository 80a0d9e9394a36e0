"""What every ledger keeps to about what we signed, and what our keys signed without us."""

from dataclasses import replace
from datetime import timedelta

import pytest

from store import thefts as stored
from store.editions import SqlEditions
from store.engine import Ledger
from store.made import SqlMade
from store.pool import SqlPool
from store.thefts import SqlThefts
from tamizdat.digest import digest
from tamizdat.errors import LedgerError
from tamizdat.ledgers import Overlay
from tamizdat.placement import MirrorId
from tamizdat.theft import SignedKind, Spot, Theft
from tests.contract.ledger_values import START, edition, pointer, seal

LATER = START + timedelta(minutes=5)


def theft(body: bytes, mirror: str = "amber") -> Theft:
    return Theft(
        number=0,
        kind=SignedKind.EDITION,
        path="e/7/manifest.json",
        version=7,
        sealed=seal(body, signers=1),
        ours=digest(b"ours"),
        opened=START,
        spots=(Spot(mirror=mirror, vantage="local", first=START, last=START),),
    )


async def test_what_we_signed_is_known_though_its_bytes_are_forgotten(ledger: Ledger) -> None:
    editions, pool, made = SqlEditions(ledger), SqlPool(ledger), SqlMade(ledger)
    here, amber = seal(b'{"version": 6}'), MirrorId("amber")
    for number in (1, 2, 3):
        await editions.commit(edition(number), (), ())
        await editions.commit_pointer(pointer(number))
    await editions.forget_below(3)
    await editions.commit_withdrawals(seal(b'{"version": 4}'))
    await pool.commit_overlay(amber, Overlay(here=here, ways=b""))
    signed = [*(edition(n).sealed.sha256 for n in (1, 2, 3)), pointer(1).sealed.sha256]

    known = await made.known([*signed, here.sha256, digest(b"another")])

    assert known == {*signed, here.sha256}
    assert await made.under(SignedKind.EDITION, "", 2) == edition(2).sealed.sha256
    assert await made.under(SignedKind.WITHDRAWALS, "", 4) == digest(b'{"version": 4}')
    assert await made.under(SignedKind.HERE, "amber", 6) == here.sha256
    assert await made.under(SignedKind.HERE, "birch", 6) is None
    assert await made.begin(SignedKind.EDITION, "") == 1


async def test_after_an_adoption_what_came_before_is_not_remembered(ledger: Ledger) -> None:
    editions, made = SqlEditions(ledger), SqlMade(ledger)
    await editions.commit(edition(1), (), ())

    await editions.adopt([edition(4), edition(5)])
    await editions.commit_pointer(pointer(9), adopted=True)

    assert await made.begin(SignedKind.EDITION, "") == 4
    assert await made.begin(SignedKind.POINTER, "") == 9
    assert await made.under(SignedKind.EDITION, "", 1) == edition(1).sealed.sha256


async def test_the_same_bytes_are_one_theft_seen_in_several_places(ledger: Ledger) -> None:
    thefts = SqlThefts(ledger)
    again = Spot(mirror="amber", vantage="local", first=LATER, last=LATER)

    first = await thefts.keep(theft(b"one"))
    await thefts.keep(replace(theft(b"one"), opened=LATER, spots=(again,)))
    await thefts.keep(theft(b"one", mirror="birch"))
    second = await thefts.keep(theft(b"two"))

    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (1, 2)
    kept = await thefts.get(1)
    assert kept is not None
    assert kept.sealed == seal(b"one", signers=1)
    assert (kept.opened, kept.ours) == (START, digest(b"ours"))
    assert kept.spots == (
        Spot(mirror="amber", vantage="local", first=START, last=LATER),
        Spot(mirror="birch", vantage="local", first=START, last=START),
    )


async def test_a_closed_theft_keeps_its_evidence(ledger: Ledger) -> None:
    thefts = SqlThefts(ledger)
    await thefts.keep(theft(b"one"))
    await thefts.keep(theft(b"two"))

    closed = await thefts.close(1, LATER)

    assert closed.closed == LATER
    assert [one.number for one in await thefts.unclosed()] == [2]
    assert list(await thefts.open_numbers()) == [2]
    assert await thefts.highest(SignedKind.EDITION, 8) == 7
    assert await thefts.highest(SignedKind.EDITION, 7) == 0
    assert await thefts.last_seen() == {"amber": START}
    assert [one.sealed.body for one in await thefts.all()] == [b"one", b"two"]
    with pytest.raises(LedgerError, match="there is no theft 3"):
        await thefts.close(3, LATER)


async def test_a_thief_who_signs_without_end_fills_no_disk(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "MOST", 2)
    thefts = SqlThefts(ledger)

    kept = [await thefts.keep(theft(b"%d" % n)) for n in range(3)]

    assert [one is not None for one in kept] == [True, True, False]
