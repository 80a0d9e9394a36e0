"""A password: hashed and checked with argon2id, off the event loop, a few at a time."""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
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


class Passwords:
    """Makes and checks argon2 encodings. `hasher` is for tests that must be quick."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()  # RFC 9106, the second choice: 64 MiB
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobody: str | None = None

    async def encode(self, password: str) -> str:
        """The encoding to keep. Raises BusyError."""
        return await self._in_turn(self._hasher.hash, _plain(password))

    async def check(self, encoded: str | None, password: str) -> bool:
        """Whether `password` is the one; None stands for nobody's and takes as long. BusyError."""
        if self._nobody is None:
            self._nobody = await self._in_turn(self._hasher.hash, secrets.token_urlsafe())
        right = await self._in_turn(self._verify, encoded or self._nobody, _plain(password))
        return right and encoded is not None

    def is_old(self, encoded: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(encoded)

    def _verify(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False

    async def _in_turn(self, work: Callable[..., _T], *given: str) -> _T:
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
