"""An invitation: a link that lets one person in, once, for two days."""

import secrets
from datetime import datetime, timedelta

from tamizdat.digest import Digest, digest
from tamizdat.people import Invitation, People, Role

LIFETIME = timedelta(hours=48)
"""A link that nobody used is dead after this."""


async def invite(people: People, role: Role, now: datetime, person: int | None = None) -> str:
    """The token of a new link (`ADDRESS/join/TOKEN`); only its digest is kept.

    `person` is the number of a known person who gets a new password; all their sessions end then.
    """
    token = secrets.token_urlsafe(32)
    await people.invite(
        Invitation(token=hidden(token), role=role, expires=now + LIFETIME, person=person)
    )
    return token


def hidden(token: str) -> Digest:
    """What the ledger keeps of a token (of a link, or of a session)."""
    return digest(token.encode("utf-8", "surrogatepass"))
