"""What every ledger of sightings keeps to."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from store.engine import Ledger, open_ledger
from store.raw import MAX_PACKED, MAX_UNPACKED, pack
from store.sightings import SqlSightings
from tamizdat.errors import LedgerError
from tamizdat.measurement import Failure, Handshake, Measurement, Stage
from tamizdat.sighting import Round, Sighting
from tamizdat.verdict import Finding, Ruling
from tests.contract.raw_values import EVERYTHING
from tests.kit.sights import GOOD, NOW, dns, later, sight, tcp, vantage

FAILED = Failure(stage=Stage.TCP, code="connection_reset")
OPEN = Ruling(finding=Finding.OK, rule="open", rules_version=1, failure=None)
SHUT = Ruling(
    finding=Finding.TCP_IP,
    rule="tcp-reset",
    rules_version=3,
    failure=FAILED,
    flags=("residual", "на всех"),
    evidence=('reset after "hello"', "a second, \\ and a third", ""),
)
DAY = timedelta(days=1)


@pytest.fixture
def sightings(ledger: Ledger) -> SqlSightings:
    return SqlSightings(ledger)


@pytest.fixture
async def statements(ledger: Ledger) -> AsyncIterator[list[tuple[str, Any]]]:
    """Everything that is sent to the database, as it is sent."""
    sent: list[tuple[str, Any]] = []

    def note(*call: Any) -> None:
        sent.append((call[2], call[3]))

    event.listen(ledger.engine.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(ledger.engine.sync_engine, "before_cursor_execute", note)


def good(at: datetime = NOW, mirror: str = "amber", by: str = "v1") -> Sighting:
    here = sight(*GOOD, at=at, by=vantage(by), mirror=mirror)
    return Sighting(here=here, control=None, ruling=OPEN)


def bad(at: datetime = NOW, mirror: str = "amber", by: str = "v1") -> Sighting:
    failing = (dns("192.0.2.10"), tcp("connection_reset"))
    here = sight(*failing, at=at, by=vantage(by), mirror=mirror)
    return Sighting(here=here, control=sight(*GOOD, at=at, mirror=mirror), ruling=SHUT)


def numbers(rounds: Sequence[Round]) -> list[int]:
    return [one.number for one in rounds]


async def test_a_round_comes_back_as_it_was_kept(sightings: SqlSightings) -> None:
    kept = await sightings.keep([good(), bad(by="v2")])

    assert kept == [replace(good().round, number=1), replace(bad(by="v2").round, number=2)]
    assert await sightings.since(NOW) == kept
    assert [one.seconds for one in kept] == [0.1, None]


@pytest.mark.parametrize("control", [None, EVERYTHING])
async def test_every_raw_observation_comes_back(
    sightings: SqlSightings, control: Measurement | None
) -> None:
    await sightings.keep([Sighting(here=EVERYTHING, control=control, ruling=SHUT)])

    found = await sightings.raw(1)

    assert found == Sighting(here=EVERYTHING, control=control, ruling=SHUT, number=1)


async def test_every_finding_is_known_again(sightings: SqlSightings) -> None:
    rulings = [replace(OPEN, finding=finding) for finding in Finding]

    await sightings.keep([replace(good(), ruling=ruling) for ruling in rulings])

    assert [one.ruling for one in await sightings.since(NOW)] == rulings


async def test_a_round_is_kept_at_its_whole_second(sightings: SqlSightings) -> None:
    kept = await sightings.keep([good(NOW + timedelta(microseconds=999_999))])

    assert [one.at for one in kept] == [NOW]
    assert await sightings.since(NOW) == kept
    assert await sightings.newest() == kept


async def test_rounds_since_a_moment_come_by_time_then_number(sightings: SqlSightings) -> None:
    await sightings.keep([good(later(2)), good(later(1)), good(later(1), by="v2"), good(later(0))])

    assert numbers(await sightings.since(later(1))) == [2, 3, 1]


async def test_nothing_to_keep_is_no_work(
    sightings: SqlSightings, statements: list[tuple[str, Any]]
) -> None:
    assert await sightings.keep([]) == []
    assert statements == []


async def test_of_an_unknown_sighting_there_is_nothing(sightings: SqlSightings) -> None:
    assert await sightings.raw(1) is None
    assert await sightings.newest() == []
    assert await sightings.since(NOW) == []


async def test_the_newest_of_each_mirror_country_and_vantage_is_known(
    sightings: SqlSightings,
) -> None:
    elsewhere = replace(vantage("v1"), country="AA")
    moved = Sighting(here=sight(*GOOD, by=elsewhere), control=None, ruling=OPEN)
    await sightings.keep([good(mirror="beryl"), good(by="v2"), good(by="v1"), moved])

    await sightings.keep([bad(later(1), by="v2"), bad(later(1), mirror="beryl")])

    assert numbers(await sightings.newest()) == [4, 3, 5, 6]


async def test_a_round_that_comes_late_is_not_the_newest(sightings: SqlSightings) -> None:
    await sightings.keep([good(later(2)), good(later(1))])

    await sightings.keep([bad(later(0))])

    assert numbers(await sightings.newest()) == [1]


async def test_of_two_rounds_of_one_second_the_later_kept_is_the_newest(
    sightings: SqlSightings,
) -> None:
    await sightings.keep([good(), bad()])
    assert numbers(await sightings.newest()) == [2]

    await sightings.keep([good()])

    assert numbers(await sightings.newest()) == [3]


async def test_what_cannot_be_kept_whole_is_not_kept_at_all(
    ledger: Ledger, sightings: SqlSightings
) -> None:
    await sightings.keep([good()])
    async with ledger.writing() as connection:
        await connection.execute(text("ALTER TABLE sighting_raw RENAME TO away"))

    with pytest.raises(LedgerError, match=r"^ledger [^\n]*$"):
        await sightings.keep([good(later(1)), bad(later(1))])

    assert numbers(await sightings.since(NOW)) == [1]
    assert numbers(await sightings.newest()) == [1]
    async with ledger.writing() as connection:
        await connection.execute(text("ALTER TABLE away RENAME TO sighting_raw"))
    assert numbers(await sightings.keep([good(later(2))])) == [2]


async def test_two_that_keep_at_once_share_no_number(sightings: SqlSightings) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(sightings.keep([good(), bad()])) for _ in range(5)]

    given = [number for task in tasks for number in numbers(task.result())]
    assert sorted(given) == list(range(1, 11))


async def test_raw_observations_go_sooner_where_readers_got_through(
    sightings: SqlSightings,
) -> None:
    kept = await sightings.keep([one(NOW + n * DAY) for n in range(4) for one in (good, bad)])

    await sightings.forget(raw_open=NOW + 3 * DAY, raw_bad=NOW + 2 * DAY, rounds=NOW)

    assert await sightings.since(NOW) == kept
    left = [n for n in range(1, 9) if await sightings.raw(n)]
    assert left == [6, 7, 8]


async def test_a_forgotten_round_leaves_nothing(ledger: Ledger, sightings: SqlSightings) -> None:
    await sightings.keep([good(), bad(by="v2"), good(NOW + DAY), bad(NOW + DAY, by="v3")])

    await sightings.forget(raw_open=NOW, raw_bad=NOW, rounds=NOW + DAY)

    assert numbers(await sightings.since(NOW)) == [3, 4]
    assert numbers(await sightings.newest()) == [3, 4]
    async with ledger.reading() as connection:
        rows = await connection.execute(text("SELECT sighting FROM sighting_raw ORDER BY sighting"))
        assert list(rows.scalars()) == [3, 4]


async def test_a_number_is_never_given_twice(ledger_address: str) -> None:
    first = await open_ledger(ledger_address)
    await SqlSightings(first).keep([good(), bad()])
    await SqlSightings(first).forget(raw_open=NOW, raw_bad=NOW, rounds=NOW + DAY)
    await first.close()

    second = await open_ledger(ledger_address)
    kept = await SqlSightings(second).keep([good()])

    assert numbers(kept) == [3]
    await second.close()


async def test_sightings_are_there_after_a_restart(ledger_address: str) -> None:
    first = await open_ledger(ledger_address)
    kept = await SqlSightings(first).keep([bad()])
    await first.close()

    second = await open_ledger(ledger_address)

    assert await SqlSightings(second).newest() == kept
    assert await SqlSightings(second).raw(1) == replace(bad(), number=1)
    await second.close()


PACKED = pack(EVERYTHING, None) or b""
DAMAGED = [
    b"",
    b"not packed",
    PACKED[:-1],
    PACKED[:40] + b"\xff" + PACKED[41:],
    zlib.compress(b"{}"),
    zlib.compress(b"[null,null]"),
    zlib.compress(b" " * (MAX_UNPACKED + 1)),
    zlib.compress(zlib.decompress(PACKED).replace(b'"v9"', b'"v9","more":"than we know"')),
]


@pytest.mark.parametrize("body", DAMAGED, ids=range(len(DAMAGED)))
async def test_damaged_bytes_are_told_in_one_line_and_spare_the_round(
    ledger: Ledger, sightings: SqlSightings, body: bytes
) -> None:
    kept = await sightings.keep([bad()])
    async with ledger.writing() as connection:
        await connection.execute(text("UPDATE sighting_raw SET body = :body"), {"body": body})

    says = r"^ledger [^\n]*: what was seen in sighting 1 is damaged: restore [^\n]*$"
    with pytest.raises(LedgerError, match=says):
        await sightings.raw(1)

    assert await sightings.since(NOW) == kept


async def test_raw_observations_that_are_too_large_are_left_out(
    sightings: SqlSightings, caplog: pytest.LogCaptureFixture
) -> None:
    noise = b"".join(zlib.compress(bytes([n % 256, n // 256]))[2:] for n in range(MAX_PACKED // 4))
    huge = replace(EVERYTHING, steps=(replace(tcp(), seen=_shown(noise)),))

    await sightings.keep([Sighting(here=huge, control=None, ruling=SHUT), bad()])

    assert numbers(await sightings.since(NOW)) == [1, 2]
    assert await sightings.raw(1) is None
    assert await sightings.raw(2) is not None
    assert [record.message for record in caplog.records] == ["raw observations too large"]


async def test_the_board_reads_no_raw_observations(
    sightings: SqlSightings, statements: list[tuple[str, Any]]
) -> None:
    await sightings.keep([good(), bad()])
    statements.clear()

    await sightings.newest()
    await sightings.since(NOW)

    assert len([one for one, _ in statements if "sighting" in one]) == 2
    assert not [one for one, _ in statements if "sighting_raw" in one]


PLANS = {
    True: ("EXPLAIN QUERY PLAN", "SCAN sighting"),
    False: ("EXPLAIN", "Seq Scan on sighting "),
}


async def test_the_newest_cost_as_many_reads_as_there_are_pairs(
    ledger: Ledger, sightings: SqlSightings, statements: list[tuple[str, Any]]
) -> None:
    await sightings.keep([one(later(-1), mirror) for mirror in "abcd" for one in (good, bad)])
    history = (
        "INSERT INTO sighting SELECT number + :n, mirror, vantage, country, network, at - :n, "
        "finding, rule, rules_version, stage, code, flags, evidence, seconds "
        "FROM sighting WHERE number <= 8"
    )
    async with ledger.writing() as connection:
        await connection.execute(text(history), [{"n": 8 * n} for n in range(1, 1000)])
        await connection.execute(text("ANALYZE"))
    statements.clear()
    newest = await sightings.newest()
    (asked,) = [one for one in statements if "sighting" in one[0]]
    explain, scan = PLANS[ledger.embedded]

    async with ledger.reading() as connection:
        plan = (await connection.exec_driver_sql(f"{explain} {asked[0]}", asked[1])).all()

    assert numbers(newest) == [2, 4, 6, 8]
    assert not [row for row in plan if scan in str(row)], plan


def _shown(body: bytes) -> Handshake:
    return Handshake(address="192.0.2.10", port=443, server_name="news.example", chain=(body,))
