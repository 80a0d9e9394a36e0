"""People: who may sign in at the desk, who is invited, and who is signed in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Delete,
    Insert,
    Row,
    Table,
    Update,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from store.engine import Ledger
from store.instant import moment, seconds
from store.numbering import next_number
from store.tables.people import invitation, person, session
from store.tables.stories import approval, progress
from tamizdat.digest import Digest
from tamizdat.errors import LedgerError
from tamizdat.people import Invitation, People, Person, Removed, Role, Session
from tamizdat.state import StoryState

_STAYING = person.c.removed.is_(None)


class SqlPeople:
    """The people in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def invite(self, new: Invitation) -> None:
        """Record an invitation."""
        row = {
            "token_sha256": new.token,
            "role": new.role.value,
            "expires": seconds(new.expires),
            "person": new.person,
        }
        await self._write(insert(invitation).values(row))

    async def invitation(self, token: Digest) -> Invitation | None:
        """The invitation, as long as nobody used it."""
        async with self._ledger.reading() as connection:
            return await _invitation(connection, token)

    async def join(self, token: Digest, name: Digest, password: str, at: datetime) -> Person | None:
        """Use an invitation up: a new person, or the known one with a new password.

        The known one keeps number and role, takes `name`, and their sessions end; they are frozen
        no more, and what was their second password is none any longer. None where the
        invitation is unknown, used or expired, where the name is another person's (the invitation
        stays), or where the known one was removed.
        """
        async with self._ledger.writing() as connection:
            invited = await _invitation(connection, token)
            if invited is None or invited.expires <= at:
                return None
            holder = await _person(connection, person.c.name_sha256 == name, _STAYING)
            if holder and holder.number != invited.person:
                return None
            joined: Person | None
            if invited.person is None:
                joined = await _add(connection, name, password, invited.role, at)
            else:
                joined = await _renew(connection, invited.person, name, password)
            await connection.execute(delete(invitation).where(invitation.c.token_sha256 == token))
        return joined

    async def by_name(self, name: Digest) -> Person | None:
        """Who signs in with this name and was not removed."""
        async with self._ledger.reading() as connection:
            return await _person(connection, person.c.name_sha256 == name, _STAYING)

    async def get(self, number: int) -> Person | None:
        """A person, removed ones included."""
        async with self._ledger.reading() as connection:
            return await _person(connection, person.c.number == number)

    async def all(self) -> Sequence[Person]:
        """Everybody, removed ones included, by number."""
        async with self._ledger.reading() as connection:
            rows = (await connection.execute(select(person).order_by(person.c.number))).all()
        return [_read(row) for row in rows]

    async def set_password(self, number: int, password: str) -> None:
        """Replace a password's encoding (argon2's parameters may have changed)."""
        ours = (person.c.number == number, _STAYING)
        await self._write(update(person).where(*ours).values(password=password))

    async def set_second(self, number: int, second: str) -> None:
        """Replace the encoding of the password that is given under force."""
        ours = (person.c.number == number, _STAYING)
        await self._write(update(person).where(*ours).values(second=second))

    async def freeze(self, number: int, at: datetime) -> None:
        """The second password was used: from now on nothing of theirs counts alone.

        Links that they were given before lapse: whoever forces them may have found one.
        """
        ours = (person.c.number == number, _STAYING, person.c.frozen.is_(None))
        async with self._ledger.writing() as connection:
            change = update(person).where(*ours).values(frozen=seconds(at))
            if (await connection.execute(change)).rowcount:
                await _drop(connection, invitation, number)

    async def set_role(self, number: int, role: Role) -> None:
        """Make them something else. LedgerError where there is no such person."""
        async with self._ledger.writing() as connection:
            if await _person(connection, person.c.number == number, _STAYING) is None:
                raise LedgerError(f"there is no person {number}")
            change = update(person).where(person.c.number == number).values(role=role.value)
            await connection.execute(change)

    async def remove(self, number: int, at: datetime) -> Removed:
        """Let a person in no more, all in one transaction: what went with them.

        Their sessions end, their passwords are forgotten, invitations to choose a new one lapse,
        approvals that wait are void, and a clock that had one asks again. LedgerError where there
        is no such person.
        """
        async with self._ledger.writing() as connection:
            if await _person(connection, person.c.number == number) is None:
                raise LedgerError(f"there is no person {number}")
            gone = {"removed": seconds(at), "password": "", "second": None, "frozen": None}
            ours = (person.c.number == number, _STAYING)
            await connection.execute(update(person).where(*ours).values(gone))
            return Removed(
                clocks=await _stop_clocks(connection, number),
                approvals=await _drop(connection, approval, number),
                sessions=await _drop(connection, session, number),
                invitations=await _drop(connection, invitation, number),
            )

    async def begin(self, new: Session) -> None:
        """Record a session. LedgerError where the person was removed or never was."""
        async with self._ledger.writing() as connection:
            if await _person(connection, person.c.number == new.person, _STAYING) is None:
                raise LedgerError(f"person {new.person} may not sign in")
            await connection.execute(insert(session).values(_row(new)))

    async def session(self, token: Digest) -> Session | None:
        """The session with this token."""
        query = select(session).where(session.c.token_sha256 == token)
        async with self._ledger.reading() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else _session(row)

    async def sessions_of(self, person: int) -> Sequence[Session]:
        """Every session of a person, the newest first."""
        newest = (session.c.begun.desc(), session.c.token_sha256)
        query = select(session).where(session.c.person == person).order_by(*newest)
        async with self._ledger.reading() as connection:
            return [_session(row) for row in (await connection.execute(query)).all()]

    async def touch(self, token: Digest, at: datetime) -> None:
        """It was used now."""
        ours = (session.c.token_sha256 == token, session.c.seen < seconds(at))
        await self._write(update(session).where(*ours).values(seen=seconds(at)))

    async def end(self, token: Digest) -> None:
        """End one session."""
        await self._write(delete(session).where(session.c.token_sha256 == token))

    async def end_all(self, person: int) -> int:
        """End every session of a person; how many there were."""
        async with self._ledger.writing() as connection:
            return await _drop(connection, session, person)

    async def end_stale(self, begun: datetime, seen: datetime) -> None:
        """End those begun before `begun` or last used before `seen`; drop expired invitations.

        Those go that expired before the later of the two; until then `join` refuses them.
        """
        stale = or_(session.c.begun < seconds(begun), session.c.seen < seconds(seen))
        expired = invitation.c.expires < seconds(max(begun, seen))
        async with self._ledger.writing() as connection:
            await connection.execute(delete(session).where(stale))
            await connection.execute(delete(invitation).where(expired))

    async def _write(self, change: Insert | Update | Delete) -> None:
        async with self._ledger.writing() as connection:
            await connection.execute(change)


