"""An envelope: an answer as a mail, its bytes those of its arguments alone. Pure."""

import base64
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime

from gateway.header import encoded
from gateway.responder.answer import Answer, Enclosed
from gateway.responder.own_key import Pair

_END = "\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A mail and who gets it: kept in memory until the relay has it, and nowhere else."""

    to: str
    body: bytes

    def wanted(self) -> bool:
        """Whether it may still go: an answer may, always."""
        return True

    def signed_by(self, pair: Pair, domain: str) -> "Posted":
        """The same, signed for our domain."""
        return Posted(to=self.to, body=pair.signed(self.body, domain))


def enveloped(
    answer: Answer, *, to: str, reply_to: str | None, ours: str, token: str, day: date
) -> Posted:
    """The mail that carries `answer`.

    `reply_to` is the id of the mail that asked, `token` a mark that is used once. The time of day
    is not told.
    """
    midnight = datetime.combine(day, time(), UTC)
    head = [
        f"From: {ours}",
        f"To: {to}",
        f"Subject: {encoded(answer.subject)}",
        f"Date: {format_datetime(midnight)}",
        f"Message-ID: <{token}@{ours.rpartition('@')[2]}>",
        *((f"In-Reply-To: {reply_to}", f"References: {reply_to}") if reply_to else ()),
        "Auto-Submitted: auto-replied",
        f"Content-Language: {answer.language}",
        "MIME-Version: 1.0",
    ]
    plain = [
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
    ]
    text = lined(answer.text.replace("\n", _END).encode())
    if answer.enclosed is None:
        return Posted(to=to, body=_headed([*head, *plain]) + text)
    return Posted(to=to, body=_with_file(answer.enclosed, head, plain, text, f"={token}"))


def lined(body: bytes) -> bytes:
    """Base64 in lines."""
    return base64.encodebytes(body).replace(b"\n", b"\r\n")


def _with_file(
    file: Enclosed, head: list[str], plain: list[str], text: bytes, boundary: str
) -> bytes:
    border = f"--{boundary}{_END}".encode()
    return b"".join(
        (
            _headed([*head, f'Content-Type: multipart/mixed; boundary="{boundary}"']),
            border,
            _headed(plain),
            text,
            border,
            _headed(
                [
                    f'Content-Type: {file.media_type}; name="{file.name}"',
                    f'Content-Disposition: attachment; filename="{file.name}"',
                    "Content-Transfer-Encoding: base64",
                ]
            ),
            file.lines,
            f"--{boundary}--{_END}".encode(),
        )
    )


def _headed(lines: list[str]) -> bytes:
    return _END.join((*lines, "", "")).encode("ascii")
