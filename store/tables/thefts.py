"""Thefts: digests of all that we signed, and what bears our signature and is not ours."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table

from store.tables.columns import WORD, metadata

made = Table(
    "made",
    metadata,
    Column("kind", WORD, primary_key=True),
    Column("mirror", WORD, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", WORD, primary_key=True),
    Column("begins", Boolean, nullable=False),
    Index("made_sha256", "sha256"),
)
"""Digests of all that we signed; `begins`: earlier ones may not be remembered."""

theft = Table(
    "theft",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("sha256", WORD, nullable=False),
    Column("kind", WORD, nullable=False),
    Column("path", WORD, nullable=False),
    Column("version", BigInteger),
    Column("ours", WORD),
    Column("opened", BigInteger, nullable=False),
    Column("closed", BigInteger),
    Index("theft_sha256", "sha256", unique=True),
)

theft_seen = Table(
    "theft_seen",
    metadata,
    Column("theft", Integer, primary_key=True, autoincrement=False),
    Column("mirror", WORD, primary_key=True),
    Column("vantage", WORD, primary_key=True),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
)
