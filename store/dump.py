"""A dump: the rows of a ledger as lines of JSON, one file for each table, and back.

It knows nothing of the database, so that what SQLite held can be loaded into PostgreSQL, and what
an older program wrote into the ledger of a newer one. Bytes stand as `{"base64": "..."}`.
"""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import TypeAlias, cast

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    Row,
    Table,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Ledger
from store.naming import Named, named
from store.schema import HEAD, REVISIONS, metadata
from store.tables.facts import fact
from tamizdat.errors import LedgerError, SourceError

NOT_KEPT = frozenset({"session", "invitation"})
"""Tables of which no rows are dumped: whoever is signed in signs in again, and is invited again."""

MAX_LINE = 8 * 1024 * 1024
"""Bytes of one row; the largest that we write holds a signed file of 1 MiB."""

_ROWS = 100
_FARTHEST = 2**63
_Value: TypeAlias = "bool | int | float | str | bytes | None"
_Json: TypeAlias = "bool | int | float | str | dict[str, str] | None"

Sink = Callable[[bytes], None]
Lines = Iterable[bytes]
Check = Callable[[Mapping[str, int], Named], Awaitable[None]]


def tables() -> Sequence[str]:
    """The tables that are dumped, each after those that it refers to."""
    return [one.name for one in metadata.sorted_tables if one.name not in NOT_KEPT]


async def dump(connection: AsyncConnection, name: str, sink: Sink) -> int:
    """Give every row of a table to `sink`, by its key; how many there are.

    Call it within a snapshot of a ledger of our own schema (HEAD).
    """
    table = metadata.tables[name]
    query = select(table).order_by(*table.primary_key.columns)
    count = 0
    stream = await connection.stream(query.execution_options(yield_per=_ROWS))
    async for rows in stream.partitions():
        sink(b"".join(_line(row) for row in rows))
        count += len(rows)
    return count


async def load(
    ledger: Ledger,
    revision: str,
    dumped: Mapping[str, Lines],
    facts: Mapping[str, str],
    check: Check,
) -> None:
    """Fill an empty ledger with what was dumped under `revision` of the schema, all or nothing.

    It is brought to our own schema, and `facts` are noted in it. `check` is then given the rows by
    table and the blobs that it names, and refuses by raising. SourceError where a line is no row
    of its table; LedgerError where the schema is unknown.
    """
    if revision not in REVISIONS:
        raise LedgerError(
            f"the backup is of schema {revision[:20]}, this program knows up to {HEAD}: "
            "update tamizdat"
        )
    async with ledger.writing() as connection:
        rows = await connection.run_sync(_load, revision, dumped, facts)
        await check(rows, await named(connection))


async def empty(ledger: Ledger) -> None:
    """Take out again all that `load` put in."""
    async with ledger.writing() as connection:
        await connection.run_sync(_drop_all)


def _load(
    connection: Connection, revision: str, dumped: Mapping[str, Lines], facts: Mapping[str, str]
) -> Mapping[str, int]:
    migration = import_module("store.migrations.upgrade")
    migration.upgrade(connection, revision)
    schema = MetaData()
    schema.reflect(connection)
    unknown = sorted(dumped.keys() - (schema.tables.keys() - {"alembic_version"}))
    if unknown:
        raise SourceError(f"holds a table {unknown[0][:40]!r} that schema {revision} has not")
    found = {}
    for table in schema.sorted_tables:
        if table.name in dumped:
            found[table.name] = _fill(connection, table, dumped[table.name])
    migration.upgrade(connection)
    for name, value in facts.items():
        connection.execute(fact.delete().where(fact.c.name == name))
        connection.execute(insert(fact).values(name=name, value=value))
    return found


def _drop_all(connection: Connection) -> None:
    there = MetaData()
    there.reflect(connection)
    there.drop_all(connection)


def _fill(connection: Connection, table: Table, lines: Lines) -> int:
    count = 0
    for rows in _batches(table, lines):
        connection.execute(insert(table), rows)
        count += len(rows)
    if count and connection.dialect.name == "postgresql":
        _continue_numbers(connection, table)
    return count


def _batches(table: Table, lines: Lines) -> Iterator[list[dict[str, _Value]]]:
    rows = []
    for number, line in enumerate(lines, 1):
        rows.append(_row(table, line, f"{table.name}, line {number}"))
        if len(rows) == _ROWS:
            yield rows
            rows = []
    if rows:
        yield rows


def _continue_numbers(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number the next row after the highest, where it gives numbers by itself."""
    for column in table.primary_key.columns:
        if not isinstance(column.type, Integer):
            continue
        named = {"table": table.name, "column": column.name}
        asked = text("SELECT pg_get_serial_sequence(quote_ident(:table), :column)")
        sequence = connection.execute(asked, named).scalar()
        if sequence:
            highest = connection.execute(select(func.max(column))).scalar()
            connection.execute(select(func.setval(sequence, highest)))


def _line(row: "Row[tuple[_Value, ...]]") -> bytes:
    told = {name: _told(value) for name, value in row._mapping.items()}  # noqa: SLF001 - by name
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _told(value: _Value) -> _Json:
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(value).decode("ascii")}
    return value


def _row(table: Table, line: bytes, where: str) -> dict[str, _Value]:
    try:
        told = json.loads(line[:MAX_LINE])
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or told.keys() != {one.name for one in table.columns}:
        raise SourceError(f"{where}: is no row of this table")
    return {name: _read(table.columns[name], told[name], f"{where}, {name}") for name in told}


def _read(column: "Column[_Value]", told: object, where: str) -> _Value:
    """The value for `column`; SourceError where it cannot stand there."""
    kind = column.type.python_type
    value = _bytes(told) if kind is bytes else told
    if value is None and column.nullable:
        return None
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind or (type(value) is int and abs(value) >= _FARTHEST):
        raise SourceError(f"{where}: holds what cannot stand there")
    if isinstance(value, str) and ("\0" in value or not _is_text(value)):
        raise SourceError(f"{where}: holds what is no text")
    return cast("_Value", value)


def _bytes(told: object) -> bytes | None:
    if not isinstance(told, dict) or not isinstance(coded := told.get("base64"), str):
        return None
    try:
        return base64.b64decode(coded, validate=True)
    except (ValueError, binascii.Error):
        return None


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
