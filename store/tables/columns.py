"""Columns: what all tables share. Ids, digests, numbers and tags only; no title, text or name.

Times are whole seconds since 1970 (UTC).
"""

from sqlalchemy import MetaData, Text
from sqlalchemy.types import TypeEngine

WORD: TypeEngine[str] = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by code point, on PostgreSQL as on SQLite."""

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "pk": "%(table_name)s_key",
        "fk": "%(table_name)s_%(referred_table_name)s",
    }
)
