"""What every log of deeds keeps to: rows are added, and show whatever else is done to them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from store.closed import Closed, key_of
from store.deeds import SqlDeeds
from store.dump import dump, empty, load
from store.engine import Ledger
from store.schema import HEAD
from tamizdat.article import ArticleId
from tamizdat.deeds import BEGINNING, Deed, What
from tamizdat.errors import LedgerError
from tests.contract.ledger_values import START

STORY = ArticleId("kestrelstory")
RELEASE = Deed(at=START, what=What.RELEASED, person=7, article=STORY)
CLOSING = Closed(key_of("six random words of a newsroom", b"salt"))
CHANGES = [
    "UPDATE deed SET body = body WHERE number = 1",
    "UPDATE deed SET number = 9 WHERE number = 2",
    "DELETE FROM deed WHERE number = 1",
    "DELETE FROM deed",
]


@pytest.fixture
async def deeds(ledger: Ledger) -> SqlDeeds:
    log = SqlDeeds(ledger)
    await log.note(*(replace(RELEASE, person=person) for person in (1, 2, 3)))
    return log


async def test_what_was_done_comes_back_newest_first(deeds: SqlDeeds) -> None:
    rows = await deeds.newest(2)
    older = await deeds.newest(10, before=rows[-1].number)

    assert [row.deed for row in rows] == [replace(RELEASE, person=p) for p in (3, 2)]
    assert [(row.number, row.deed and row.deed.person) for row in older] == [(1, 1)]


@pytest.mark.parametrize(
    "deed",
    [
        RELEASE,
        Deed(at=START, what=What.SLOWED, about=3),
        Deed(at=START + timedelta(days=1), what=What.REMOVED, person=0, about=3),
    ],
)
async def test_every_part_of_a_deed_is_kept(ledger: Ledger, deed: Deed) -> None:
    await SqlDeeds(ledger).note(deed)

    assert [row.deed for row in await SqlDeeds(ledger).newest(1)] == [deed]


async def test_nothing_noted_is_no_row_and_an_empty_log_is_whole(ledger: Ledger) -> None:
    await SqlDeeds(ledger).note()

    checked = await SqlDeeds(ledger).checked()

    assert (checked.count, checked.last, checked.broken) == (0, BEGINNING, None)


@pytest.mark.parametrize("change", CHANGES)
async def test_the_database_itself_refuses_a_change(
    ledger: Ledger, deeds: SqlDeeds, change: str
) -> None:
    with pytest.raises(LedgerError):
        async with ledger.writing() as connection:
            await connection.execute(text(change))

    assert (await deeds.checked()).count == 3
    assert (await deeds.checked()).broken is None


async def test_a_row_that_would_replace_another_is_refused(ledger: Ledger, deeds: SqlDeeds) -> None:
    replacing = {"sqlite": "INSERT OR REPLACE INTO deed VALUES (1, 'x', 'x')"}
    plain = "INSERT INTO deed VALUES (1, 'x', 'x')"

    with pytest.raises(LedgerError):
        async with ledger.writing() as connection:
            await connection.execute(text(replacing.get(connection.dialect.name, plain)))

    assert (await deeds.checked()).broken is None


async def test_two_who_note_at_once_leave_one_chain(ledger: Ledger) -> None:
    async with asyncio.TaskGroup() as group:
        for person in range(1, 21):
            group.create_task(SqlDeeds(ledger).note(replace(RELEASE, person=person)))

    checked = await SqlDeeds(ledger).checked()
    assert (checked.count, checked.broken) == (20, None)


@pytest.mark.parametrize(
    ("harm", "broken"),
    [
        ("UPDATE deed SET body = (SELECT body FROM deed WHERE number = 3) WHERE number = 2", 2),
        ("DELETE FROM deed WHERE number = 2", 2),
        ("DELETE FROM deed WHERE number = 1", 1),
    ],
)
async def test_a_row_that_was_changed_or_cut_out_behind_our_back_shows(
    ledger: Ledger, deeds: SqlDeeds, harm: str, broken: int
) -> None:
    await _unguarded(ledger, harm)

    assert (await deeds.checked()).broken == broken


async def test_rows_cut_off_the_end_show_beside_a_digest_that_was_written_down(
    ledger: Ledger, deeds: SqlDeeds
) -> None:
    seen = (await deeds.checked()).last
    whole = await deeds.checked(seen)
    await _unguarded(ledger, "DELETE FROM deed WHERE number = 3")

    cut = await deeds.checked(seen)

    assert (whole.broken, cut.broken) == (None, 3)
    assert (await deeds.checked()).broken is None


async def test_a_closed_log_tells_nothing_without_its_key_and_is_checked_all_the_same(
    ledger: Ledger,
) -> None:
    await SqlDeeds(ledger, CLOSING).note(RELEASE)

    with_key = await SqlDeeds(ledger, CLOSING).newest(1)
    without = await SqlDeeds(ledger, _OTHER).newest(1)
    async with ledger.reading() as connection:
        body = (await connection.execute(text("SELECT body FROM deed"))).scalar_one()

    assert (with_key[0].deed, without[0].deed) == (RELEASE, None)
    assert b"kestrel" not in bytes(body)
    assert b"released" not in bytes(body)
    assert (await SqlDeeds(ledger).checked()).broken is None


async def test_a_log_comes_whole_out_of_a_dump(ledger: Ledger, deeds: SqlDeeds) -> None:
    lines: list[bytes] = []
    async with ledger.snapshot() as connection:
        await dump(connection, "deed", lines.append)
    before = await deeds.checked()

    async def check(*_: object) -> None:
        """Nothing more is asked of it."""

    await empty(ledger)
    await load(ledger, HEAD, {"deed": b"".join(lines).splitlines(keepends=True)}, {}, check)

    assert await SqlDeeds(ledger).checked() == before


_OTHER = Closed(key_of("other words of another newsroom", b"salt"))


async def _unguarded(ledger: Ledger, harm: str) -> None:
    """What somebody can do who has the database in their hands."""
    names = ("deed_changed", "deed_gone", "deed_replaced")
    async with ledger.writing() as connection:
        embedded = connection.dialect.name == "sqlite"
        for name in names if embedded else names[:2]:
            await connection.execute(text(f"DROP TRIGGER {name}{'' if embedded else ' ON deed'}"))
        await connection.execute(text(harm))