async def _stop_clocks(connection: AsyncConnection, number: int) -> int:
    """Let what a person approved, and is on a clock, ask again; how many stories that were."""
    theirs = select(approval.c.article).where(approval.c.person == number)
    clocks = (progress.c.state == StoryState.CLOCK.value, progress.c.article.in_(theirs))
    asks = update(progress).where(*clocks).values(state=StoryState.WAITING.value)
    return (await connection.execute(asks)).rowcount


async def _drop(connection: AsyncConnection, table: Table, number: int) -> int:
    """Delete what a table holds of a person; how many rows that were."""
    return (await connection.execute(delete(table).where(table.c.person == number))).rowcount


async def _invitation(connection: AsyncConnection, token: Digest) -> Invitation | None:
    query = select(invitation).where(invitation.c.token_sha256 == token)
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    return Invitation(
        token=Digest(row.token_sha256),
        role=Role(row.role),
        expires=moment(row.expires),
        person=row.person,
    )


async def _person(connection: AsyncConnection, *which: ColumnElement[bool]) -> Person | None:
    row = (await connection.execute(select(person).where(*which))).first()
    return None if row is None else _read(row)


async def _add(
    connection: AsyncConnection, name: Digest, password: str, role: Role, at: datetime
) -> Person:
    added = Person(
        number=await next_number(connection, person),
        name=name,
        password=password,
        role=role,
        since=moment(seconds(at)),
    )
    row = {
        "number": added.number,
        "name_sha256": name,
        "password": password,
        "role": role.value,
        "since": seconds(at),
    }
    await connection.execute(insert(person).values(row))
    return added


async def _renew(
    connection: AsyncConnection, number: int, name: Digest, password: str
) -> Person | None:
    """The person with a new password, signed in nowhere; None where they were removed.

    What they approved before they were frozen no more may have been forced: it never counts.
    """
    known = await _person(connection, person.c.number == number, _STAYING)
    if known is None:
        return None
    if known.frozen is not None:
        await _stop_clocks(connection, number)
        await _drop(connection, approval, number)
    change = {"name_sha256": name, "password": password, "second": None, "frozen": None}
    await connection.execute(update(person).where(person.c.number == number).values(change))
    await connection.execute(delete(session).where(session.c.person == number))
    return replace(known, name=name, password=password, second=None, frozen=None)


def _read(row: Row[Any]) -> Person:
    return Person(
        number=row.number,
        name=Digest(row.name_sha256),
        password=row.password,
        role=Role(row.role),
        since=moment(row.since),
        removed=None if row.removed is None else moment(row.removed),
        second=row.second,
        frozen=None if row.frozen is None else moment(row.frozen),
    )


def _row(one: Session) -> Mapping[str, object]:
    return {
        "token_sha256": one.token,
        "person": one.person,
        "begun": seconds(one.begun),
        "seen": seconds(one.seen),
    }


def _session(row: Row[Any]) -> Session:
    return Session(
        token=Digest(row.token_sha256),
        person=row.person,
        begun=moment(row.begun),
        seen=moment(row.seen),
    )


_: type[People] = SqlPeople
