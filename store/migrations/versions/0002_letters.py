"""Letters to gateways, and the mailboxes of our own."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring the ledger to this revision."""
    _letters()
    _mailboxes()


def _letters() -> None:
    op.create_table(
        "letter",
        _word("gateway"),
        _word("article"),
        _number("revision", sa.Integer),
        _word("urn"),
        _word("message_id"),
        _word("sha256"),
        _number("length"),
        _word("lean", nullable=True),
        _word("state"),
        _number("queued"),
        _number("due"),
        _number("tried", nullable=True),
        sa.Column("unsure", sa.Boolean, nullable=False),
        _number("attempts", sa.Integer),
        _number("refusals", sa.Integer),
        _number("looks", sa.Integer),
        _word("entry", nullable=True),
        _word("detail"),
        sa.PrimaryKeyConstraint("gateway", "article", "revision", name="letter_key"),
    )
    op.create_index("letter_article", "letter", ["article"])
    op.create_index("letter_oldest", "letter", ["gateway", "state", "queued", "article"])
    op.create_table(
        "gateway_read",
        sa.Column("number", sa.Integer, nullable=False),
        _word("gateway"),
        _number("at"),
        sa.PrimaryKeyConstraint("number", name="gateway_read_key"),
    )
    op.create_index("gateway_read_at", "gateway_read", ["gateway", "at"])


def _mailboxes() -> None:
    op.create_table(
        "mailbox",
        sa.Column("number", sa.Integer, nullable=False),
        _word("write_sha256"),
        _word("read_sha256"),
        _word("label"),
        sa.Column("keep_all", sa.Boolean, nullable=False),
        _number("opened"),
        _number("count", sa.Integer),
        _number("length"),
        sa.PrimaryKeyConstraint("number", name="mailbox_key"),
    )
    op.create_index("mailbox_write", "mailbox", ["write_sha256"], unique=True)
    op.create_index("mailbox_read", "mailbox", ["read_sha256"], unique=True)
    op.create_table(
        "mailbox_letter",
        _number("mailbox", sa.Integer),
        _number("position", sa.Integer),
        _word("message"),
        _word("urn"),
        _number("revision", sa.Integer),
        _number("at"),
        _word("sha256"),
        _number("length"),
        sa.PrimaryKeyConstraint("mailbox", "position", name="mailbox_letter_key"),
    )
    op.create_index("mailbox_letter_message", "mailbox_letter", ["mailbox", "message"], unique=True)
    op.create_index(
        "mailbox_letter_urn", "mailbox_letter", ["mailbox", "urn", "revision"], unique=True
    )
    op.create_index("mailbox_letter_at", "mailbox_letter", ["mailbox", "at"])


def _word(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=nullable)


def _number(
    name: str, kind: type[sa.Integer] = sa.BigInteger, *, nullable: bool = False
) -> "sa.Column[int]":
    return sa.Column(name, kind, nullable=nullable, autoincrement=False)
