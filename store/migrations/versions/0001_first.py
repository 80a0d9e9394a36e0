"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Bring the ledger to this revision."""
    _articles()
    _drafts()
    _sealed()
    _pool()
    _facts()
    _withdrawals()


def _articles() -> None:
    op.create_table(
        "article",
        _word("id"),
        _number("revision", sa.Integer),
        _word("language"),
        _word("section", nullable=True),
        _number("published"),
        _word("text", nullable=True),
        _word("page_sha256", nullable=True),
        _number("page_length", nullable=True),
        _word("entry", nullable=True),
        _number("withdrawn", nullable=True),
        sa.Column("changed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="article_key"),
    )
    _index_some("article_changed", "article", ["id"], "changed")
    gone = sa.text("withdrawn IS NOT NULL")
    op.create_index(
        "article_withdrawn", "article", ["id"], sqlite_where=gone, postgresql_where=gone
    )
    op.create_table(
        "listing",
        _word("language"),
        _word("section"),
        _number("position", sa.Integer),
        _word("article"),
        _number("published"),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("language", "section", "position", name="listing_key"),
    )
    newest = ["language", "section", "published", "article"]
    _index_some("listing_newest", "listing", newest, "live")
    op.create_index("listing_article", "listing", ["article"])
    op.create_table(
        "list_length",
        _word("language"),
        _word("section"),
        _number("length", sa.Integer),
        sa.PrimaryKeyConstraint("language", "section", name="list_length_key"),
    )


def _drafts() -> None:
    op.create_table(
        "draft",
        _word("article"),
        _word("language"),
        _word("text"),
        _number("at"),
        sa.PrimaryKeyConstraint("article", name="draft_key"),
    )
    op.create_index("draft_oldest", "draft", ["at", "article"])


def _sealed() -> None:
    op.create_table(
        "sealed",
        _word("kind"),
        _word("mirror"),
        _number("number"),
        _word("sha256"),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("kind", "mirror", "number", name="sealed_key"),
    )
    op.create_table(
        "signature",
        _word("kind"),
        _word("mirror"),
        _number("number"),
        _number("ordinal", sa.Integer),
        _word("fingerprint"),
        _word("armor"),
        sa.PrimaryKeyConstraint("kind", "mirror", "number", "ordinal", name="signature_key"),
        sa.ForeignKeyConstraint(
            ["kind", "mirror", "number"],
            ["sealed.kind", "sealed.mirror", "sealed.number"],
            name="signature_sealed",
            ondelete="CASCADE",
        ),
    )


def _pool() -> None:
    op.create_table(
        "mirror_state",
        _word("mirror"),
        _word("state"),
        sa.PrimaryKeyConstraint("mirror", name="mirror_state_key"),
    )
    op.create_table(
        "lying",
        _word("mirror"),
        _number("edition"),
        _word("phase"),
        sa.PrimaryKeyConstraint("mirror", "edition", name="lying_key"),
    )
    op.create_table(
        "ways",
        _word("mirror"),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("mirror", name="ways_key"),
    )
    op.create_table(
        "placed",
        _word("mirror"),
        _number("ordinal", sa.Integer),
        _word("sha256"),
        sa.PrimaryKeyConstraint("mirror", "ordinal", name="placed_key"),
    )


def _facts() -> None:
    op.create_table(
        "fact",
        _word("name"),
        _word("value"),
        sa.PrimaryKeyConstraint("name", name="fact_key"),
    )


def _withdrawals() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("number", sa.Integer, nullable=False),
        _word("person"),
        _number("at"),
        sa.PrimaryKeyConstraint("number", name="withdrawal_key"),
    )
    op.create_index("withdrawal_person", "withdrawal", ["person", "at"])
    op.create_index("withdrawal_at", "withdrawal", ["at"])
    op.create_table(
        "waiting",
        _word("article"),
        _word("person"),
        _number("at"),
        sa.PrimaryKeyConstraint("article", name="waiting_key"),
    )


def _word(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=nullable)


def _number(
    name: str, kind: type[sa.Integer] = sa.BigInteger, *, nullable: bool = False
) -> "sa.Column[int]":
    return sa.Column(name, kind, nullable=nullable, autoincrement=False)


def _index_some(name: str, table: str, columns: list[str], flag: str) -> None:
    op.create_index(
        name,
        table,
        columns,
        sqlite_where=sa.text(f"{flag} = 1"),
        postgresql_where=sa.text(f"{flag} = true"),
    )
