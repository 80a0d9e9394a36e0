"""People in memory: the ledger of those who may sign in, for tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tamizdat.digest import Digest
from tamizdat.people import Invitation, People, Person, Session


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
            person = replace(known, name=name, password=password)
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

    async def remove(self, number: int, at: datetime) -> None:
        self.persons[number] = replace(self.persons[number], removed=at)
        await self.end_all(number)

    async def begin(self, session: Session) -> None:
        self.sessions[session.token] = session

    async def session(self, token: Digest) -> Session | None:
        return self.sessions.get(token)

    async def touch(self, token: Digest, at: datetime) -> None:
        self.touched += 1
        self.sessions[token] = replace(self.sessions[token], seen=at)

    async def end(self, token: Digest) -> None:
        self.sessions.pop(token, None)

    async def end_all(self, person: int) -> None:
        self.sessions = {t: s for t, s in self.sessions.items() if s.person != person}

    async def end_stale(self, begun: datetime, seen: datetime) -> None:
        self.sessions = {
            t: s for t, s in self.sessions.items() if s.begun >= begun and s.seen >= seen
        }


_: type[People] = MemoryPeople
