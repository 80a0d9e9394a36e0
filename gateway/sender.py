"""The sender: hands letters to a gateway by SMTP, and says what came of each.

What the other side says in words is never kept: servers like to quote the address.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple, Protocol

import aiosmtplib
from aiosmtplib.errors import (
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from tamizdat.letter import Handed, Letter, Reply

SECONDS = 30
"""How long the other side may take for one answer."""

LETTER_SECONDS = 120
"""How long one letter may take in all."""

_TOO_BIG = 552
_PERMANENT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Where letters to one gateway go. `to` and `sender` are addresses and never logged."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"]
    to: str
    sender: str
    max_bytes: int
    trust: ssl.SSLContext | None = None


Wanted = Callable[[Letter], bool]
"""Whether a letter may still go; asked when its turn comes."""


class Parcel(Protocol):
    """A mail and who gets it."""

    @property
    def to(self) -> str:
        """The recipient, never logged."""
        ...

    @property
    def body(self) -> bytes:
        """The whole mail."""
        ...

    def wanted(self) -> bool:
        """Whether it may still go; asked when its turn comes."""
        ...


class _Sheet(NamedTuple):
    to: str
    body: bytes
    wanted: Callable[[], bool]


async def send(
    post: Post, letters: Sequence[Letter], wanted: Wanted = lambda _: True
) -> Sequence[Handed]:
    """Hand `letters` over in one connection where it holds; one answer for each."""
    return await forward(post, [_Sheet(post.to, one.body, partial(wanted, one)) for one in letters])


async def forward(post: Post, parcels: Sequence[Parcel]) -> Sequence[Handed]:
    """Hand mails over, each to a recipient of its own; the `to` of `post` is not used."""
    answers: list[Handed] = []
    client: aiosmtplib.SMTP | None = None
    try:
        for parcel in parcels:
            _heed()
            if not parcel.wanted():
                answers.append(Handed(reply=Reply.NEVER, detail="withdrawn"))
                continue
            if len(parcel.body) > post.max_bytes:
                answers.append(Handed(reply=Reply.TOO_BIG, detail="ours"))
                continue
            if client is None or not client.is_connected:
                client = await _connected(post)
            answers.append(await _one(client, post, parcel))
    except asyncio.CancelledError:  # we are to stop now: no time for good-byes
        if client is not None:
            client.close()
            client = None
        raise
    except (SMTPException, OSError, TimeoutError, ValueError):
        rest = len(parcels) - len(answers)
        answers.extend([Handed(reply=Reply.LATER, detail="no connection")] * rest)
    finally:
        if client is not None:
            await _ended(client)
    _heed()
    return answers


async def _connected(post: Post) -> aiosmtplib.SMTP:
    client = aiosmtplib.SMTP(
        hostname=post.host,
        port=post.port,
        timeout=SECONDS,
        use_tls=post.tls == "tls",
        start_tls=post.tls == "starttls",
        tls_context=post.trust,
        local_hostname="localhost",
    )
    try:
        async with asyncio.timeout(SECONDS):
            await client.connect(timeout=None)  # no `wait_for` within: see `_heed`
            await client.ehlo(timeout=None)
    except BaseException:
        client.close()
        raise
    return client


def _heed() -> None:
    """Stop where we were told to: the `wait_for` of Python 3.11 may lose a cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _one(client: aiosmtplib.SMTP, post: Post, parcel: Parcel) -> Handed:
    try:
        async with asyncio.timeout(LETTER_SECONDS):
            size = _announced(client)
            if size is not None and 0 < size < len(parcel.body):
                return Handed(reply=Reply.TOO_BIG, detail="announced")
            options = [] if size is None else [f"SIZE={len(parcel.body)}"]
            await client.mail(post.sender, options=options)
            await client.rcpt(parcel.to)
            return await _content(client, parcel.body)
    except (SMTPSenderRefused, SMTPRecipientRefused, SMTPResponseException) as error:
        answer = _refused(error.code)
        await _start_over(client)
        return answer
    except (SMTPException, OSError, TimeoutError):
        client.close()
        return Handed(reply=Reply.LATER, detail="cut off")


async def _content(client: aiosmtplib.SMTP, body: bytes) -> Handed:
    """The letter itself: from here on, a lost connection leaves open whether it was taken."""
    try:
        answer = await client.data(body)
    except (SMTPServerDisconnected, OSError, TimeoutError):
        client.close()
        return Handed(reply=Reply.UNSURE, detail="cut off")
    except SMTPResponseException as error:
        await _start_over(client)
        return _refused(error.code)
    except SMTPException:
        client.close()
        return Handed(reply=Reply.UNSURE, detail="cut off")
    return Handed(reply=Reply.TAKEN, detail=str(answer.code))


def _announced(client: aiosmtplib.SMTP) -> int | None:
    """The size that the other side takes: 0 where it names none, None where it knows no SIZE."""
    if not client.supports_extension("size"):
        return None
    word = client.esmtp_extensions.get("size", "")
    return int(word) if word.isdigit() else 0


def _refused(code: int) -> Handed:
    if code == _TOO_BIG:
        return Handed(reply=Reply.TOO_BIG, detail=str(code))
    if code < 0:
        return Handed(reply=Reply.UNSURE, detail="no answer")
    reply = Reply.NEVER if code >= _PERMANENT else Reply.LATER
    return Handed(reply=reply, detail=str(code))


async def _start_over(client: aiosmtplib.SMTP) -> None:
    try:
        async with asyncio.timeout(SECONDS):
            await client.rset()
    except (SMTPException, OSError, TimeoutError):
        client.close()


async def _ended(client: aiosmtplib.SMTP) -> None:
    try:
        async with asyncio.timeout(SECONDS):
            if client.is_connected:
                await client.quit()
    except (SMTPException, OSError, TimeoutError):
        pass
    finally:
        client.close()
