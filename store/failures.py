"""Failures of a database, in one line that says what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tamizdat.errors import LedgerError

PATIENCE = 10
"""Seconds that we wait for a connection, or for another program that writes."""

SLOWEST = 120
"""Seconds after which PostgreSQL gives up a statement."""


@contextmanager
def explained(where: str) -> Iterator[None]:
    """What a driver raises within leaves as a LedgerError about `where`."""
    try:
        yield
    except PoolTimeoutError as error:
        raise LedgerError(f"{where} is busy: no connection in {PATIENCE} s, try again") from error
    except DBAPIError as error:
        raise LedgerError(f"{where} {_meaning(error.orig)}") from error
    except sqlite3.Error as error:
        raise LedgerError(f"{where} {_meaning(error)}") from error


def _meaning(error: BaseException | None) -> str:
    said = " ".join(str(error).split())
    code = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None) or ""
    for start, meaning in _MEANINGS:
        if code.startswith(start):
            return meaning
    return f"failed: {said[:300]}"


_MEANINGS = (
    ("SQLITE_NOTADB", "is not a database, or damaged: restore it from a backup"),
    ("SQLITE_CORRUPT", "is damaged: restore it from a backup"),
    ("SQLITE_BUSY", f"is locked by another program for over {PATIENCE} s: try again"),
    ("SQLITE_LOCKED", f"is locked by another program for over {PATIENCE} s: try again"),
    ("SQLITE_FULL", "cannot grow, the disk is full: make room and try again"),
    ("SQLITE_READONLY", "cannot be written: check the file's owner and mode"),
    ("SQLITE_CANTOPEN", "cannot be opened: check the folder's owner and mode"),
    ("SQLITE_IOERR", "cannot be read or written, the disk answers with an error: check the disk"),
    ("55P03", f"is locked by another program for over {PATIENCE} s: try again"),
    ("57014", f"gave no answer in {SLOWEST} s: try again"),
    ("53100", "cannot grow, the server's disk is full: make room and try again"),
    ("53300", "takes no more connections: close some, or raise max_connections"),
    ("28", "refuses our name or password: check the address"),
    ("3D000", "does not exist: create the database first"),
    ("42501", "does not let us make tables: grant CREATE on its schema"),
)
