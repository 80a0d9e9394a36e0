"""Taking in: what a letter that arrived says, or why it is refused. Pure."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from html import escape
from itertools import islice

from gateway.mailbox import Content
from gateway.slip import parted
from gateway.words import folded
from tamizdat.digest import Digest, digest
from tamizdat.ports import Cleaner

MAX_HOPS = 30
"""`Received` lines; a letter with more goes in circles (RFC 5321 6.3)."""

MAX_PARTS = 100
MAX_TITLE = 500
MAX_AUTHOR = 100

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_ENTRIES = uuid.UUID("6f8e0a0e-6d0b-5a63-9d2e-1f0d4f9f4c11")
"""The namespace of entries that tell no urn of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A letter that may be kept: a digest of its Message-ID, and its entry."""

    message: Digest
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A letter that may not be kept: the SMTP answer that says why."""

    answer: str


def take(body: bytes, clean: Cleaner, now: datetime) -> Taken | Refused:
    """What the letter in `body` becomes."""
    try:
        message = message_from_bytes(body, EmailMessage, policy=default)
        refusal = _policy(message)
        return refusal or _taken(message, body, clean, now)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # the parser of the standard library raises all of these on hostile headers
        return Refused(answer="554 5.6.0 This letter cannot be read")


def _policy(message: EmailMessage) -> Refused | None:
    if str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower() != "no":
        return Refused(answer="554 5.7.1 Automatic answers are not taken")
    if message.get_content_type() == "multipart/report":
        return Refused(answer="554 5.7.1 Reports are not taken")
    if len(message.get_all("Received", [])) > MAX_HOPS:
        return Refused(answer="554 5.4.6 This letter goes in circles")
    if sum(1 for _ in islice(message.walk(), MAX_PARTS + 1)) > MAX_PARTS:
        return Refused(answer="554 5.6.0 This letter has too many parts")
    return None


def _taken(message: EmailMessage, body: bytes, clean: Cleaner, now: datetime) -> Taken | Refused:
    html = _html(message)
    if html is None:
        return Refused(answer="554 5.6.0 This letter has no text")
    name = str(message.get("Message-ID", "")).strip()
    key = digest(name.encode("utf-8", "surrogatepass") if name else body)
    safe = clean(html)
    found = parted(safe)
    content = Content(
        urn=found.claim.urn if found else uuid.uuid5(_ENTRIES, key).urn,
        revision=found.claim.revision if found else 0,
        title=folded(str(message.get("Subject", "")))[:MAX_TITLE] or "…",
        html=safe,
        author=_author(message),
        published=_date(message, now),
    )
    return Taken(message=key, content=content)


def _html(message: EmailMessage) -> str | None:
    part = message.get_body(("html", "plain"))
    if part is None:
        return None
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset("utf-8")
    try:
        text = raw.decode(charset, "replace")
    except LookupError:
        text = raw.decode("utf-8", "replace")
    text = _ILLEGAL.sub("", text)
    if part.get_content_type() == "text/html":
        return text
    paragraphs = re.split(r"\r?\n\s*\r?\n", text.strip())
    return "".join(f"<p>{escape(one).replace(chr(10), '<br>')}</p>" for one in paragraphs)


def _author(message: EmailMessage) -> str:
    """The sender's display name; never an address."""
    addresses = getattr(message.get("From"), "addresses", ())
    name = folded(str(addresses[0].display_name)) if addresses else ""
    return "" if "@" in name else name[:MAX_AUTHOR]


def _date(message: EmailMessage, now: datetime) -> datetime:
    """The date that the letter bears, never later than now."""
    text = str(message.get("Date", ""))
    try:
        named = parsedate_to_datetime(text).astimezone(UTC).replace(microsecond=0)
    except (ValueError, TypeError, OverflowError):
        return now
    return min(named, now) if named.year > 1971 else now  # noqa: PLR2004 - broken clocks
