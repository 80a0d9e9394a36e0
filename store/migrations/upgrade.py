"""The upgrade of a ledger's schema. Loads alembic: import it only where a migration is due."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from store.schema import HEAD


def script(connection: Connection | None = None) -> Config:
    """The migrations shipped beside this file, to be run over `connection`."""
    config = Config()
    folder = str(Path(__file__).parent).replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, revision: str = HEAD) -> None:
    """Bring the ledger to `revision`, within the transaction of `connection`."""
    command.upgrade(script(connection), revision)
