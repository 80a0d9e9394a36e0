"""What a ledger says when its file, its disk or its server is not as it should be."""

import sqlite3
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from store.articles import SqlArticles
from store.engine import Ledger, open_ledger
from store.facts import SqlFacts
from tamizdat.errors import LedgerError


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    opened = await open_ledger(f"sqlite:{tmp_path / 'ledger.db'}")
    yield opened
    await opened.close()


ADDRESSES = [
    ("mysql://here/db", "^ledger: 'mysql' is unknown"),
    ("sqlite:", "^ledger: 'sqlite' is unknown"),
    ("postgresql://u@h:port/x", "cannot be read$"),
    ("postgresql://u:hush@127.0.0.1:1/x", "^ledger postgresql://127.0.0.1/x .*refused"),
]


@pytest.mark.parametrize(("address", "says"), ADDRESSES)
async def test_an_address_that_leads_nowhere_is_refused_without_its_password(
    address: str, says: str
) -> None:
    with pytest.raises(LedgerError, match=says) as refusal:
        await open_ledger(address)

    assert "\n" not in str(refusal.value)
    assert "hush" not in str(refusal.value)


async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"a letter, not a ledger\n" * 500)

    with pytest.raises(LedgerError, match="is not a database, or damaged: restore it"):
        await open_ledger(f"sqlite:{path}")

    assert path.read_bytes() == b"a letter, not a ledger\n" * 500


async def test_a_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE moz_cookies (id)")
    connection.close()

    with pytest.raises(LedgerError, match="is a database of another program"):
        await open_ledger(f"sqlite:{path}")

    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("moz_cookies",)]
    connection.close()


async def test_a_damaged_page_is_reported_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    await (await open_ledger(f"sqlite:{path}")).close()
    body = path.read_bytes()
    path.write_bytes(body[:4096] + b"\xff" * (len(body) - 4096))

    with pytest.raises(LedgerError, match=r"is damaged: restore it from a backup$"):
        await open_ledger(f"sqlite:{path}")


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"nowhere/ledger\.db cannot be opened: No such file"):
        await open_ledger(f"sqlite:{tmp_path}/nowhere/ledger.db")


async def test_a_new_ledger_is_readable_by_its_owner_only(ledger: Ledger, tmp_path: Path) -> None:
    await SqlFacts(ledger).set("salt", "secret")

    assert _modes(tmp_path) == {0o600}


async def test_a_ledger_writes_ahead_syncs_and_deletes_for_good(ledger: Ledger) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")

    async with ledger.reading() as connection:
        found = [(await connection.execute(text(f"PRAGMA {name}"))).scalar() for name in names]

    assert found == ["wal", 2, 1, 1]


async def test_a_ledger_locked_by_another_program_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.engine.PATIENCE", 0.05)
    ledger = await open_ledger(f"sqlite:{tmp_path / 'ledger.db'}")
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(LedgerError, match="is locked by another program"):
        await SqlFacts(ledger).set("salt", "x")
    found = await SqlFacts(ledger).get("salt")

    other.close()
    await ledger.close()
    assert found is None


async def test_a_full_disk_is_named_and_nothing_is_lost(ledger: Ledger) -> None:
    await SqlFacts(ledger).set("salt", "kept")
    async with ledger.reading() as connection:
        await connection.execute(text("PRAGMA max_page_count = 1"))

    with pytest.raises(LedgerError, match="cannot grow, the disk is full: make room"):
        await SqlFacts(ledger).set("big", "x" * 1_000_000)

    assert await SqlFacts(ledger).get("salt") == "kept"
    assert await SqlArticles(ledger).changed() == []


def _modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
