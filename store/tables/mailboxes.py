"""Mailboxes of our own gateway, and the letters in them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table

from store.tables.columns import WORD, metadata

mailbox = Table(
    "mailbox",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("write_sha256", WORD, nullable=False),
    Column("read_sha256", WORD, nullable=False),
    Column("label", WORD, nullable=False),
    Column("keep_all", Boolean, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    Column("length", BigInteger, nullable=False),
    Index("mailbox_write", "write_sha256", unique=True),
    Index("mailbox_read", "read_sha256", unique=True),
)

mailbox_letter = Table(
    "mailbox_letter",
    metadata,
    Column("mailbox", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("message", WORD, nullable=False),
    Column("urn", WORD, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("sha256", WORD, nullable=False),
    Column("length", BigInteger, nullable=False),
    Index("mailbox_letter_message", "mailbox", "message", unique=True),
    Index("mailbox_letter_urn", "mailbox", "urn", "revision", unique=True),
    Index("mailbox_letter_at", "mailbox", "at"),
)
