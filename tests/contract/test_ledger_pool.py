"""What every ledger of the pool keeps to."""

import pytest

from store.engine import Ledger
from store.pool import SqlPool
from tamizdat.digest import digest
from tamizdat.ledgers import Overlay
from tamizdat.placement import Lying, MirrorId, MirrorState, Phase
from tests.contract.ledger_values import seal

ONE, TWO = MirrorId("one"), MirrorId("two")


@pytest.fixture
def pool(ledger: Ledger) -> SqlPool:
    return SqlPool(ledger)


async def test_of_an_unknown_mirror_nothing_is_known(pool: SqlPool) -> None:
    assert await pool.states() == {}
    assert await pool.lying(ONE) == []
    assert await pool.overlay(ONE) is None
    assert await pool.placed(ONE) == ()


async def test_a_state_is_replaced(pool: SqlPool) -> None:
    await pool.set_state(ONE, MirrorState.ACTIVE)
    await pool.set_state(TWO, MirrorState.SPARE)

    await pool.set_state(ONE, MirrorState.RETIRED)

    assert await pool.states() == {ONE: MirrorState.RETIRED, TWO: MirrorState.SPARE}


async def test_what_lies_on_a_mirror_is_given_oldest_first_and_replaced_whole(
    pool: SqlPool,
) -> None:
    old, new = Lying(edition=9, phase=Phase.LEAVING), Lying(edition=10, phase=Phase.CURRENT)
    await pool.set_lying(TWO, [old])
    await pool.set_lying(ONE, [Lying(edition=8, phase=Phase.CURRENT)])

    await pool.set_lying(ONE, [new, old])

    assert await pool.lying(ONE) == [old, new]
    assert await pool.lying(TWO) == [old]
    await pool.set_lying(ONE, [])
    assert await pool.lying(ONE) == []


async def test_the_newest_overlay_of_each_mirror_is_kept(pool: SqlPool) -> None:
    await pool.commit_overlay(ONE, Overlay(here=seal(b"old"), ways=b"old ways"))
    await pool.commit_overlay(TWO, Overlay(here=seal(b"two"), ways=b"two ways"))

    await pool.commit_overlay(ONE, Overlay(here=seal(b"new", signers=1), ways=b"new ways"))

    assert await pool.overlay(ONE) == Overlay(here=seal(b"new", signers=1), ways=b"new ways")
    assert await pool.overlay(TWO) == Overlay(here=seal(b"two"), ways=b"two ways")


async def test_what_was_read_back_is_kept_in_order(pool: SqlPool) -> None:
    first, second, third = (digest(body) for body in (b"1", b"2", b"3"))
    await pool.set_placed(ONE, (first,))

    await pool.set_placed(ONE, (third, first, second))

    assert await pool.placed(ONE) == (third, first, second)
    assert await pool.placed(TWO) == ()
