"""Deeds: what people did. Rows are added and never changed; triggers of the database see to it.

`body` holds who, what and when, closed where the newsroom has a key for that. `sha256` is over the
row before, this row's number and its body.
"""

from sqlalchemy import Column, Integer, LargeBinary, Table

from store.tables.columns import WORD, metadata

deed = Table(
    "deed",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("sha256", WORD, nullable=False),
)
