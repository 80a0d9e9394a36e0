"""The queries of every day read the rows they give, and no others."""

import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from store.articles import SqlArticles
from store.drafts import SqlDrafts
from store.editions import SqlEditions
from store.engine import Ledger, open_ledger
from store.incidents import SqlIncidents
from store.letters import SqlLetters
from store.mailboxes import SqlMailboxes
from store.people import SqlPeople
from store.pool import SqlPool
from store.sightings import SqlSightings
from store.turns import SqlTurns
from store.withdrawals import SqlWithdrawals
from tamizdat.article import article_id
from tamizdat.digest import digest
from tamizdat.ledgers import Record
from tamizdat.letter import GatewayId
from tamizdat.letters import Kept
from tamizdat.placement import MirrorId

START = datetime(2026, 3, 14, tzinfo=UTC)
ID = article_id(b"salt", "test", "1")
MIRROR = MirrorId("one")
RECORD = Record(
    id=ID,
    revision=1,
    language="ru",
    section="news",
    published=START,
    text=digest(b"text"),
    page=None,
    entry=None,
    withdrawn=None,
)

GATE = GatewayId("gate")
KEPT = Kept(
    position=0,
    message=digest(b"message"),
    urn="urn:uuid:1",
    revision=1,
    at=START,
    sha256=digest(b"entry"),
    length=1,
)

HOT: list[tuple[str, Callable[[Ledger], Awaitable[object]]]] = [
    ("find", lambda ledger: SqlArticles(ledger).find([ID])),
    ("positions", lambda ledger: SqlArticles(ledger).positions([ID])),
    ("changed", lambda ledger: SqlArticles(ledger).changed()),
    ("newest", lambda ledger: SqlArticles(ledger).newest(("ru", "news"), 20)),
    ("since", lambda ledger: SqlArticles(ledger).since("ru", START, 20)),
    ("listed", lambda ledger: SqlArticles(ledger).listed(("ru", "news"), 1, 20)),
    ("withdrawn", lambda ledger: SqlArticles(ledger).withdrawn()),
    ("withdraw", lambda ledger: SqlArticles(ledger).withdraw(ID, START)),
    ("draft", lambda ledger: SqlDrafts(ledger).get(ID)),
    ("edition", lambda ledger: SqlEditions(ledger).newest()),
    ("pointer", lambda ledger: SqlEditions(ledger).newest_pointer()),
    ("lying", lambda ledger: SqlPool(ledger).lying(MIRROR)),
    ("overlay", lambda ledger: SqlPool(ledger).overlay(MIRROR)),
    ("placed", lambda ledger: SqlPool(ledger).placed(MIRROR)),
    ("count since", lambda ledger: SqlWithdrawals(ledger).count_since("anna", START)),
    ("letters of articles", lambda ledger: SqlLetters(ledger).of(GATE, [ID])),
    ("letters under way", lambda ledger: SqlLetters(ledger).open(GATE)),
    ("letters counted", lambda ledger: SqlLetters(ledger).counts(GATE)),
    ("letters forgotten", lambda ledger: SqlLetters(ledger).forget([ID])),
    ("a mailbox", lambda ledger: SqlMailboxes(ledger).by_write(digest(b"write"))),
    ("a mailbox's letters", lambda ledger: SqlMailboxes(ledger).listed(1, 1, 50)),
    ("a known letter", lambda ledger: SqlMailboxes(ledger).knows(1, KEPT)),
    ("waiting", lambda ledger: SqlWithdrawals(ledger).waiting(ID)),
    ("rounds since", lambda ledger: SqlSightings(ledger).since(START)),
    ("newest rounds", lambda ledger: SqlSightings(ledger).newest()),
    ("raw", lambda ledger: SqlSightings(ledger).raw(1)),
    ("incident", lambda ledger: SqlIncidents(ledger).get(1)),
    ("incidents since", lambda ledger: SqlIncidents(ledger).since(START)),
    ("turn", lambda ledger: SqlTurns(ledger).get(1)),
    ("name", lambda ledger: SqlPeople(ledger).by_name(digest(b"name"))),
    ("session", lambda ledger: SqlPeople(ledger).session(digest(b"token"))),
]
# These hold no rows but those that are asked for: partial indexes, and one row for each pair.
PARTIAL = (
    "USING INDEX article_changed",
    "USING INDEX article_withdrawn",
    "SCAN newest_sighting USING INDEX sqlite_autoindex_newest_sighting_1",
)


@pytest.mark.parametrize(("name", "ask"), HOT, ids=[name for name, _ in HOT])
async def test_a_hot_query_neither_scans_nor_sorts(
    tmp_path: Path, name: str, ask: Callable[[Ledger], Awaitable[object]]
) -> None:
    plans = await _plans(tmp_path / "ledger.db", ask)

    assert plans, name
    assert [line for line in plans if _reads_too_much(line)] == []


async def test_a_query_for_everything_would_be_seen_to_scan(tmp_path: Path) -> None:
    plans = await _plans(tmp_path / "ledger.db", lambda ledger: SqlArticles(ledger).texts())

    assert [line for line in plans if _reads_too_much(line)] == plans


async def test_drafts_are_read_in_the_order_of_their_index(tmp_path: Path) -> None:
    plans = await _plans(tmp_path / "ledger.db", lambda ledger: SqlDrafts(ledger).all())

    assert plans == ["SCAN draft USING INDEX draft_oldest"]


async def _plans(path: Path, ask: Callable[[Ledger], Awaitable[object]]) -> list[str]:
    """What SQLite would do for each statement that `ask` really sends."""
    ledger = await open_ledger(f"sqlite:{path}")
    await SqlArticles(ledger).release([RECORD])
    sent: list[tuple[str, Any]] = []

    def note(*call: Any) -> None:
        sent.append((call[2], call[3]))

    event.listen(ledger.engine.sync_engine, "before_cursor_execute", note)
    await ask(ledger)
    await ledger.close()
    connection = sqlite3.connect(path)
    lines = [
        row[3]
        for statement, values in sent
        if not statement.startswith("BEGIN")
        for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
    ]
    connection.close()
    return lines


def _reads_too_much(line: str) -> bool:
    return "TEMP B-TREE" in line or (line.startswith("SCAN") and not line.endswith(PARTIAL))
