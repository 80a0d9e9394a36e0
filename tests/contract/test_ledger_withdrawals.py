"""What every ledger of requests to withdraw keeps to."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from store.engine import Ledger
from store.withdrawals import SqlWithdrawals
from tests.contract.ledger_values import START, name

HOUR = timedelta(hours=1)


@pytest.fixture
def withdrawals(ledger: Ledger) -> SqlWithdrawals:
    return SqlWithdrawals(ledger)


async def test_requests_are_counted_by_person_from_the_start_on(
    withdrawals: SqlWithdrawals,
) -> None:
    # formats 5.4
    for minutes in (0, 30, 60):
        await withdrawals.record("anna", START + timedelta(minutes=minutes))
    await withdrawals.record("bela", START + HOUR)

    assert await withdrawals.count_since("anna", START) == 3
    assert await withdrawals.count_since("anna", START + timedelta(minutes=30)) == 2
    assert await withdrawals.count_since("bela", START) == 1
    assert await withdrawals.count_since("carl", START) == 0


async def test_who_withdrew_is_forgotten_after_a_day(
    withdrawals: SqlWithdrawals, ledger: Ledger
) -> None:
    await withdrawals.record("anna", START)

    await withdrawals.record("bela", START + 25 * HOUR)

    async with ledger.reading() as connection:
        people = (await connection.execute(text("SELECT person FROM withdrawal"))).scalars()
        assert list(people) == ["bela"]


async def test_a_withdrawal_waits_until_it_is_carried_out(withdrawals: SqlWithdrawals) -> None:
    # formats 5.4
    await withdrawals.wait(name(1), "anna", START)
    await withdrawals.wait(name(2), "anna", START)
    await withdrawals.wait(name(2), "bela", START + HOUR)

    await withdrawals.stop_waiting(name(1))

    assert await withdrawals.waiting(name(1)) is None
    assert await withdrawals.waiting(name(2)) == "bela"
