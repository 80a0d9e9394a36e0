"""Groups that are given mirrors, what they lost, and hint files that lie on mirrors."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Bring the ledger to this revision."""
    op.create_table(
        "node",
        _word("channel"),
        _word("cohort"),
        _word("bits"),
        sa.Column("depth", sa.Integer, nullable=False),
        sa.Column("holders", sa.Integer, nullable=False),
        _word("mirror", nullable=True),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("burnt", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("channel", "cohort", "bits", name="node_key"),
    )
    op.create_table(
        "loss",
        sa.Column("number", sa.Integer, nullable=False),
        _word("channel"),
        _word("mirror"),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("number", name="loss_key"),
    )
    op.create_table(
        "canary",
        _word("mirror"),
        sa.Column("since", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("mirror", name="canary_key"),
    )
    op.create_table(
        "hints_laid",
        _word("mirror"),
        sa.Column("ordinal", sa.Integer, nullable=False, autoincrement=False),
        _word("shard"),
        _word("sha256"),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("mirror", "ordinal", name="hints_laid_key"),
    )


def _word(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=nullable)
