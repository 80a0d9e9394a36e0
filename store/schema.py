"""The schema: the ledger's tables. Ids, digests, numbers and tags only; no title, text or name.

Times are whole seconds since 1970 (UTC). What our own rules say of a mirror stands in `evidence`,
`flags` and `detail`; argon2's encoding of a password in `password`.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
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

REVISIONS = ("0001", "0002", "0003", "0004")
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

person = Table(
    "person",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("name_sha256", WORD, nullable=False),
    Column("password", WORD, nullable=False),
    Column("role", WORD, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("removed", BigInteger),
)
_staying = person.c.removed.is_(None)
Index(
    "person_name",
    person.c.name_sha256,
    unique=True,
    sqlite_where=_staying,
    postgresql_where=_staying,
)

invitation = Table(
    "invitation",
    metadata,
    Column("token_sha256", WORD, primary_key=True),
    Column("role", WORD, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("person", Integer),
)

session = Table(
    "session",
    metadata,
    Column("token_sha256", WORD, primary_key=True),
    Column("person", Integer, nullable=False),
    Column("begun", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Index("session_person", "person"),
)
