"""A mailbox: its two ids, and an entry as it is kept. Pure but for the ids' randomness.

Who knows the write id can put letters in; who knows the read id can read. Neither tells the other,
and both are kept as digests only.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from tamizdat import canonical
from tamizdat.article import SafeHtml
from tamizdat.digest import Digest, digest
from tamizdat.errors import FormatError
from tamizdat.letters import Mailbox

ID_BYTES = 20
"""160 random bits in 32 characters."""

MAX_LABEL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """What is told once, when a mailbox is opened. `write` is the local part of its address."""

    write: str
    read: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """An entry, as its feed shows it. `revision` is 0 where the letter told none."""

    urn: str
    revision: int
    title: str
    html: SafeHtml
    author: str
    published: datetime


def new_ids() -> Ids:
    """Two ids that nobody can guess."""
    return Ids(write=_random(), read=_random())


def hidden(identifier: str) -> Digest:
    """An id as it is kept. Letter case does not count: mail programs change it."""
    return digest(identifier.lower().encode("utf-8", "surrogatepass"))


def fresh(ids: Ids, label: Digest, opened: datetime, *, keep_all: bool) -> Mailbox:
    """A new mailbox; the ledger gives its number."""
    return Mailbox(
        number=0,
        write=hidden(ids.write),
        read=hidden(ids.read),
        label=label,
        keep_all=keep_all,
        opened=opened,
    )


def encode(content: Content) -> bytes:
    """The entry for the blobs."""
    return canonical.encode(
        {
            "urn": content.urn,
            "revision": content.revision,
            "title": content.title,
            "html": content.html,
            "author": content.author,
            "published": int(content.published.timestamp()),
        }
    )


def decode(body: bytes) -> Content:
    """The entry in `body`, which `encode` made; FormatError where it did not."""
    found = cast("dict[str, object]", canonical.decode(body, "entry"))
    try:
        return Content(
            urn=cast("str", found["urn"]),
            revision=cast("int", found["revision"]),
            title=cast("str", found["title"]),
            html=SafeHtml(cast("str", found["html"])),
            author=cast("str", found["author"]),
            published=datetime.fromtimestamp(cast("int", found["published"]), UTC),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError("entry", digest(body)[:12], "is no entry of ours") from error


def _random() -> str:
    return base64.b32encode(secrets.token_bytes(ID_BYTES)).decode().lower()
