"""What every ledger of drafts keeps to."""

from datetime import timedelta

import pytest

from store.drafts import SqlDrafts
from store.engine import Ledger
from tamizdat.digest import digest
from tests.contract.ledger_values import START, name


@pytest.fixture
def drafts(ledger: Ledger) -> SqlDrafts:
    return SqlDrafts(ledger)


async def test_an_id_has_at_most_one_draft(drafts: SqlDrafts) -> None:
    await drafts.put(name(1), "ru", digest(b"a"), START)

    await drafts.put(name(1), "be", digest(b"b"), START + timedelta(hours=1))

    assert await drafts.get(name(1)) == digest(b"b")
    assert await drafts.all() == [(name(1), "be", digest(b"b"), START + timedelta(hours=1))]


async def test_drafts_are_given_oldest_first(drafts: SqlDrafts) -> None:
    for number in (3, 1, 2):
        await drafts.put(name(number), "ru", digest(b"a"), START + timedelta(hours=number))

    assert [draft[0] for draft in await drafts.all()] == [name(1), name(2), name(3)]


async def test_a_dropped_draft_is_forgotten(drafts: SqlDrafts) -> None:
    await drafts.put(name(1), "ru", digest(b"a"), START)
    await drafts.put(name(2), "ru", digest(b"b"), START)

    await drafts.drop(name(1))
    await drafts.drop(name(1))

    assert await drafts.get(name(1)) is None
    assert await drafts.get(name(2)) == digest(b"b")
