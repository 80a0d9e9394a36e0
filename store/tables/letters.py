"""Letters: one for each article revision and gateway."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table

from store.tables.columns import WORD, metadata

letter = Table(
    "letter",
    metadata,
    Column("gateway", WORD, primary_key=True),
    Column("article", WORD, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("urn", WORD, nullable=False),
    Column("message_id", WORD, nullable=False),
    Column("sha256", WORD, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("lean", WORD),
    Column("state", WORD, nullable=False),
    Column("queued", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("tried", BigInteger),
    Column("unsure", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("refusals", Integer, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("entry", WORD),
    Column("detail", WORD, nullable=False),
    Index("letter_article", "article"),
    Index("letter_oldest", "gateway", "state", "queued", "article"),
)

gateway_read = Table(
    "gateway_read",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("gateway", WORD, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("gateway_read_at", "gateway", "at"),
)
