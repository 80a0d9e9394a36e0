"""The ledger, opened: an engine over SQLite or PostgreSQL, and what its errors mean."""

import hashlib
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from store.failures import PATIENCE, SLOWEST, explained
from store.schema import HEAD, REVISIONS
from tamizdat.errors import LedgerError

CHUNK = 500
"""Ids named in one statement: SQLite takes 32,766 variables at most, some builds 999."""

_TRIES = 100
_PAUSE = 0.05
"""Seconds between tries at a new file that another program is turning to WAL."""

_WRITERS = 0x74616D69
"""The key of PostgreSQL's advisory lock: one transaction writes at a time."""


class Ledger:
    """An open ledger. Its transactions raise LedgerError, with one line for a person."""

    def __init__(self, engine: AsyncEngine, where: str) -> None:
        self.engine = engine
        self.where = where

    @property
    def embedded(self) -> bool:
        """Whether it is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads."""
        with explained(self.where):
            async with self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self, of: str | None = None) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes, all or nothing; no other writes meanwhile.

        What is written `of` one mirror alone keeps only those waiting that write of the same:
        PostgreSQL then puts many of them on the disk at one stroke.
        """
        with explained(self.where):
            async with self.engine.execution_options(begin="BEGIN IMMEDIATE").begin() as connection:
                if not self.embedded:
                    key = _WRITERS if of is None else lock_key(f"write\0{of}")
                    await connection.execute(
                        text("SELECT pg_advisory_xact_lock(:key)"), {"key": key}
                    )
                yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that reads all it reads as of one moment; nobody waits for it."""
        options = {} if self.embedded else {"isolation_level": "REPEATABLE READ"}
        with explained(self.where):
            async with self.engine.execution_options(**options).begin() as connection:
                yield connection

    async def scrub(self) -> None:
        """Leave no byte of what was deleted in a SQLite ledger's file or beside it.

        LedgerError where another program is reading, so that bytes had to stay. PostgreSQL is only
        told to vacuum: what its files and logs still hold is for whoever runs the server.
        """
        options = {"begin": ""} if self.embedded else {"isolation_level": "AUTOCOMMIT"}
        with explained(self.where):
            async with self.engine.execution_options(**options).connect() as connection:
                if not self.embedded:
                    await connection.execute(text("SET statement_timeout = 0"))
                    await connection.execute(text("VACUUM"))
                    await connection.execute(text(f"SET statement_timeout = '{SLOWEST}s'"))
                    return
                await connection.execute(text("VACUUM"))
                checkpoint = await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
                if checkpoint.scalar_one():
                    raise LedgerError(f"{self.where} is being read: scrub it again in a minute")

    async def close(self) -> None:
        """Let go of every connection."""
        await self.engine.dispose()


async def open_ledger(address: str) -> Ledger:
    """The ledger at `address` (`sqlite:PATH` or `postgresql://...`), brought to our schema.

    A SQLite file that is not there is made, readable by its owner only. LedgerError where it
    cannot be reached, is damaged, is not ours, or was made by a newer program.
    """
    ledger = _ledger(address)
    try:
        async with ledger.reading() as connection:
            stored = await connection.run_sync(_stored, ledger.where)
        if stored != HEAD:
            migration = import_module("store.migrations.upgrade")
            async with ledger.writing() as connection:
                await connection.run_sync(migration.upgrade)
    except BaseException:
        await ledger.close()
        raise
    return ledger


async def open_empty(address: str) -> Ledger:
    """A ledger in which nothing lies, not even our schema; LedgerError where something does."""
    ledger = _ledger(address)
    try:
        async with ledger.reading() as connection:
            await connection.run_sync(_refuse_tables, ledger.where)
    except BaseException:
        await ledger.close()
        raise
    return ledger


