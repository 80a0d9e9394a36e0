"""Groves: groups and the mirrors they are given, and hint files on mirrors. Counts, never who."""

from sqlalchemy import Boolean, Column, Integer, Table

from store.tables.columns import WORD, metadata

node = Table(
    "node",
    metadata,
    Column("channel", WORD, primary_key=True),
    Column("cohort", WORD, primary_key=True),
    Column("bits", WORD, primary_key=True),
    Column("depth", Integer, nullable=False),
    Column("holders", Integer, nullable=False),
    Column("mirror", WORD),
    Column("since", Integer, nullable=False),
    Column("burnt", Integer, nullable=False),
)
"""Groups. Here and below, `since` and `day` are days since 1970."""

loss = Table(
    "loss",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("channel", WORD, nullable=False),
    Column("mirror", WORD, nullable=False),
    Column("since", Integer, nullable=False),
    Column("day", Integer, nullable=False),
)

canary = Table(
    "canary",
    metadata,
    Column("mirror", WORD, primary_key=True),
    Column("since", Integer, nullable=False),
)
"""Canaries that were not lost."""

hints_laid = Table(
    "hints_laid",
    metadata,
    Column("mirror", WORD, primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("shard", WORD, nullable=False),
    Column("sha256", WORD, nullable=False),
    Column("whole", Boolean, nullable=False),
)
"""Hint files that may lie on a mirror; `whole`: read back there."""
