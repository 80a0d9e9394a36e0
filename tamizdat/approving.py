"""Approving: what people may do with a story between its author's last word and readers."""

from dataclasses import dataclass
from typing import Literal, Protocol

from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.moves import Move
from tamizdat.progress import Policy
from tamizdat.story import Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One text of a story, as its parts are compared: a line or a paragraph each."""

    title: str
    summary: str
    authors: str
    correction: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What an approver reads: the text as it is, beside an earlier one.

    `since` tells which: what approval was `asked` for before, what is `out`, or nothing. Who
    approves says so of `content`.
    """

    content: Digest
    now: Version
    before: Version | None
    since: Literal["asked", "out", "nothing"]


class Approving(Protocol):
    """Four eyes and clocks. ConfigError says in one line why a move may not be made."""

    async def policy(self) -> Policy:
        """What this newsroom asks for now."""
        ...

    async def move(self, article: ArticleId, *moves: Move) -> Story:
        """Make these moves, all or none, and release the story where they bring it out."""
        ...

    async def compared(self, article: ArticleId) -> Comparison | None:
        """What an approver compares; None where nothing is written."""
        ...