def lock_key(name: str) -> int:
    """The key of PostgreSQL's advisory lock of this name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def _ledger(address: str) -> Ledger:
    scheme, _, path = address.partition(":")
    if scheme == "sqlite" and path:
        return _sqlite(Path(path).absolute())
    if scheme == "postgresql":
        return _postgresql(address)
    raise LedgerError(f"ledger: {scheme!r} is unknown (have: sqlite:PATH, postgresql://...)")


def _sqlite(path: Path) -> Ledger:
    where = f"ledger {path}"
    try:
        _make(path)
    except OSError as error:
        raise LedgerError(f"{where} cannot be opened: {error.strerror}") from error
    url = URL.create("sqlite+aiosqlite", database=str(path))
    engine = create_async_engine(url, pool_timeout=PATIENCE, connect_args={"timeout": PATIENCE})
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    event.listen(engine.sync_engine, "begin", _begin)
    return Ledger(engine, where)


def _make(path: Path) -> None:
    """Make the file where there is none, for its owner only.

    One that is there is not touched: closing it would drop the locks (POSIX) of every other
    connection of this program, and the next program that ends would take the log from under it.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if path.is_dir() or not os.access(path, os.R_OK | os.W_OK):
            raise


def _set_pragmas(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's, untyped
    connection.isolation_level = None
    _prepare(connection, "PRAGMA journal_mode=WAL", tries=_TRIES)
    _prepare(
        connection,
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        "PRAGMA secure_delete=ON",
        "PRAGMA temp_store=MEMORY",
        "PRAGMA cache_size=-1000",  # KiB for each of a dozen connections; the system caches too
        f"PRAGMA busy_timeout={int(PATIENCE * 1000)}",
    )


def _begin(connection: Connection) -> None:
    statement = connection.get_execution_options().get("begin", "BEGIN")
    if statement:
        connection.exec_driver_sql(statement)


def _postgresql(address: str) -> Ledger:
    try:
        url = make_url(address).set(drivername="postgresql+psycopg")
        where = f"ledger postgresql://{url.host or url.query.get('host', '')}/{url.database or ''}"
        engine = create_async_engine(
            url,
            pool_timeout=PATIENCE,
            pool_pre_ping=True,
            connect_args={"connect_timeout": PATIENCE},
        )
    except (ArgumentError, ValueError) as error:
        raise LedgerError("ledger: the postgresql:// address cannot be read") from error
    except ImportError as error:
        raise LedgerError("ledger: PostgreSQL needs psycopg: install tamizdat[pg]") from error
    event.listen(engine.sync_engine, "connect", _set_timeouts)
    return Ledger(engine, where)


def _set_timeouts(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's, untyped
    _prepare(
        connection,
        f"SET lock_timeout = '{PATIENCE}s'",
        f"SET statement_timeout = '{SLOWEST}s'",
    )
    connection.commit()


def _prepare(connection: Any, *statements: str, tries: int = 1) -> None:  # noqa: ANN401 - the driver's, untyped
    """Run `statements`; a locked file is tried again, `tries` times in all.

    SQLite's own patience does not hold while another program turns a new file to WAL.
    """
    ready = False
    cursor = connection.cursor()
    try:
        for statement in statements:
            _execute(cursor, statement, tries)
        ready = True
    finally:
        cursor.close()
        if not ready:
            connection.close()


def _execute(cursor: Any, statement: str, tries: int) -> None:  # noqa: ANN401 - the driver's, untyped
    for left in reversed(range(tries)):
        try:
            cursor.execute(statement)
        except OperationalError:
            if not left:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _refuse_tables(connection: Connection, where: str) -> None:
    if inspect(connection).get_table_names():
        raise LedgerError(f"{where} holds tables already: name an empty one")


def _stored(connection: Connection, where: str) -> str | None:
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        if tables and connection.dialect.name == "sqlite":
            raise LedgerError(f"{where} is a database of another program: name another file")
        return None
    stored = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if stored is not None and stored not in REVISIONS:
        raise LedgerError(
            f"{where} is of schema {stored}, this program knows up to {HEAD}: update tamizdat"
        )
    return None if stored is None else str(stored)
