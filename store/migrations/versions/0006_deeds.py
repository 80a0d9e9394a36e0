"""What people did, one after the other for ever; roles that part editors from operators."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_STAYS = "what was done stays as it is"

_SQLITE = (
    f"CREATE TRIGGER deed_changed BEFORE UPDATE ON deed BEGIN SELECT RAISE(ABORT, '{_STAYS}'); END",
    f"CREATE TRIGGER deed_gone BEFORE DELETE ON deed BEGIN SELECT RAISE(ABORT, '{_STAYS}'); END",
    # REPLACE deletes without a word to the trigger before
    f"""CREATE TRIGGER deed_replaced BEFORE INSERT ON deed
        WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM deed)
        BEGIN SELECT RAISE(ABORT, '{_STAYS}'); END""",  # noqa: S608 - our own words
)

_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION deed_stays() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{_STAYS}'; END $$""",
    """CREATE TRIGGER deed_changed BEFORE UPDATE OR DELETE ON deed
        FOR EACH ROW EXECUTE FUNCTION deed_stays()""",
    """CREATE TRIGGER deed_gone BEFORE TRUNCATE ON deed
        FOR EACH STATEMENT EXECUTE FUNCTION deed_stays()""",
)


def upgrade() -> None:
    """Bring the ledger to this revision. Whoever was an operator could do all, and still can."""
    for table in ("person", "invitation"):
        op.execute(f"UPDATE {table} SET role = 'editor+operator' WHERE role = 'operator'")  # noqa: S608 - our own two names
    op.add_column("person", _word("second", nullable=True))
    op.add_column("person", sa.Column("frozen", sa.BigInteger))
    op.create_table(
        "deed",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        _word("sha256"),
        sa.PrimaryKeyConstraint("number", name="deed_key"),
    )
    embedded = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if embedded else _POSTGRESQL:
        op.execute(statement)


def _word(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=nullable)
