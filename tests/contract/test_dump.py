"""A dump: what one ledger held, another holds, whichever database either lies in."""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import inspect

from store.articles import SqlArticles
from store.dump import NOT_KEPT, dump, empty, load, tables
from store.editions import SqlEditions
from store.engine import Ledger, open_empty, open_ledger
from store.facts import SqlFacts
from store.naming import Named
from store.pool import SqlPool
from store.schema import HEAD, REVISIONS
from store.withdrawals import SqlWithdrawals
from tamizdat.errors import LedgerError, SourceError
from tamizdat.ledgers import Overlay
from tamizdat.placement import MirrorId, MirrorState
from tests.contract.ledger_values import START, edition, name, pointer, released, rendered, seal

WHERE = ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgresql)]
MIRROR = MirrorId("amber")


@pytest.fixture
def second_postgresql(postgresql_server: str) -> Iterator[str]:
    """The address of one more empty database."""
    with psycopg.connect(postgresql_server.format("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE second")
    yield postgresql_server.format("second")
    with psycopg.connect(postgresql_server.format("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE second WITH (FORCE)")


@pytest.fixture(params=WHERE)
def other_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A second ledger's, on each database."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'other.db'}"
    return str(request.getfixturevalue("second_postgresql"))


async def fill(ledger: Ledger) -> None:
    """Something of everything that a newsroom has."""
    articles = SqlArticles(ledger)
    await articles.release([released(1), released(2, language="fa", section=None)])
    await articles.withdraw(name(2), START)
    await SqlEditions(ledger).commit(edition(1), [rendered(released(1))], [released(1)])
    await SqlEditions(ledger).commit_pointer(pointer(1))
    await SqlPool(ledger).set_state(MIRROR, MirrorState.RETIRED)
    overlay = Overlay(here=seal(b"here"), ways=bytes(range(256)))
    await SqlPool(ledger).commit_overlay(MIRROR, overlay)
    await SqlFacts(ledger).set("a fact", "with a tab\tand ünicode 中")
    await SqlWithdrawals(ledger).record("somebody", START)


async def dumped(ledger: Ledger) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    async with ledger.snapshot() as connection:
        for table in tables():
            pieces: list[bytes] = []
            count = await dump(connection, table, pieces.append)
            found[table] = b"".join(pieces).splitlines(keepends=True)
            assert count == len(found[table])
    return found


async def take_all(_rows: Mapping[str, int], _names: Named) -> None:
    return


@asynccontextmanager
async def loaded(
    address: str, lines: Mapping[str, Sequence[bytes]], revision: str = HEAD
) -> AsyncIterator[Ledger]:
    fresh = await open_empty(address)
    try:
        await load(fresh, revision, lines, {"restored": "yes"}, take_all)
    finally:
        await fresh.close()
    opened = await open_ledger(address)
    try:
        yield opened
    finally:
        await opened.close()


async def test_what_was_dumped_is_loaded_to_the_last_row(
    ledger: Ledger, other_address: str
) -> None:
    await fill(ledger)
    before = await dumped(ledger)

    async with loaded(other_address, before) as other:
        after = await dumped(other)
        newest = await SqlEditions(other).newest()
        overlay = await SqlPool(other).overlay(MIRROR)
        fact = await SqlFacts(other).get("restored")

    after["fact"] = [line for line in after["fact"] if b'"restored"' not in line]
    assert after == before
    assert newest == edition(1)
    assert overlay == Overlay(here=seal(b"here"), ways=bytes(range(256)))
    assert fact == "yes"


async def test_numbers_go_on_after_those_that_were_loaded(
    ledger: Ledger, other_address: str
) -> None:
    await SqlWithdrawals(ledger).record("one", START)
    await SqlWithdrawals(ledger).record("one", START)
    lines = await dumped(ledger)

    async with loaded(other_address, lines) as other:
        await SqlWithdrawals(other).record("one", START)
        count = await SqlWithdrawals(other).count_since("one", START)

    assert count == 3


async def test_every_table_is_dumped_but_those_that_are_left_out_on_purpose(
    ledger: Ledger,
) -> None:
    async with ledger.reading() as connection:
        there = await connection.run_sync(lambda plain: inspect(plain).get_table_names())

    assert {*tables(), *NOT_KEPT} == {*there} - {"alembic_version"}


async def test_what_an_older_program_dumped_is_brought_to_our_schema(
    other_address: str,
) -> None:
    lines = {"fact": [b'{"name":"salt","value":"00"}\n'], "draft": [], "article": []}

    async with loaded(other_address, lines, REVISIONS[0]) as other:
        fact = await SqlFacts(other).get("salt")
        after = await dumped(other)

    assert fact == "00"
    assert after.keys() == set(tables())


async def test_a_snapshot_does_not_see_what_is_written_meanwhile(ledger: Ledger) -> None:
    await SqlFacts(ledger).set("one", "1")
    pieces: list[bytes] = []

    async with ledger.snapshot() as connection:
        await dump(connection, "article", pieces.append)
        await SqlFacts(ledger).set("two", "2")
        await dump(connection, "fact", pieces.append)

    assert b"".join(pieces) == b'{"name":"one","value":"1"}\n'


async def test_a_newer_schema_is_refused(other_address: str) -> None:
    fresh = await open_empty(other_address)

    with pytest.raises(LedgerError, match="update tamizdat"):
        await load(fresh, "9999", {}, {}, take_all)

    await fresh.close()


async def test_a_ledger_in_which_something_lies_is_not_loaded_into(ledger_address: str) -> None:
    await (await open_ledger(ledger_address)).close()

    with pytest.raises(LedgerError, match="holds tables already"):
        await open_empty(ledger_address)


async def test_a_refused_load_leaves_nothing(ledger: Ledger, other_address: str) -> None:
    await fill(ledger)
    lines = await dumped(ledger)

    async def refuse(rows: Mapping[str, int], names: Named) -> None:
        assert rows["article"] == 2
        assert released(1).text in names.texts
        raise SourceError("one too few")

    fresh = await open_empty(other_address)
    with pytest.raises(SourceError, match="one too few"):
        await load(fresh, HEAD, lines, {}, refuse)
    await fresh.close()

    await (await open_empty(other_address)).close()


async def test_what_was_loaded_can_be_taken_out_again(ledger: Ledger, other_address: str) -> None:
    await fill(ledger)

    async with loaded(other_address, await dumped(ledger)) as other:
        await empty(other)

    await (await open_empty(other_address)).close()


WRONG = [
    # a line that is no row of the table fact
    b"",
    b"[]\n",
    b"{\n",
    b'{"name":"a"}\n',
    b'{"name":"a","value":"b","more":1}\n',
    b'{"name":"a","value":1}\n',
    b'{"name":"a","value":null}\n',
    b'{"name":"a","value":{"base64":"YQ=="}}\n',
    b'{"name":"a","value":"nul \\u0000"}\n',
    b'{"name":"a","value":"half \\ud800"}\n',
    b"[" * 100_000,
]


@pytest.mark.parametrize("line", WRONG)
async def test_a_line_that_is_no_row_is_refused(tmp_path: Path, line: bytes) -> None:
    fresh = await open_empty(f"sqlite:{tmp_path / 'ledger.db'}")

    with pytest.raises(SourceError, match="fact, line 1"):
        await load(fresh, HEAD, {"fact": [line]}, {}, take_all)

    await fresh.close()


WRONG_NUMBERS = [
    b"9223372036854775808",
    b"true",
    b'"1"',
    b"1.5",
]


@pytest.mark.parametrize("number", WRONG_NUMBERS)
async def test_a_number_that_is_none_is_refused(tmp_path: Path, number: bytes) -> None:
    line = b'{"article":"a","language":"en","text":"t","at":%s}\n' % number
    fresh = await open_empty(f"sqlite:{tmp_path / 'ledger.db'}")

    with pytest.raises(SourceError, match="draft, line 1, at"):
        await load(fresh, HEAD, {"draft": [line]}, {}, take_all)

    await fresh.close()


async def test_a_table_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    fresh = await open_empty(f"sqlite:{tmp_path / 'ledger.db'}")

    with pytest.raises(SourceError, match="a table 'moz_cookies'"):
        await load(fresh, HEAD, {"moz_cookies": []}, {}, take_all)

    await fresh.close()


async def test_the_file_of_a_loaded_ledger_is_whole(tmp_path: Path, ledger: Ledger) -> None:
    await fill(ledger)
    path = tmp_path / "fresh.db"

    async with loaded(f"sqlite:{path}", await dumped(ledger)):
        pass

    with sqlite3.connect(path) as connection:
        checked = connection.execute("PRAGMA integrity_check").fetchall()
        foreign = connection.execute("PRAGMA foreign_key_check").fetchall()
    connection.close()
    assert checked == [("ok",)]
    assert foreign == []
