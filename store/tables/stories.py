"""Stories: what is written, how far it is, and who asked to take back what."""

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

progress = Table(
    "progress",
    metadata,
    Column("article", WORD, primary_key=True),
    Column("state", WORD, nullable=False),
    Column("content", WORD),
    Column("author", Integer),
    Column("due", BigInteger),
    Column("why", WORD),
    Column("out", WORD),
    Column("asked", WORD),
    Column("before", WORD),
    Index("progress_state", "state", "due"),
)
"""How far a story is: `content` and `out` are digests of texts, `asked` and `before` blobs."""

approval = Table(
    "approval",
    metadata,
    Column("article", WORD, primary_key=True),
    Column("person", Integer, primary_key=True, autoincrement=False),
    Column("content", WORD, nullable=False),
    Column("at", BigInteger, nullable=False),
)

translation = Table(
    "translation",
    metadata,
    Column("article", WORD, primary_key=True),
    Column("original", WORD, nullable=False),
    Column("seen", WORD, nullable=False),
    Index("translation_original", "original"),
)
"""Which story translates which; `seen` is the blob of what the original said when they agreed."""
