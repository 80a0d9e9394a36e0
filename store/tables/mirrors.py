"""Mirrors: their states, and what lies on them."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table

from store.tables.columns import WORD, metadata

mirror_state = Table(
    "mirror_state",
    metadata,
    Column("mirror", WORD, primary_key=True),
    Column("state", WORD, nullable=False),
)

lying_editions = Table(
    "lying",
    metadata,
    Column("mirror", WORD, primary_key=True),
    Column("edition", BigInteger, primary_key=True, autoincrement=False),
    Column("phase", WORD, nullable=False),
)

ways = Table(
    "ways",
    metadata,
    Column("mirror", WORD, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

placed_digests = Table(
    "placed",
    metadata,
    Column("mirror", WORD, primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("sha256", WORD, nullable=False),
)
