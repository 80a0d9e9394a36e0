"""Sightings, incidents and turns for the board; people for the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Bring the ledger to this revision."""
    _sightings()
    _incidents()
    _turns()
    _people()


def _sightings() -> None:
    op.create_table(
        "sighting",
        _number("number"),
        _word("mirror"),
        _word("vantage"),
        _word("country"),
        _word("network"),
        _number("at"),
        _word("finding"),
        _word("rule"),
        _number("rules_version", sa.Integer),
        _word("stage", nullable=True),
        _word("code", nullable=True),
        _word("flags"),
        _word("evidence"),
        sa.Column("seconds", sa.Double),
        sa.PrimaryKeyConstraint("number", name="sighting_key"),
    )
    op.create_index("sighting_at", "sighting", ["at", "number"])
    op.create_table(
        "sighting_raw",
        _number("sighting"),
        sa.Column("open", sa.Boolean, nullable=False),
        _number("at"),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sighting", name="sighting_raw_key"),
    )
    op.create_index("sighting_raw_at", "sighting_raw", ["open", "at"])
    op.create_table(
        "newest_sighting",
        _word("mirror"),
        _word("country"),
        _word("vantage"),
        _number("at"),
        _number("number"),
        sa.PrimaryKeyConstraint("mirror", "country", "vantage", name="newest_sighting_key"),
    )


def _incidents() -> None:
    op.create_table(
        "incident",
        sa.Column("number", sa.Integer, nullable=False),
        _word("mirror"),
        _word("country"),
        _word("state"),
        _word("finding"),
        _word("rule"),
        _number("since"),
        _number("opened"),
        _word("course"),
        _number("sighting"),
        _number("closed", nullable=True),
        _word("spare", nullable=True),
        _number("turn", sa.Integer, nullable=True),
        _number("verified", nullable=True),
        _word("detail"),
        sa.PrimaryKeyConstraint("number", name="incident_key"),
    )
    op.create_index("incident_opened", "incident", ["opened", "number"])
    _unique_where("incident_open", "incident", ["mirror", "country"], "closed IS NULL")


def _turns() -> None:
    op.create_table(
        "turn",
        sa.Column("number", sa.Integer, nullable=False),
        _number("at"),
        _word("mirror"),
        _word("country", nullable=True),
        sa.Column("automatic", sa.Boolean, nullable=False),
        _number("undone", nullable=True),
        sa.PrimaryKeyConstraint("number", name="turn_key"),
    )
    op.create_index("turn_at", "turn", ["at", "number"])
    op.create_table(
        "turned",
        _number("turn", sa.Integer),
        _number("ordinal", sa.Integer),
        _word("mirror"),
        _word("state"),
        sa.PrimaryKeyConstraint("turn", "ordinal", name="turned_key"),
    )
    op.create_index("turned_mirror", "turned", ["mirror", "turn"])


def _people() -> None:
    op.create_table(
        "person",
        sa.Column("number", sa.Integer, nullable=False),
        _word("name_sha256"),
        _word("password"),
        _word("role"),
        _number("since"),
        _number("removed", nullable=True),
        sa.PrimaryKeyConstraint("number", name="person_key"),
    )
    _unique_where("person_name", "person", ["name_sha256"], "removed IS NULL")
    op.create_table(
        "invitation",
        _word("token_sha256"),
        _word("role"),
        _number("expires"),
        _number("person", sa.Integer, nullable=True),
        sa.PrimaryKeyConstraint("token_sha256", name="invitation_key"),
    )
    op.create_table(
        "session",
        _word("token_sha256"),
        _number("person", sa.Integer),
        _number("begun"),
        _number("seen"),
        sa.PrimaryKeyConstraint("token_sha256", name="session_key"),
    )
    op.create_index("session_person", "session", ["person"])


def _word(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=nullable)


def _number(
    name: str, kind: type[sa.Integer] = sa.BigInteger, *, nullable: bool = False
) -> "sa.Column[int]":
    return sa.Column(name, kind, nullable=nullable, autoincrement=False)


def _unique_where(name: str, table: str, columns: list[str], some: str) -> None:
    where = sa.text(some)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)
