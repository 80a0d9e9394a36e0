"""People in memory: the ledger of those who may sign in, for tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tamizdat.digest import Digest
from tamizdat.errors import LedgerError
from tamizdat.people import Invitation, People, Person, Removed, Role, Session


class MemoryPeople:
    """A dict with manners."""

    def __init__(self) -> None:
        self.persons: dict[int, Person] = {}
        self.invitations: dict[Digest, Invitation] = {}
        self.sessions: dict[Digest, Session] = {}
        self.touched = 0

    async def invite(self, invitation: Invitation) -> None:
        self.invitations[invitation.token] = invitation

    async def invitation(self, token: Digest) -> Invitation | None:
        return self.invitations.get(token)

    async def join(self, token: Digest, name: Digest, password: str, at: datetime) -> Person | None:
        invitation = self.invitations.get(token)
        if invitation is None or invitation.expires <= at:
            return None
        holder = await self.by_name(name)
        if holder is not None and holder.number != invitation.person:
            return None
        del self.invitations[token]
        known = self.persons.get(invitation.person or 0)
        if known is not None:
            await self.end_all(known.number)
            person = replace(known, name=name, password=password, second=None, frozen=None)
        else:
            number = len(self.persons) + 1
            person = Person(
                number=number, name=name, password=password, role=invitation.role, since=at
            )
        self.persons[person.number] = person
        return person

    async def by_name(self, name: Digest) -> Person | None:
        here = (p for p in self.persons.values() if p.name == name and p.removed is None)
        return next(here, None)

    async def get(self, number: int) -> Person | None:
        return self.persons.get(number)

    async def all(self) -> Sequence[Person]:
        return [self.persons[number] for number in sorted(self.persons)]

    async def set_password(self, number: int, password: str) -> None:
        self.persons[number] = replace(self.persons[number], password=password)

    async def set_second(self, number: int, second: str) -> None:
        self.persons[number] = replace(self.persons[number], second=second)

    async def freeze(self, number: int, at: datetime) -> None:
        known = self.persons[number]
        self.persons[number] = replace(known, frozen=known.frozen or at)

    async def set_role(self, number: int, role: Role) -> None:
        if number not in self.persons or self.persons[number].removed:
            raise LedgerError(f"there is no person {number}")
        self.persons[number] = replace(self.persons[number], role=role)

    async def remove(self, number: int, at: datetime) -> Removed:
        if number not in self.persons:
            raise LedgerError(f"there is no person {number}")
        self.persons[number] = replace(
            self.persons[number], removed=at, password="", second=None, frozen=None
        )
        return Removed(sessions=await self.end_all(number))

    async def begin(self, session: Session) -> None:
        self.sessions[session.token] = session

    async def session(self, token: Digest) -> Session | None:
        return self.sessions.get(token)

    async def sessions_of(self, person: int) -> Sequence[Session]:
        theirs = [one for one in self.sessions.values() if one.person == person]
        return sorted(theirs, key=lambda one: one.begun, reverse=True)

    async def touch(self, token: Digest, at: datetime) -> None:
        self.touched += 1
        self.sessions[token] = replace(self.sessions[token], seen=at)

    async def end(self, token: Digest) -> None:
        self.sessions.pop(token, None)

    async def end_all(self, person: int) -> int:
        before = len(self.sessions)
        self.sessions = {t: s for t, s in self.sessions.items() if s.person != person}
        return before - len(self.sessions)

    async def end_stale(self, begun: datetime, seen: datetime) -> None:
        self.sessions = {
            t: s for t, s in self.sessions.items() if s.begun >= begun and s.seen >= seen
        }


_: type[People] = MemoryPeople
