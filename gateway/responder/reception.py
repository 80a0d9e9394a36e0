"""The reception: readers' mail comes in by SMTP, and nobody is told what becomes of it.

An answer to SMTP that tells a false sender from a true one would help whoever forges senders; a
refusal makes the server before us write to whom the mail names, and that may be a stranger. So
whatever is no protocol error is taken, and most of it dropped.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.dropbox import Envelope

TAKEN = "250 2.0.0 Taken"
FULL = "451 4.3.1 Too much at once, try again later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What is answered to each command; aiosmtpd finds these methods by name.

    `take` gets the mail's bytes and gives the answer. The envelope's sender is forgotten at once.
    """

    address: str
    take: Callable[[bytes], Awaitable[str]]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: object
    ) -> str:
        """The sender: a bounce asks for nothing."""
        if address in {"", "<>"}:
            return "554 5.7.1 Bounces are not taken"
        envelope.mail_from = "sender@invalid"  # the server asks for one
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: object
    ) -> str:
        """A recipient: our one address, once."""
        if address.lower() != self.address:
            return "550 5.1.1 No such mailbox here"
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient at a time"
        envelope.rcpt_tos.append("here")
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: object, envelope: Envelope
    ) -> str:
        """The mail."""
        body = envelope.content
        return await self.take(body) if isinstance(body, bytes) else TAKEN

    async def handle_exception(self, error: Exception) -> str:  # noqa: ARG002 - it tells of texts
        """A bug of ours: the mail is not lost, its sender will try again."""
        return "451 4.3.0 Something is wrong here, try again later"
