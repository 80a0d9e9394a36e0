"""The schema: the ledger's tables. Ids, digests, numbers and tags only; no title, text or name.

Times are whole seconds since 1970 (UTC).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    true,
)
from sqlalchemy.types import TypeEngine

REVISIONS = ("0001", "0002")
"""Every revision of the schema, oldest first: those in `store/migrations/versions`."""

HEAD = REVISIONS[-1]

WORD: TypeEngine[str] = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by code point, on PostgreSQL as on SQLite."""

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "pk": "%(table_name)s_key",
        "fk": "%(table_name)s_%(referred_table_name)s",
    }
)


articles = Table(
    "article",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("language", WORD, nullable=False),
    Column("section", WORD),
    Column("published", BigInteger, nullable=False),
    Column("text", WORD),
    Column("page_sha256", WORD),
    Column("page_length", BigInteger),
    Column("entry", WORD),
    Column("withdrawn", BigInteger),
    Column("changed", Boolean, nullable=False),
)
_changed = articles.c.changed == true()
Index("article_changed", articles.c.id, sqlite_where=_changed, postgresql_where=_changed)
_gone = articles.c.withdrawn.is_not(None)
Index("article_withdrawn", articles.c.id, sqlite_where=_gone, postgresql_where=_gone)

listing = Table(
    "listing",
    metadata,
    Column("language", WORD, primary_key=True),
    Column("section", WORD, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("article", WORD, nullable=False),
    Column("published", BigInteger, nullable=False),
    Column("live", Boolean, nullable=False),
)
_live = listing.c.live == true()
Index(
    "listing_newest",
    listing.c.language,
    listing.c.section,
    listing.c.published,
    listing.c.article,
    sqlite_where=_live,
    postgresql_where=_live,
)
Index("listing_article", listing.c.article)

list_length = Table(
    "list_length",
    metadata,
    Column("language", WORD, primary_key=True),
    Column("section", WORD, primary_key=True),
    Column("length", Integer, nullable=False),
)

draft = Table(
    "draft",
    metadata,
    Column("article", WORD, primary_key=True),
    Column("language", WORD, nullable=False),
    Column("text", WORD, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("draft_oldest", "at", "article"),
)

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

fact = Table(
    "fact",
    metadata,
    Column("name", WORD, primary_key=True),
    Column("value", WORD, nullable=False),
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

mailbox = Table(
    "mailbox",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("write_sha256", WORD, nullable=False),
    Column("read_sha256", WORD, nullable=False),
    Column("label", WORD, nullable=False),
    Column("keep_all", Boolean, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    Column("length", BigInteger, nullable=False),
    Index("mailbox_write", "write_sha256", unique=True),
    Index("mailbox_read", "read_sha256", unique=True),
)

mailbox_letter = Table(
    "mailbox_letter",
    metadata,
    Column("mailbox", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("message", WORD, nullable=False),
    Column("urn", WORD, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("sha256", WORD, nullable=False),
    Column("length", BigInteger, nullable=False),
    Index("mailbox_letter_message", "mailbox", "message", unique=True),
    Index("mailbox_letter_urn", "mailbox", "urn", "revision", unique=True),
    Index("mailbox_letter_at", "mailbox", "at"),
)
