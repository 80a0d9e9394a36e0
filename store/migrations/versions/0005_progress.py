"""How far stories are on their way out, and who approved them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Bring the ledger to this revision."""
    op.create_table(
        "progress",
        _word("article"),
        _word("state"),
        _word("content", nullable=True),
        sa.Column("author", sa.Integer),
        sa.Column("due", sa.BigInteger),
        _word("why", nullable=True),
        _word("out", nullable=True),
        _word("asked", nullable=True),
        _word("before", nullable=True),
        sa.PrimaryKeyConstraint("article", name="progress_key"),
    )
    op.create_index("progress_state", "progress", ["state", "due"])
    op.create_table(
        "approval",
        _word("article"),
        sa.Column("person", sa.Integer, nullable=False, autoincrement=False),
        _word("content"),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("article", "person", name="approval_key"),
    )


def _word(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=nullable)
