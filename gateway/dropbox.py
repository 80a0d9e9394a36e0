"""A drop box: a secret address at which texts come in by mail, for the newsroom alone."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

SILENT = "250 2.1.0 OK"
UNKNOWN = "550 5.1.1 No such mailbox here"


class Envelope(Protocol):
    """What is known of a letter while it comes in."""

    mail_from: str | None
    rcpt_tos: list[str]
    content: str | bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropBox:
    """What is answered to each command. `take` gets the letter's bytes and gives the answer.

    Who sends is not looked at and not kept. Only one address is known: to any other the answer
    is the same, and takes as long.
    """

    domain: str
    secret: str
    take: Callable[[bytes], Awaitable[str]]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: object
    ) -> str:
        """The sender: a bounce is no text."""
        if address in {"", "<>"}:
            return "554 5.7.1 Bounces are not taken"
        envelope.mail_from = "sender@invalid"  # the server asks for one; the real one is forgotten
        return SILENT

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: object
    ) -> str:
        """A recipient: ours, or nobody."""
        local, _, domain = address.rpartition("@")
        ours = hmac.compare_digest(local.lower().encode(), self.secret.lower().encode())
        if not ours or domain.lower() != self.domain.lower():
            return UNKNOWN
        envelope.rcpt_tos.append("here")
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: object, envelope: Envelope
    ) -> str:
        """The letter: `250` means that a draft lies safely here."""
        body = envelope.content
        if not isinstance(body, bytes):
            return "554 5.6.0 This letter cannot be read"
        return await self.take(body)

    async def handle_exception(self, error: Exception) -> str:  # noqa: ARG002 - it tells of texts
        """A bug of ours: the letter is not lost, its sender will try again."""
        return "451 4.3.0 Something is wrong here, try again later"
