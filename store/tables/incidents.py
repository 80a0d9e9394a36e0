"""Incidents, and turns of the pool."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table

from store.tables.columns import WORD, metadata

incident = Table(
    "incident",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("mirror", WORD, nullable=False),
    Column("country", WORD, nullable=False),
    Column("state", WORD, nullable=False),
    Column("finding", WORD, nullable=False),
    Column("rule", WORD, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("course", WORD, nullable=False),
    Column("sighting", BigInteger, nullable=False),
    Column("closed", BigInteger),
    Column("spare", WORD),
    Column("turn", Integer),
    Column("verified", BigInteger),
    Column("detail", WORD, nullable=False),
    Index("incident_opened", "opened", "number"),
)
_unclosed = incident.c.closed.is_(None)
Index(
    "incident_open",
    incident.c.mirror,
    incident.c.country,
    unique=True,
    sqlite_where=_unclosed,
    postgresql_where=_unclosed,
)

turn = Table(
    "turn",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("mirror", WORD, nullable=False),
    Column("country", WORD),
    Column("automatic", Boolean, nullable=False),
    Column("undone", BigInteger),
    Index("turn_at", "at", "number"),
)

turned = Table(
    "turned",
    metadata,
    Column("turn", Integer, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("mirror", WORD, nullable=False),
    Column("state", WORD, nullable=False),
    Index("turned_mirror", "mirror", "turn"),
)
"""The mirrors that a turn changed, and the states that it gave them."""
