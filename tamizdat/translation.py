"""A translation: a story that says in another language what its original says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tamizdat.approving import Version
from tamizdat.article import ArticleId
from tamizdat.digest import Digest
from tamizdat.state import StoryState
from tamizdat.story import Story


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """`article` translates `original`. `seen` is the blob of what that said when they agreed last.

    No byline is in that blob: a name that is taken out everywhere must not stay there.
    """

    article: ArticleId
    original: ArticleId
    seen: Digest


class Translations(Protocol):
    """Which story translates which, in the ledger."""

    async def of(self, article: ArticleId) -> Translation | None:
        """What this story translates; None where it is no translation."""
        ...

    async def into(self, original: ArticleId) -> Sequence[Translation]:
        """All translations of a story, by their ids."""
        ...

    async def all(self) -> Sequence[Translation]:
        """Every translation, by its id."""
        ...

    async def note(self, one: Translation) -> None:
        """Keep this; it replaces what was kept of the same story."""
        ...

    async def forget(self, article: ArticleId) -> None:
        """Forget it as a translation and as an original."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """A story in one of its languages. `then` and `now` tell the original, where it moved on.

    Both are None in the original itself, and in a translation that says what it says. `content`
    names what the original says now.
    """

    article: ArticleId
    language: str
    state: StoryState
    is_original: bool
    content: Digest
    then: Version | None = None
    now: Version | None = None


class Translating(Protocol):
    """Stories in several languages. ConfigError says in one line why something may not be done."""

    async def tongues(self, article: ArticleId) -> Sequence[Tongue]:
        """The story in each language it has, the original first; it alone where it has no other."""
        ...

    async def translate(self, article: ArticleId, language: str, person: int) -> Story:
        """The story in `language`: what there is, else a draft that begins with the original."""
        ...

    async def agree(self, article: ArticleId, content: Digest) -> None:
        """A translator says that this says again what its original says: `content`, as seen."""
        ...
