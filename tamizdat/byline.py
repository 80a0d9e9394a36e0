"""A byline: one author's name, and what became of it when it was switched."""

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from typing import Protocol

from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.progress import CONSOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """What was changed: released articles, drafts, and texts that still speak the name.

    Where `mentioned` names a text, the name stands in its words: an editor must decide there.
    `waits` says why nothing was changed yet.
    """

    articles: tuple[ArticleId, ...] = ()
    drafts: tuple[ArticleId, ...] = ()
    mentioned: tuple[ArticleId, ...] = ()
    waits: str = ""


class Bylines(Protocol):
    """The safety switch for one author."""

    async def switch(self, name: str, to: str = "", person: int = CONSOLE) -> Switched:
        """Sign all that `name` signed with `to` (empty: with nothing), from now on, everywhere.

        A new name waits for a second person where approvals are asked for. ConfigError where one
        of the names is none.
        """
        ...


def same(name: str) -> str:
    """The name, however it is spelled: capitals, spaces and composed letters do not matter."""
    folded = unicodedata.normalize("NFC", name).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def hidden(salt: bytes, name: str) -> Digest:
    """What the ledger keeps of a name that is gone: nobody reads it back, and it is known again."""
    mac = hmac.new(salt, f"byline\0{same(name)}".encode("utf-8", "surrogatepass"), hashlib.sha256)
    return Digest(mac.hexdigest())


def signed(authors: tuple[str, ...], name: str, to: str) -> tuple[str, ...]:
    """The authors with `to` in the place of `name`; nobody twice."""
    changed = (to if same(one) == same(name) else one for one in authors)
    return tuple(dict.fromkeys(one for one in changed if one))
