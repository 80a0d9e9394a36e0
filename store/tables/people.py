"""People: who may sign in, who is invited, and who is signed in.

`password` and `second` hold argon2's encodings. `frozen` is when `second` was used.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, Table

from store.tables.columns import WORD, metadata

person = Table(
    "person",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("name_sha256", WORD, nullable=False),
    Column("password", WORD, nullable=False),
    Column("role", WORD, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("removed", BigInteger),
    Column("second", WORD),
    Column("frozen", BigInteger),
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
