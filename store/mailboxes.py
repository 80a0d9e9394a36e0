"""Mailboxes: those of our own email-to-feed gateway, and what lies in them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, func, insert, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import CHUNK, Ledger
from store.instant import moment, seconds
from store.tables.mailboxes import mailbox, mailbox_letter
from tamizdat.digest import Digest
from tamizdat.errors import LedgerError
from tamizdat.letters import Kept, Mailbox, Mailboxes


class SqlMailboxes:
    """The mailboxes in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def open(self, new: Mailbox) -> Mailbox:
        """Record a new mailbox; its number is given here."""
        async with self._ledger.writing() as connection:
            last = (await connection.execute(select(func.max(mailbox.c.number)))).scalar()
            numbered = replace(new, number=(last or 0) + 1)
            await connection.execute(
                insert(mailbox).values(
                    number=numbered.number,
                    write_sha256=new.write,
                    read_sha256=new.read,
                    label=new.label,
                    keep_all=new.keep_all,
                    opened=seconds(new.opened),
                    count=new.count,
                    length=new.length,
                )
            )
        return numbered

    async def by_write(self, write: Digest) -> Mailbox | None:
        """The mailbox that letters to this id belong to."""
        return await self._one(mailbox.c.write_sha256 == write)

    async def by_read(self, read: Digest) -> Mailbox | None:
        """The mailbox whose feed has this id."""
        return await self._one(mailbox.c.read_sha256 == read)

    async def all(self) -> Sequence[Mailbox]:
        """Every mailbox, oldest first."""
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(select(mailbox).order_by(mailbox.c.number))).all()
        return [_mailbox(row) for row in rows]

    async def close(self, number: int) -> None:
        """Forget a mailbox and all that lies in it."""
        async with self._ledger.writing() as connection:
            await connection.execute(
                delete(mailbox_letter).where(mailbox_letter.c.mailbox == number)
            )
            await connection.execute(delete(mailbox).where(mailbox.c.number == number))

    async def keep(self, number: int, letter: Kept) -> bool:
        """Take a letter in at the next position; False where its message or revision is known.

        The position in `letter` is not looked at. LedgerError where the mailbox was closed.
        """
        ours = mailbox.c.number == number
        async with self._ledger.writing() as connection:
            if (await connection.execute(_known(number, letter))).first() is not None:
                return False
            count = (await connection.execute(select(mailbox.c.count).where(ours))).scalar()
            if count is None:
                raise LedgerError("the mailbox was closed")
            await connection.execute(
                insert(mailbox_letter).values(_row(number, replace(letter, position=count + 1)))
            )
            await connection.execute(
                update(mailbox)
                .where(ours)
                .values(count=count + 1, length=mailbox.c.length + letter.length)
            )
        return True

    async def knows(self, number: int, letter: Kept) -> bool:
        """Whether a letter's message or revision was taken in before."""
        async with self._ledger.reading() as connection:
            return (await connection.execute(_known(number, letter))).first() is not None

    async def withdraw(self, urns: Sequence[str]) -> int:
        """Forget every entry with one of these urns, in all mailboxes; gives their number.

        The positions of others stay.
        """
        gone = 0
        async with self._ledger.writing() as connection:
            for number in (await connection.execute(select(mailbox.c.number))).scalars().all():
                for start in range(0, len(urns), CHUNK):
                    gone += await _drop(connection, number, urns[start : start + CHUNK])
        return gone

    async def listed(self, number: int, first: int, last: int) -> Sequence[Kept]:
        """The letters at positions `first` to `last` (both included), oldest first."""
        query = (
            select(mailbox_letter)
            .where(
                mailbox_letter.c.mailbox == number,
                mailbox_letter.c.position.between(first, last),
            )
            .order_by(mailbox_letter.c.position)
        )
        async with self._ledger.reading() as connection:
            return [_kept(row) for row in (await connection.execute(query)).all()]

    async def came_since(self, number: int, start: datetime) -> int:
        """How many letters came at or after `start`."""
        query = (
            select(func.count())
            .select_from(mailbox_letter)
            .where(mailbox_letter.c.mailbox == number, mailbox_letter.c.at >= seconds(start))
        )
        async with self._ledger.reading() as connection:
            return (await connection.execute(query)).scalar_one()

    async def bodies(self) -> Sequence[Digest]:
        """Every blob that mailboxes need."""
        query = union(select(mailbox_letter.c.sha256), select(mailbox.c.label))
        async with self._ledger.reading() as connection:
            return [Digest(found) for found in (await connection.execute(query)).scalars()]

    async def _one(self, which: ColumnElement[bool]) -> Mailbox | None:
        async with self._ledger.reading() as connection:
            row = (await connection.execute(select(mailbox).where(which))).first()
        return None if row is None else _mailbox(row)


async def _drop(connection: AsyncConnection, number: int, urns: Sequence[str]) -> int:
    """Take entries out of one mailbox."""
    ours = (mailbox_letter.c.mailbox == number, mailbox_letter.c.urn.in_(urns))
    found = await connection.execute(select(mailbox_letter.c.length).where(*ours))
    lengths = found.scalars().all()
    if lengths:
        await connection.execute(delete(mailbox_letter).where(*ours))
        less = mailbox.c.length - sum(lengths)
        await connection.execute(
            update(mailbox).where(mailbox.c.number == number).values(length=less)
        )
    return len(lengths)


def _known(number: int, letter: Kept) -> Select[tuple[int]]:
    same = (mailbox_letter.c.urn == letter.urn) & (mailbox_letter.c.revision == letter.revision)
    return select(mailbox_letter.c.position).where(
        mailbox_letter.c.mailbox == number,
        or_(mailbox_letter.c.message == letter.message, same),
    )


def _row(number: int, letter: Kept) -> dict[str, object]:
    return {
        "mailbox": number,
        "position": letter.position,
        "message": letter.message,
        "urn": letter.urn,
        "revision": letter.revision,
        "at": seconds(letter.at),
        "sha256": letter.sha256,
        "length": letter.length,
    }


def _mailbox(row: Row[Any]) -> Mailbox:
    return Mailbox(
        number=row.number,
        write=Digest(row.write_sha256),
        read=Digest(row.read_sha256),
        label=Digest(row.label),
        keep_all=row.keep_all,
        opened=moment(row.opened),
        count=row._mapping["count"],  # noqa: SLF001 - a row is a tuple, which has a count
        length=row.length,
    )


def _kept(row: Row[Any]) -> Kept:
    return Kept(
        position=row.position,
        message=Digest(row.message),
        urn=row.urn,
        revision=row.revision,
        at=moment(row.at),
        sha256=Digest(row.sha256),
        length=row.length,
    )


_: type[Mailboxes] = SqlMailboxes
