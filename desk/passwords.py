"""A password: hashed and checked with argon2id, off the event loop, a few at a time."""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from enum import Enum
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from tamizdat.errors import TamizdatError

SHORTEST = 12
"""A password has at least so many characters. Nothing else is asked of it."""

LONGEST = 1024
"""A longer one is not hashed: it would only cost time."""

AT_ONCE = 2
"""Hashes made at the same time; each takes 64 MiB."""

WAITING = 32
"""Hashes that may wait their turn; who comes after these is told to come back."""

SECONDS = 10
"""So long a hash may wait for its turn."""


_T = TypeVar("_T")


class BusyError(TamizdatError):
    """Too many people (or one machine) try to sign in at once."""


class Which(Enum):
    """Which of a person's two passwords was given."""

    FIRST = "first"
    SECOND = "second"


class Passwords:
    """Makes and checks argon2 encodings. `hasher` is for tests that must be quick."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()  # RFC 9106, the second choice: 64 MiB
        self._strangers, self._known = _Queue(AT_ONCE), _Queue(1)
        self._nobody: str | None = None

    async def encode(self, password: str, *, known: bool = False) -> str:
        """The encoding to keep. Raises BusyError."""
        queue = self._known if known else self._strangers
        return await queue.in_turn(self._hasher.hash, _plain(password))

    async def nobodys(self, *, known: bool = False) -> str:
        """The encoding of a password that nobody knows. Raises BusyError."""
        return await self.encode(secrets.token_urlsafe(), known=known)

    async def which(
        self, first: str | None, second: str | None, password: str, *, known: bool = False
    ) -> Which | None:
        """Which of the two `password` is, None where it is neither.

        Both are always checked, and None stands for nobody's, so that all answers take as long.
        `known` is a browser that signed in before: it never waits behind strangers. BusyError.
        """
        if self._nobody is None:
            self._nobody = await self.nobodys(known=known)
        queue = self._known if known else self._strangers
        encoded = (first or self._nobody, second or self._nobody)
        right = await queue.in_turn(self._verify_both, *encoded, _plain(password))
        if right[0] and first:
            return Which.FIRST
        return Which.SECOND if right[1] and second else None

    async def check(self, encoded: str | None, password: str) -> bool:
        """Whether `password` is the one; None stands for nobody's and takes as long. BusyError."""
        return await self.which(encoded, None, password) is Which.FIRST

    def is_old(self, encoded: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(encoded)

    def _verify(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False

    def _verify_both(self, first: str, second: str, password: str) -> tuple[bool, bool]:
        return self._verify(first, password), self._verify(second, password)


class _Queue:
    """Hashes that wait their turn."""

    def __init__(self, at_once: int) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._waiting = 0

    async def in_turn(self, work: Callable[..., _T], *given: str) -> _T:
        """Do this in a thread, when its turn comes. BusyError where too many wait."""
        if self._waiting >= WAITING:
            raise BusyError("too many try to sign in just now: try again in a minute")
        self._waiting += 1
        try:
            async with asyncio.timeout(SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            raise BusyError("too many try to sign in just now: try again in a minute") from None
        finally:
            self._waiting -= 1
        try:
            return await asyncio.to_thread(work, *given)
        finally:
            self._turns.release()


def password_fault(password: str) -> str | None:
    """Why it cannot be a password; None where all is well."""
    if len(_plain(password)) < SHORTEST:
        return f"A password has at least {SHORTEST} characters. Four random words do well."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    return None


def _plain(password: str) -> str:
    """The same letters from any keyboard."""
    return unicodedata.normalize("NFC", password)
