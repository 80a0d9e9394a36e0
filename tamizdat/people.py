"""People who work at the desk: who may sign in, with what, and who is signed in now.

No name stands in the ledger: a person is a number, and the name they sign in with a keyed digest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from tamizdat.digest import Digest


class Role(StrEnum):
    """What a person is at the desk; `tamizdat/rights.py` tells what each may do."""

    WRITER = "writer"  # writes, and asks others to approve
    EDITOR = "editor"  # all that, and approves, releases, withdraws
    OPERATOR = "operator"  # rotates mirrors, lets people in and out; reads no text
    BOTH = "editor+operator"  # whoever runs a newsroom alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may sign in. `password` is argon2's own encoding, with salt and parameters.

    `second` is the encoding of the password that they give when they are forced to sign in, or of
    nobody's: who reads the ledger does not learn who chose one. `frozen` is when it was used.
    """

    number: int
    name: Digest
    password: str
    role: Role
    since: datetime
    removed: datetime | None = None
    second: str | None = field(default=None, repr=False)
    frozen: datetime | None = None

    def __post_init__(self) -> None:
        if self.since.tzinfo is not UTC:
            raise ValueError("times are UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A link that lets one person choose a name and a password, once. `token` is its digest.

    `person` is set where it lets a known person choose a new password.
    """

    token: Digest
    role: Role
    expires: datetime
    person: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody signed in. `token` is the digest of what the browser keeps."""

    token: Digest
    person: int
    begun: datetime
    seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What went with a person: how many of each."""

    sessions: int = 0
    invitations: int = 0
    approvals: int = 0
    clocks: int = 0
    """Stories that were on a clock by an approval of theirs, and ask again now."""


class People(Protocol):
    """People, invitations and sessions in the ledger."""

    async def invite(self, invitation: Invitation) -> None:
        """Record an invitation."""
        ...

    async def invitation(self, token: Digest) -> Invitation | None:
        """The invitation, as long as nobody used it."""
        ...

    async def join(self, token: Digest, name: Digest, password: str, at: datetime) -> Person | None:
        """Use an invitation up: a new person, or the known one with a new password.

        The known one's sessions end, and they are frozen no more; where they were, what they
        approved is void. None where the invitation is unknown, used or expired, or where the name
        is another person's.
        """
        ...

    async def by_name(self, name: Digest) -> Person | None:
        """Who signs in with this name and was not removed."""
        ...

    async def get(self, number: int) -> Person | None:
        """A person, removed ones included."""
        ...

    async def all(self) -> Sequence[Person]:
        """Everybody, removed ones included, by number."""
        ...

    async def set_password(self, number: int, password: str) -> None:
        """Replace a password's encoding (argon2's parameters may have changed)."""
        ...

    async def set_second(self, number: int, second: str) -> None:
        """Replace the encoding of the password that is given under force."""
        ...

    async def freeze(self, number: int, at: datetime) -> None:
        """The second password was used: from now on nothing of theirs counts alone."""
        ...

    async def set_role(self, number: int, role: Role) -> None:
        """Make them something else. LedgerError where there is no such person."""
        ...

    async def remove(self, number: int, at: datetime) -> Removed:
        """Let a person in no more, all or nothing: sessions end, approvals that wait are void."""
        ...

    async def begin(self, session: Session) -> None:
        """Record a session."""
        ...

    async def session(self, token: Digest) -> Session | None:
        """The session with this token."""
        ...

    async def sessions_of(self, person: int) -> Sequence[Session]:
        """Every session of a person, the newest first."""
        ...

    async def touch(self, token: Digest, at: datetime) -> None:
        """It was used now."""
        ...

    async def end(self, token: Digest) -> None:
        """End one session."""
        ...

    async def end_all(self, person: int) -> int:
        """End every session of a person; how many there were."""
        ...

    async def end_stale(self, begun: datetime, seen: datetime) -> None:
        """End those begun before `begun` or last used before `seen`; drop expired invitations."""
        ...
