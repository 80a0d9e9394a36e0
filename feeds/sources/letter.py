"""A letter (mail) to the newsroom: the texts in it, and nothing of who sent it."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from email.policy import default
from html import escape
from itertools import islice

from feeds.incoming import Arrival, Incoming, PictureSource, SetAside
from feeds.letters import legal, line
from feeds.sources import docx, folder, html
from feeds.sources.front_matter import part as parted
from tamizdat.digest import digest
from tamizdat.errors import SourceError

KIND = "letter"
MAX_PARTS = 100
MAX_TITLE = 500

_BLANK_LINE = re.compile(r"\r?\n[ \t]*\r?\n")
_QUOTED = re.compile(r"\A(?:\s*(?:re|fwd?|aw|wg|sv|vs|tr|rv)\s*:)+", re.IGNORECASE)
_PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
_HOSTILE = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What the parser of the standard library raises on hostile headers."""


def read(body: bytes) -> Iterator[Arrival]:
    """The documents that came with the letter in `body`, else its own text with its pictures.

    Beside a document the letter's text is a note to the desk, and tells of who wrote it: it is not
    taken. Nothing of its headers is, but for the subject. Raises SourceError where it is no letter.
    """
    try:
        message = message_from_bytes(body, EmailMessage, policy=default)
        parts = _parts(message)
        key = digest(str(message.get("Message-ID", "")).strip().encode("utf-8", "replace") or body)
        documents = [one for one in parts if _suffix(one) in _TAKEN]
        found = [_document(one, f"{key}/{n}") for n, one in enumerate(documents)]
        own = _own(message, key, parts)
    except SourceError:
        raise
    except _HOSTILE as error:
        raise SourceError("cannot be read as a letter") from error
    if not found and own is None:
        raise SourceError("holds no text")
    yield from found or [own] if own else found


def _parts(message: EmailMessage) -> list[EmailMessage]:
    found = list(islice(message.walk(), MAX_PARTS + 1))
    if len(found) > MAX_PARTS:
        raise SourceError("has too many parts")
    return found


def _own(message: EmailMessage, key: str, parts: list[EmailMessage]) -> Incoming | None:
    """What the letter itself says."""
    text = message.get_body(("html", "plain"))
    if text is None:
        return None
    markup = _text(text)
    if text.get_content_type() != "text/html":
        markup = "".join(f"<p>{escape(one)}</p>" for one in _BLANK_LINE.split(markup.strip()))
    pictures = [one for one in parts if one.get_content_type() in _PICTURES]
    shown = {_name(one) for one in pictures if _name(one) and f"cid:{_name(one)}" in markup}
    rest = "".join(
        f'<figure><img src="part:{n}"></figure>'
        for n, one in enumerate(pictures)
        if _name(one) not in shown
    )
    subject = _QUOTED.sub("", line(str(message.get("Subject", ""))[:MAX_TITLE]))
    return Incoming(
        kind=KIND,
        key=key,
        title=line(subject),
        html=markup + rest,
        pictures=_pictures(pictures),
    )


def _document(part: EmailMessage, key: str) -> Arrival:
    """A document that is attached; its name stays out of everything."""
    suffix = _suffix(part)
    label = f"attached {suffix}"
    if suffix in docx.OTHERS:
        return SetAside(kind=KIND, label=label, reason=docx.OTHERS[suffix])
    body = _bytes(part)
    try:
        if suffix in docx.SUFFIXES:
            return docx.document(body, key=key)
        if suffix in {".md", ".markdown"}:
            found = parted(body.decode("utf-8"))
            title = found.matter.title
            return Incoming(kind=KIND, key=key, title=title, html=folder.html(found.text))
        return html.page(body, key=key)
    except UnicodeDecodeError:
        return SetAside(kind=KIND, label=label, reason="is not UTF-8: save it as UTF-8")
    except SourceError as error:
        return SetAside(kind=KIND, label=label, reason=str(error))


_TAKEN = frozenset({*docx.SUFFIXES, *docx.OTHERS, ".md", ".markdown", ".html", ".htm"})


def _suffix(part: EmailMessage) -> str:
    name = part.get_filename() or ""
    dot = name.rfind(".")
    return name[dot:].lower() if dot > 0 else ""


def _name(part: EmailMessage) -> str:
    return str(part.get("Content-ID", "")).strip(" <>")


def _bytes(part: MIMEPart) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: MIMEPart) -> str:
    try:
        return legal(_bytes(part).decode(part.get_content_charset("utf-8"), "replace"))
    except LookupError:
        return legal(_bytes(part).decode("utf-8", "replace"))


def _pictures(parts: list[EmailMessage]) -> PictureSource:
    """Gives the pictures of the letter, by their Content-ID or their place."""
    named = {f"cid:{_name(one)}": one for one in parts if _name(one)}
    named |= {f"part:{n}": one for n, one in enumerate(parts)}

    def give(src: str) -> bytes | None:
        found = named.get(src.strip())
        return None if found is None else _bytes(found)

    return give
