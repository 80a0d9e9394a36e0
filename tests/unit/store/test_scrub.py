"""A scrub leaves no byte of what was deleted."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from store.articles import SqlArticles
from store.drafts import SqlDrafts
from store.engine import open_ledger
from store.facts import SqlFacts
from tamizdat.article import article_id
from tamizdat.digest import Digest, digest
from tamizdat.errors import LedgerError
from tamizdat.ledgers import Record

START = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
DRAFT, TEXT = digest(b"a draft"), digest(b"a text")
PLANTED = (DRAFT.encode(), TEXT.encode(), b"a planted fact")


async def test_nothing_deleted_is_left_in_the_file_or_beside_it(tmp_path: Path) -> None:
    ledger = await open_ledger(f"sqlite:{tmp_path / 'ledger.db'}")
    drafts, articles, facts = SqlDrafts(ledger), SqlArticles(ledger), SqlFacts(ledger)
    article = article_id(b"salt", "test", "1")
    await articles.release([_record(str(n), TEXT) for n in range(300)])
    await facts.set("name", "a planted fact" * 1000)
    for n in range(300):
        await articles.withdraw(article_id(b"salt", "test", str(n)), START)
    await drafts.put(article, "ru", DRAFT, START)
    await drafts.drop(article)
    await facts.set("name", "gone")
    assert [_lies(tmp_path, planted) for planted in PLANTED] == [True, True, True]

    await ledger.scrub()

    assert [_lies(tmp_path, planted) for planted in PLANTED] == [False, False, False]
    assert len(await articles.withdrawn()) == 300
    async with ledger.reading() as connection:
        assert (await connection.execute(text("PRAGMA freelist_count"))).scalar() == 0
    await ledger.close()


async def test_a_scrub_that_a_reader_hinders_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.engine.PATIENCE", 0.05)
    ledger = await open_ledger(f"sqlite:{tmp_path / 'ledger.db'}")
    reader = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM fact").fetchall()

    with pytest.raises(LedgerError, match="is being read: scrub it again"):
        await ledger.scrub()

    reader.close()
    await ledger.scrub()
    await ledger.close()


def _record(key: str, text: Digest) -> Record:
    return Record(
        id=article_id(b"salt", "test", key),
        revision=1,
        language="ru",
        section="news",
        published=START,
        text=text,
        page=None,
        entry=None,
        withdrawn=None,
    )


def _lies(folder: Path, planted: bytes) -> bool:
    return any(planted in path.read_bytes() for path in folder.iterdir())
