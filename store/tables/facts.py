"""Facts: single values by name."""

from sqlalchemy import Column, Table

from store.tables.columns import WORD, metadata

fact = Table(
    "fact",
    metadata,
    Column("name", WORD, primary_key=True),
    Column("value", WORD, nullable=False),
)
