"""A session: somebody signed in, known by a random cookie; how long it holds, and where it goes."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.invitations import hidden
from tamizdat.digest import Digest
from tamizdat.people import People, Person, Session
from tamizdat.rights import Right, may

IDLE = timedelta(hours=12)
"""A session that nobody used for so long is over."""

WHOLE = timedelta(days=7)
"""And after this in any case."""

NOTED = timedelta(minutes=1)
"""Use is written down at most so often."""

LONGEST = 64
"""A longer cookie is none of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks: a person, with the digest of the session's token, and when it was last used."""

    person: Person
    token: Digest
    seen: datetime

    @property
    def operates(self) -> bool:
        """Whether they may turn mirrors."""
        return self.may(Right.TURN)

    def may(self, right: Right, *, own: bool = False) -> bool:
        """Whether their role has this right; `own` where it is about something of theirs."""
        return may(self.person.role, right, own=own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """How the browser keeps a session: gone when it closes, never sent from another site."""

    name: str
    secure: bool


def cookie_for(address: str | None) -> Cookie:
    """The cookie's rule. Over https no other host can plant one (`__Host-`)."""
    secure = address is not None and address.lower().startswith("https://")
    return Cookie(name="__Host-desk" if secure else "desk", secure=secure)


def holds(session: Session, now: datetime) -> bool:
    """Whether a session still counts at `now`."""
    return now - session.seen < IDLE and now - session.begun < WHOLE


async def begin(people: People, person: Person, now: datetime) -> str:
    """The token of a new session. What is over is forgotten on the way."""
    await people.end_stale(now - WHOLE, now - IDLE)
    token = secrets.token_urlsafe(32)
    await people.begin(Session(token=hidden(token), person=person.number, begun=now, seen=now))
    return token


async def visitor(people: People, token: str | None, now: datetime) -> Visitor | None:
    """Who keeps this token; None where it is nobody's, or over."""
    if not token or len(token) > LONGEST:
        return None
    return await visitor_of_token(people, hidden(token), now)


async def visitor_of_token(people: People, token: Digest, now: datetime) -> Visitor | None:
    """The same by the token's digest."""
    session = await people.session(token)
    if session is None or not holds(session, now):
        return None
    person = await people.get(session.person)
    if person is None or person.removed is not None:
        return None
    return Visitor(person=person, token=session.token, seen=session.seen)


async def note_use(people: People, who: Visitor, now: datetime) -> None:
    """Write down that a session was used, not more than once a minute."""
    if now - who.seen >= NOTED:
        await people.touch(who.token, now)
