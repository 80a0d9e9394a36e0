"""Sightings: rounds of looks at mirrors, and what was seen."""

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, LargeBinary, Table

from store.tables.columns import WORD, metadata

sighting = Table(
    "sighting",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("mirror", WORD, nullable=False),
    Column("vantage", WORD, nullable=False),
    Column("country", WORD, nullable=False),
    Column("network", WORD, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("finding", WORD, nullable=False),
    Column("rule", WORD, nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("stage", WORD),
    Column("code", WORD),
    Column("flags", WORD, nullable=False),
    Column("evidence", WORD, nullable=False),
    Column("seconds", Double),
    Index("sighting_at", "at", "number"),
)

sighting_raw = Table(
    "sighting_raw",
    metadata,
    Column("sighting", BigInteger, primary_key=True, autoincrement=False),
    Column("open", Boolean, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("sighting_raw_at", "open", "at"),
)
"""Raw observations, packed: apart from the rounds, so that nobody reads them by the way."""

newest_sighting = Table(
    "newest_sighting",
    metadata,
    Column("mirror", WORD, primary_key=True),
    Column("country", WORD, primary_key=True),
    Column("vantage", WORD, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
)
