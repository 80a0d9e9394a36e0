"""Stories: what is written, and who asked to take back what."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table

from store.tables.columns import WORD, metadata

draft = Table(
    "draft",
    metadata,
    Column("article", WORD, primary_key=True),
    Column("language", WORD, nullable=False),
    Column("text", WORD, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("draft_oldest", "at", "article"),
)

withdrawal_requests = Table(
    "withdrawal",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("person", WORD, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("withdrawal_person", "person", "at"),
    Index("withdrawal_at", "at"),
)

waiting_requests = Table(
    "waiting",
    metadata,
    Column("article", WORD, primary_key=True),
    Column("person", WORD, nullable=False),
    Column("at", BigInteger, nullable=False),
)
