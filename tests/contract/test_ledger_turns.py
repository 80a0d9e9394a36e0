"""What every ledger of turns keeps to."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from store.engine import Ledger, open_ledger
from store.pool import SqlPool
from store.turns import SqlTurns
from tamizdat.errors import LedgerError
from tamizdat.incident import Turn
from tamizdat.placement import MirrorId, MirrorState
from tests.contract.ledger_values import START

HOUR = timedelta(hours=1)
AMBER, BERYL, CORAL, DELFT = (MirrorId(name) for name in ("amber", "beryl", "coral", "delft"))
SPARE, ACTIVE, RETIRED = MirrorState.SPARE, MirrorState.ACTIVE, MirrorState.RETIRED


@pytest.fixture
def turns(ledger: Ledger) -> SqlTurns:
    return SqlTurns(ledger)


@pytest.fixture
def pool(ledger: Ledger) -> SqlPool:
    return SqlPool(ledger)


def turn(
    retired: tuple[MirrorId, ...] = (AMBER,),
    promoted: tuple[MirrorId, ...] = (BERYL,),
    hours: int = 0,
) -> Turn:
    return Turn(
        number=0,
        at=START + hours * HOUR,
        mirror=AMBER,
        country="RU",
        retired=retired,
        promoted=promoted,
        automatic=True,
    )


async def undone_or_not(turns: SqlTurns) -> Turn | None:
    try:
        return await turns.undo(1, START + HOUR)
    except LedgerError:
        return None


async def test_a_turn_sets_the_states_of_its_mirrors(turns: SqlTurns, pool: SqlPool) -> None:
    await pool.set_state(BERYL, SPARE)

    taken = await turns.take(turn())

    assert taken == replace(turn(), number=1)
    assert await pool.states() == {AMBER: RETIRED, BERYL: ACTIVE}


async def test_every_field_and_the_order_of_mirrors_come_back(turns: SqlTurns) -> None:
    many = replace(turn((DELFT, AMBER), (CORAL, BERYL)), country=None, automatic=False)
    none = turn((), ())

    taken = [await turns.take(many), await turns.take(none)]

    assert await turns.get(1) == taken[0] == replace(many, number=1)
    assert await turns.get(2) == taken[1] == replace(none, number=2)
    assert await turns.get(3) is None


async def test_an_undone_turn_sets_the_states_back(turns: SqlTurns, pool: SqlPool) -> None:
    await pool.set_state(DELFT, RETIRED)
    taken = await turns.take(turn((AMBER,), (BERYL, CORAL)))

    undone = await turns.undo(taken.number, START + HOUR)

    assert undone == replace(taken, undone=START + HOUR)
    assert await turns.get(taken.number) == undone
    assert await pool.states() == {AMBER: ACTIVE, BERYL: SPARE, CORAL: SPARE, DELFT: RETIRED}


async def test_an_unknown_turn_is_not_undone(turns: SqlTurns) -> None:
    with pytest.raises(LedgerError, match=r"^there is no turn 3$"):
        await turns.undo(3, START)


async def test_a_turn_is_undone_once(turns: SqlTurns, pool: SqlPool) -> None:
    await turns.take(turn())
    undone = await turns.undo(1, START + HOUR)
    await pool.set_state(BERYL, ACTIVE)

    with pytest.raises(LedgerError, match=r"^turn 1 is undone already$"):
        await turns.undo(1, START + 2 * HOUR)

    assert await turns.get(1) == undone
    assert await pool.states() == {AMBER: ACTIVE, BERYL: ACTIVE}


async def test_of_two_that_undo_the_same_turn_at_once_one_does(turns: SqlTurns) -> None:
    await turns.take(turn())

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(undone_or_not(turns)) for _ in range(3)]

    undone = [task.result() for task in tasks if task.result()]
    assert len(undone) == 1
    assert await turns.newest(9) == undone


async def test_a_turn_on_which_a_later_one_rests_is_not_undone(
    turns: SqlTurns, pool: SqlPool
) -> None:
    await turns.take(turn((AMBER,), (BERYL,)))
    await turns.take(turn((BERYL,), (CORAL,), hours=1))
    states = await pool.states()

    says = r"^turn 2 changed beryl after turn 1: undo that one first$"
    with pytest.raises(LedgerError, match=says):
        await turns.undo(1, START + 2 * HOUR)

    assert await pool.states() == states
    assert [one.undone for one in await turns.since(START)] == [None, None]


async def test_turns_are_undone_from_the_last_to_the_first(turns: SqlTurns, pool: SqlPool) -> None:
    await turns.take(turn((AMBER,), (BERYL,)))
    await turns.take(turn((BERYL,), (CORAL,), hours=1))

    await turns.undo(2, START + 2 * HOUR)
    await turns.undo(1, START + 2 * HOUR)

    assert await pool.states() == {AMBER: ACTIVE, BERYL: SPARE, CORAL: SPARE}


async def test_a_turn_of_other_mirrors_is_in_nobodys_way(turns: SqlTurns, pool: SqlPool) -> None:
    await turns.take(turn((AMBER,), (BERYL,)))
    await turns.take(turn((CORAL,), (DELFT,), hours=1))

    await turns.undo(1, START + 2 * HOUR)

    assert await pool.states() == {AMBER: ACTIVE, BERYL: SPARE, CORAL: RETIRED, DELFT: ACTIVE}


async def test_a_turn_that_names_a_mirror_twice_changes_nothing(
    turns: SqlTurns, pool: SqlPool
) -> None:
    with pytest.raises(LedgerError, match=r"^the turn for amber names a mirror twice$"):
        await turns.take(turn((AMBER,), (BERYL, AMBER)))

    assert await turns.newest(9) == []
    assert await pool.states() == {}


async def test_a_turn_whose_states_cannot_be_set_is_not_recorded(
    ledger: Ledger, turns: SqlTurns
) -> None:
    async with ledger.writing() as connection:
        await connection.execute(text("ALTER TABLE mirror_state RENAME TO away"))

    with pytest.raises(LedgerError, match=r"^ledger [^\n]*$"):
        await turns.take(turn())

    assert await turns.newest(9) == []


async def test_turns_are_given_in_order(turns: SqlTurns) -> None:
    second = await turns.take(turn((AMBER,), (BERYL,), hours=2))
    first = await turns.take(turn((BERYL,), (CORAL, DELFT), hours=1))
    third = await turns.take(turn((), (), hours=2))

    assert await turns.newest(2) == [third, first]
    assert await turns.since(START + 2 * HOUR) == [second, third]
    assert await turns.since(START) == [first, second, third]


async def test_turns_are_there_after_a_restart(ledger_address: str) -> None:
    first = await open_ledger(ledger_address)
    taken = await SqlTurns(first).take(turn())
    await first.close()

    second = await open_ledger(ledger_address)

    assert await SqlTurns(second).newest(9) == [taken]
    assert (await SqlTurns(second).take(turn())).number == taken.number + 1
    await second.close()
