"""Sealed: signed bytes with their signatures. `mirror` is empty where they belong to none."""

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, LargeBinary, Table

from store.tables.columns import WORD, metadata

sealed = Table(
    "sealed",
    metadata,
    Column("kind", WORD, primary_key=True),
    Column("mirror", WORD, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", WORD, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""Signed bytes. `mirror` is empty where they belong to no mirror."""

signature = Table(
    "signature",
    metadata,
    Column("kind", WORD, primary_key=True),
    Column("mirror", WORD, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("fingerprint", WORD, nullable=False),
    Column("armor", WORD, nullable=False),
    ForeignKeyConstraint(
        ["kind", "mirror", "number"],
        ["sealed.kind", "sealed.mirror", "sealed.number"],
        ondelete="CASCADE",
    ),
)
