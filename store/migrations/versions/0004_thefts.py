"""What we signed, remembered for ever; and thefts: what our keys signed and we did not."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Bring the ledger to this revision."""
    op.create_table(
        "made",
        _word("kind"),
        _word("mirror"),
        _number("number"),
        _word("sha256"),
        sa.Column("begins", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("kind", "mirror", "number", "sha256", name="made_key"),
    )
    op.create_index("made_sha256", "made", ["sha256"])
    op.create_table(
        "theft",
        sa.Column("number", sa.Integer, nullable=False),
        _word("sha256"),
        _word("kind"),
        _word("path"),
        _number("version", nullable=True),
        _word("ours", nullable=True),
        _number("opened"),
        _number("closed", nullable=True),
        sa.PrimaryKeyConstraint("number", name="theft_key"),
    )
    op.create_index("theft_sha256", "theft", ["sha256"], unique=True)
    op.create_table(
        "theft_seen",
        sa.Column("theft", sa.Integer, nullable=False, autoincrement=False),
        _word("mirror"),
        _word("vantage"),
        _number("first"),
        _number("last"),
        sa.PrimaryKeyConstraint("theft", "mirror", "vantage", name="theft_seen_key"),
    )
    _remember()


def _remember() -> None:
    """What the ledger still holds was made by us; of what came before nobody knows."""
    connection = op.get_bind()
    sealed, made = (
        sa.table(name, *map(sa.column, columns))
        for name, columns in (
            ("sealed", ("kind", "mirror", "number", "sha256", "body")),
            ("made", ("kind", "mirror", "number", "sha256", "begins")),
        )
    )
    rows = connection.execute(sa.select(sealed)).all()
    found = [
        {
            "kind": row.kind,
            "mirror": row.mirror,
            "number": _version(bytes(row.body), row.number),
            "sha256": row.sha256,
            "begins": True,
        }
        for row in rows
    ]
    if found:
        connection.execute(sa.insert(made), found)


def _version(body: bytes, otherwise: int) -> int:
    """The version that a file tells: on the shelf, lists and overlays are counted otherwise."""
    try:
        told = json.loads(body)
    except ValueError:
        return otherwise
    version = told.get("version") if isinstance(told, dict) else None
    return version if isinstance(version, int) else otherwise


def _word(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=nullable, autoincrement=False)
