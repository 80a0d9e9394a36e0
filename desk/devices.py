"""A device: a browser in which somebody signed in before, so that no stranger can lock them out.

It keeps a random number and a mark that only this desk can make, over that number, the name and the
password's encoding. Whoever finds it learns nothing of whose it is; it lets nobody in, it is worth
nothing for another name, and it dies with the password.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

from desk.sessions import Cookie
from tamizdat.digest import Digest, digest
from tamizdat.people import Person

LIFETIME = timedelta(days=180)
"""A browser that did not sign in for so long is a stranger's again."""

LONGEST = 128
"""A longer cookie is none of ours."""

_NUMBER = 22
"""Letters of the random number."""


def device_cookie(session: Cookie) -> Cookie:
    """The rule of this cookie, after that of sessions."""
    return Cookie(name=f"{session.name}-here", secure=session.secure)


def marked(salt: bytes, person: Person) -> str:
    """What the browser keeps from now on."""
    number = secrets.token_urlsafe(16)
    return f"{number}.{_mark(salt, number, person)}"


def lane_of(salt: bytes, kept: str, person: Person | None) -> Digest | None:
    """The lane of this browser for this person; None where they did not sign in here."""
    number, dot, mark = kept.partition(".")
    if person is None or len(kept) > LONGEST or not dot or len(number) != _NUMBER:
        return None
    if not hmac.compare_digest(
        mark.encode("utf-8", "replace"), _mark(salt, number, person).encode()
    ):
        return None
    return digest(f"{person.name}\0{number}".encode())


def _mark(salt: bytes, number: str, person: Person) -> str:
    told = f"device\0{number}\0{person.name}\0{person.password}".encode()
    return hmac.new(salt, told, hashlib.sha256).hexdigest()
