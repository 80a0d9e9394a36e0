"""Articles: what was released, and the lists that it stands in."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, true

from store.tables.columns import WORD, metadata

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
