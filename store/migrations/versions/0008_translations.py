"""Which story translates which, and what the original said when they agreed last."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Bring the ledger to this revision."""
    op.create_table(
        "translation",
        _word("article"),
        _word("original"),
        _word("seen"),
        sa.PrimaryKeyConstraint("article", name="translation_key"),
    )
    op.create_index("translation_original", "translation", ["original"])


def _word(name: str) -> "sa.Column[str]":
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False)
